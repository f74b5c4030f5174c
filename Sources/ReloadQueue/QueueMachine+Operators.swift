import Vocabulary

extension QueueMachine {
    /// Starts now what is pending: ends quiet period, load cost, `wait_for_all`, `min_interval` and back-off, but not a
    /// `Retry-After`, a running load or a hold (product.md §4). Nothing pending: does nothing.
    package mutating func flush(_ name: String, at now: Now) throws(QueueError) -> [Action] {
        let found = try places(named: name)
        if let first = found.first, models[first].held { throw .held(name) }
        for place in found where models[place].pending != nil && !models[place].held {
            hasten(place, .flush, at: now)
            record(.flushed(models[place].reference))
            settle(place, at: now)
        }
        return commit(at: now)
    }

    /// Keeps taking changes in, starts no load.
    package mutating func hold(_ name: String, at now: Now) throws(QueueError) -> [Action] {
        for place in try places(named: name) where !models[place].held {
            models[place].held = true
            journal?.note(.held(models[place].reference))
            record(.held(models[place].reference))
            settle(place, at: now)
        }
        return commit(at: now)
    }

    /// Ends a hold; what is overdue starts at once.
    package mutating func release(_ name: String, at now: Now) throws(QueueError) -> [Action] {
        for place in try places(named: name) where models[place].held {
            models[place].held = false
            journal?.note(.released(models[place].reference))
            models[place].unreadyAt = now.monotonic
            record(.released(models[place].reference))
            settle(place, at: now)
        }
        return commit(at: now)
    }

    /// A change by hand: waits as any other.
    package mutating func reload(
        _ name: String,
        _ selectors: SelectorSet,
        at now: Now
    ) throws(QueueError) -> (JobID, [Action]) {
        guard let place = try places(named: name).first else { throw .unknownModel(name) }
        let change = ModelChanges(model: models[place].reference, selectors: selectors)
        let (admission, actions) = changesArrived(event: nil, [change], at: now)
        switch admission {
        case .admitted(let changes):
            guard let change = changes.first else { throw .noTables }
            return (change.job, actions)
        case .refused(.draining): throw .draining
        case .refused(.full): throw .full(name)
        case .refused(.unknownModel): throw .unknownModel(name)
        case .refused(.unwritable): throw .unwritable
        }
    }

    /// Makes a failed job pending again, culprits included, and due at once; it has all of `give_up_after` again.
    package mutating func retry(_ id: JobID, at now: Now) throws(QueueError) -> [Action] {
        guard case .running = drain else { throw .draining }
        var (place, failed) = try takeFailed(id, at: now)
        failed.job.forgiveFailures()
        var pending = Pending(job: failed.job, changes: failed.changes)
        pending.urgency = Urgency(kind: .retry, at: now.monotonic)
        giveBack(pending, place, at: now)
        settle(place, at: now)
        return commit(at: now)
    }

    /// Ends a failed job without a load.
    package mutating func discard(_ id: JobID, at now: Now) throws(QueueError) -> [Action] {
        if isOver { throw .draining }
        let (place, failed) = try takeFailed(id, at: now)
        end(failed.job, .discarded, failed.changes.selectors, "discarded by hand", at: now)
        settle(place, at: now)
        return commit(at: now)
    }

    private mutating func takeFailed(_ id: JobID, at now: Now) throws(QueueError) -> (Int, FailedJob) {
        guard let state = job(id, at: now)?.state else { throw .unknownJob(id) }
        guard let place = openJobs[id], let index = models[place].failed.firstIndex(where: { $0.job.id == id }) else {
            throw .notFailed(id, state)
        }
        return (place, models[place].failed.remove(at: index))
    }

    /// Ends every wait of the pending set that is ours to end; Celonis's own `Retry-After` stays a bound.
    mutating func hasten(_ place: Int, _ kind: Urgency.Kind, at now: Now) {
        guard let pending = models[place].pending else { return }
        let urgency = Urgency(kind: kind, at: now.monotonic)
        models[place].pending?.urgency = Urgency.stronger(pending.urgency, urgency)
        let bound = pending.notBefore ?? .distantPast
        models[place].pending?.retryAt = bound > now.monotonic ? bound : nil
        if case .polling(var polling) = models[place].phase {
            polling.until = min(polling.until, max(now.monotonic, polling.notBefore ?? .distantPast))
            models[place].phase = .polling(polling)
        }
    }

    /// The configured model of that name first; beside it one that was removed and still has changes (queue.md Q24).
    func places(named name: String) throws(QueueError) -> [Int] {
        if isOver { throw .draining }
        let found = models.indices.filter { !models[$0].vacant && models[$0].reference.name == name }
        if found.isEmpty { throw .unknownModel(name) }
        return found.filter { !models[$0].removed } + found.filter { models[$0].removed }
    }
}
