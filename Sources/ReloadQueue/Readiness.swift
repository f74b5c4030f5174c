import Vocabulary

/// When a model's pending changes may start, as far as time decides it, and why.
struct Due {
    var time: MonotonicTime
    var reason: StartReason
    /// Members of a `wait_for_all` set that were let go by then are part of the load; later ones are not.
    var horizon: MonotonicTime
}

extension QueueMachine {
    /// nil when nothing is pending. What time does not decide (hold, breaker, slots, a running load) is not in here.
    /// Reads of the model what it needs: every event asks this, and a copy of all of a model costs more than the answer.
    func due(_ place: Int, at now: Now) -> Due? {
        guard let changes = models[place].pending?.changes else { return nil }
        let retryAt = models[place].pending?.retryAt
        let minInterval = models[place].policy.minInterval
        let afterInterval = models[place].lastStart.map { $0.after(minInterval) } ?? .distantPast
        switch models[place].pending?.urgency {
        case .some(let urgency) where urgency.kind == .flush || urgency.kind == .drain:
            let time = max(urgency.at, retryAt ?? .distantPast)
            return Due(time: time, reason: urgency.kind == .flush ? .flush : .drain, horizon: .distantFuture)
        case .some(let urgency):
            let time = max(retryAt ?? urgency.at, afterInterval)
            return Due(time: time, reason: .retry, horizon: now.monotonic)
        case nil:
            if let retryAt {
                let time = max(retryAt, afterInterval)
                return Due(time: time, reason: .retry, horizon: now.monotonic)
            }
            // A policy is copied only for what needs all of it.
            var due =
                models[place].policy.waitForAll.isEmpty
                ? models[place].policy.start.due(changes.tally, horizon: .distantPast)
                : models[place].policy.due(changes, at: now.monotonic)
            due.time = max(due.time, afterInterval)
            return due
        }
    }
}

extension ModelPolicy {
    /// The earliest instant at which some part of the set is due. The members of a `wait_for_all` are let go one set
    /// after the other; each set makes the part larger, which may move its quiet period. Of the parts that are due by
    /// now, it is the largest.
    func due(_ changes: ChangeSet, at now: MonotonicTime) -> Due {
        let waits = waits(in: changes)
        if waits.isEmpty { return start.due(changes.tally, horizon: .distantPast) }
        var groups: [MonotonicTime: [Change]] = [:]
        for (selector, change) in changes.changes {
            groups[change.waits ? waits[selector] ?? .distantPast : .distantPast, default: []].append(change)
        }
        let instants = groups.keys.sorted()
        var part = Tally()
        var earliest: Due?
        for (index, instant) in instants.enumerated() {
            for change in groups[instant] ?? [] { part.add(change) }
            var due = start.due(part, horizon: instant)
            if due.time < instant {
                due.time = instant
                due.reason = .waitForAll
            }
            let comesBeforeTheNext = index + 1 == instants.count || due.time < instants[index + 1]
            if due.time <= now || (earliest == nil && comesBeforeTheNext) { earliest = due }
        }
        return earliest ?? start.due(part, horizon: .distantFuture)
    }

    /// Until when the members of incomplete sets wait: the set's first change + `at_most`; the members of complete ones
    /// are let go. Of several sets the first that lets a member go counts; `*` lets everything go (product.md §2.3).
    func waits(in changes: ChangeSet) -> [Selector: MonotonicTime] {
        if waitForAll.isEmpty || changes.isEverything { return [:] }
        var waits: [Selector: MonotonicTime] = [:]
        for set in waitForAll {
            let members = Set(set.tables.map(Selector.table))
            let changed = members.filter { changes.changes[$0] != nil }
            let first = changed.compactMap { changes.changes[$0] }.filter(\.waits).map(\.since).min()
            guard let first else { continue }
            let until = changed.count == members.count ? .distantPast : first.after(set.atMost)
            for member in changed { waits[member] = min(waits[member] ?? .distantFuture, until) }
        }
        return waits
    }

    /// Takes out of the set what is part of a load with this horizon.
    func takePart(of changes: inout ChangeSet, horizon: MonotonicTime) -> ChangeSet {
        let waits = waits(in: changes)
        if waits.isEmpty {
            defer { changes = ChangeSet() }
            return changes
        }
        return changes.split { selector, change in !change.waits || (waits[selector] ?? .distantPast) <= horizon }
    }
}

extension ModelPolicy.Start {
    /// The quiet period or the load cost, bounded by max_wait.
    fileprivate func due(_ tally: Tally, horizon: MonotonicTime) -> Due {
        let (time, reason): (MonotonicTime, StartReason) =
            switch self {
            case .debounce(let quiet): (tally.last.after(quiet), .quiet)
            case .loadCost(let cost): (tally.reaches(cost), .loadCost)
            }
        return time <= tally.deadline
            ? Due(time: time, reason: reason, horizon: horizon)
            : Due(time: tally.deadline, reason: .maxWait, horizon: horizon)
    }
}
