import Vocabulary

extension QueueMachine {
    var isOver: Bool {
        if case .over = drain { true } else { false }
    }

    var isDraining: Bool {
        switch drain {
        case .running: false
        case .draining, .over: true
        }
    }

    /// Takes nothing in any more, flushes what is pending and watches what loads, until all is done or the timeout is
    /// over (queue.md Q7); then `.drained` names what is left. A second call may only shorten the first.
    package mutating func beginDrain(timeout: Duration, at now: Now) -> [Action] {
        let end = now.monotonic.after(timeout)
        switch drain {
        case .over:
            return []
        case .draining(let until):
            drain = .draining(until: min(until, end))
        case .running:
            drain = .draining(until: end)
            for place in models.indices where models[place].pending != nil {
                hasten(place, .drain, at: now)
                settle(place, at: now)
            }
        }
        return commit(at: now)
    }

    /// Ends the drain when its time is over, or when nothing is loading and what is pending is on hold.
    mutating func endDrainIfDone(at now: Now) {
        guard case .draining(let until) = drain else { return }
        let inTime = until > now.monotonic
        if inTime && (usedSlots > 0 || !ready.isEmpty || models.contains { $0.pending != nil && !$0.held }) { return }
        drain = .over
        emit(.drained(models.flatMap { lost(of: $0) }))
    }

    private func lost(of model: Model) -> [LostChange] {
        func name(_ job: Job, _ changes: ChangeSet, _ reason: String) -> [LostChange] {
            changes.selectors.texts.map {
                LostChange(model: model.reference, job: job.id, table: $0, reason: reason)
            }
        }
        var lost: [LostChange] = []
        for failed in model.failed {
            lost += name(failed.job, failed.changes, "its load failed: \(failed.job.error ?? "")")
        }
        if case .loading(let loading) = model.phase {
            lost += name(loading.job, loading.changes, "its load was not seen to end in time")
        }
        if let pending = model.pending {
            let scopes = [BreakerScope.credentials, .pool(model.reference.poolID)]
            let refusal = scopes.compactMap { breakers[$0]?.message }.first
            let reason =
                if model.held {
                    "the model is on hold"
                } else if let refusal {
                    "Celonis refuses: \(refusal)"
                } else if pending.retryAt != nil {
                    "its last attempt failed: \(pending.job.error ?? "")"
                } else {
                    "its load was not started in time"
                }
            lost += name(pending.job, pending.changes, reason)
        }
        return lost
    }
}
