import Vocabulary

extension QueueMachine {
    /// Brings a model's place in the heaps and its recorded state up to date. Called after whatever touched it.
    /// - Returns: when its pending changes are due.
    @discardableResult
    mutating func settle(_ place: Int, at now: Now) -> Due? {
        let due = due(place, at: now)
        schedule(place, due, at: now)
        recordState(place, due, at: now)
        removeIfDone(place, at: now)
        return due
    }

    private mutating func schedule(_ place: Int, _ due: Due?, at now: Now) {
        ready.remove(place)
        // What completes a set, or is changed by hand, can make it due in hindsight: it was not ready while it awaited a
        // later time.
        if let awaited = deadlines.time(of: place), awaited > now.monotonic { models[place].unreadyAt = now.monotonic }
        deadlines.remove(place)
        guard let due, due.time <= now.monotonic, mayBeReady(place) else {
            models[place].readySince = nil
            models[place].unreadyAt = now.monotonic
            if let due, mayBeReady(place) { deadlines.set(place, to: due.time) }
            return
        }
        let since = models[place].readySince ?? max(due.time, models[place].unreadyAt)
        models[place].readySince = since
        switch models[place].phase {
        case .idle:
            ready.set(place, to: since)
        case .polling(let polling) where polling.until > now.monotonic:
            deadlines.set(place, to: polling.until)
        case .polling:
            look(place, slot: false, at: now)
        case .looking, .loading:
            // Its answer or its end decides next.
            break
        }
    }

    /// Whether nothing but time, slots and somebody else's load is in the way.
    private func mayBeReady(_ place: Int) -> Bool {
        if case .loading = models[place].phase { return false }
        return !models[place].held && !isBlocked(place)
    }

    /// Tells the open job's state when it is another than the one told last.
    private mutating func recordState(_ place: Int, _ due: Due?, at now: Now) {
        guard let state = pendingState(place, due, at: now), models[place].notes(state), tellsOfJobs,
            let pending = models[place].pending
        else { return }
        let reason =
            switch state {
            case .held: "the model is on hold"
            case .retrying: "an attempt failed: \(pending.job.error ?? "")"
            case .ready: "due by \(due?.reason.rawValue ?? "")"
            case .waiting, .loading, .failed, .ended: "changed tables wait"
            }
        record(.job(pendingSnapshot(pending, state, place, inOrder: false, at: now), reason: reason))
    }

    /// The state of the open job (product.md §4), which is due then; nil when there is none.
    func pendingState(_ place: Int, _ due: Due?, at now: Now) -> JobState? {
        guard let due else { return nil }
        if models[place].held { return .held }
        if models[place].pending?.retryAt != nil { return .retrying }
        return due.time <= now.monotonic ? .ready : .waiting
    }

    func pendingSnapshot(
        _ pending: Pending,
        _ state: JobState,
        _ place: Int,
        inOrder: Bool = true,
        at now: Now
    ) -> JobSnapshot {
        pending.job.snapshot(
            state,
            selectors: pending.changes.selectors,
            inOrder: inOrder,
            loadAt: loadAt(place, due(place, at: now), now),
            waitingFor: waitingFor(place, state, at: now)
        )
    }

    /// What keeps the open job from starting, for people.
    func waitingFor(_ place: Int, _ state: JobState, at now: Now) -> String? {
        let model = models[place]
        switch state {
        case .held: return "the hold to be released"
        case .retrying: return "the end of the back-off"
        case .waiting:
            guard let due = due(place, at: now) else { return nil }
            let isInterval = model.lastStart?.after(model.policy.minInterval) == due.time
            return isInterval ? "min_interval since the last start" : due.reason.awaited
        case .ready:
            if isBlocked(place) { return "Celonis to accept our requests again" }
            switch model.phase {
            case .loading: return "the running load to end"
            case .polling(let polling):
                if let refusal = polling.refusal {
                    return "Celonis to take the load, which it calls one too many: \(refusal)"
                }
                return polling.busyLooks > 0 ? "a load that somebody else started to end" : "last-load to be readable"
            case .looking: return "the look at last-load"
            case .idle: return "a free slot (celonis.max_concurrent_loads)"
            }
        case .loading, .failed, .ended: return nil
        }
    }

    /// Asks for one look at last-load; with a slot, the load that may follow has its place already.
    mutating func look(_ place: Int, slot: Bool, probe: BreakerScope? = nil, at now: Now) {
        var looking = Looking(slot: slot, probe: probe)
        if case .polling(let polling) = models[place].phase { looking.earlier = polling }
        if slot { usedSlots += 1 }
        ready.remove(place)
        models[place].phase = .looking(looking)
        emit(.look(models[place].reference))
    }
}
