import Vocabulary

/// One selector of one model, changed and not yet loaded.
struct Change {
    /// When it became pending; survives failed attempts.
    var since: MonotonicTime
    /// The last event that named it.
    var last: MonotonicTime
    /// `since` + the `max_wait` of that moment; never moved (queue.md Q10).
    var deadline: MonotonicTime
    /// The write that puts it on disk; 0 where there is no journal, or it came from there.
    var write: UInt64 = 0
    var unknown: UnknownTables
    /// Whether `wait_for_all` applies; not to what was in a load already.
    var waits: Bool

    /// The same selector in two sets that become one.
    func merged(with other: Change) -> Change {
        Change(
            since: min(since, other.since),
            last: max(last, other.last),
            deadline: min(deadline, other.deadline),
            write: max(write, other.write),
            unknown: max(unknown, other.unknown),
            waits: waits && other.waits
        )
    }
}

/// What a deadline needs to know of a set of changes, kept up to date so that an event costs no walk over the set.
struct Tally {
    private(set) var count = 0
    /// Exact for any number of changes and any uptime.
    private var sinceSum: Int128 = 0
    private(set) var first = MonotonicTime.distantFuture
    var last = MonotonicTime.distantPast
    private(set) var deadline = MonotonicTime.distantFuture

    mutating func add(_ change: Change) {
        count += 1
        sinceSum += Int128(change.since.nanoseconds)
        first.nanoseconds = min(first.nanoseconds, change.since.nanoseconds)
        last.nanoseconds = max(last.nanoseconds, change.last.nanoseconds)
        deadline.nanoseconds = min(deadline.nanoseconds, change.deadline.nanoseconds)
    }

    /// When the changes have together waited `cost` (queue.md Q26): count × t − Σ since = cost, to the nanosecond and
    /// never rounded up.
    func reaches(_ cost: Duration) -> MonotonicTime {
        if count == 0 { return .distantFuture }
        return MonotonicTime(nanoseconds: Int64(clamping: (sinceSum + Int128(cost.nanoseconds)) / Int128(count)))
    }
}

/// A set of changes with its tally. `*` covers the others but does not erase them: how long each has waited still
/// counts for the load cost and the freshness.
struct ChangeSet {
    private(set) var changes: [Selector: Change] = [:]
    private(set) var tally = Tally()
    /// Whether `*` is among them; every event asks.
    private(set) var isEverything = false

    var isEmpty: Bool { changes.isEmpty }
    var count: Int { changes.count }

    init() {}

    /// One with room for so many changes.
    init(capacity: Int) { changes.reserveCapacity(capacity) }

    /// The union as loads see it (queue.md Q14).
    var selectors: SelectorSet {
        isEverything ? SelectorSet([.everything]) : SelectorSet(distinct: changes.mapValues(\.unknown))
    }

    /// The same, where it is no more than is kept of a job.
    var keptSelectors: SelectorSet? { changes.count > Job.kept ? nil : selectors }

    /// Marks a selector as changed now. What the disk does not know yet gets the number of the `write` under way.
    /// - Returns: the number of the write that puts it on disk.
    @discardableResult
    mutating func mark(
        _ selector: Selector,
        _ unknown: UnknownTables,
        maxWait: Duration,
        at now: MonotonicTime,
        write: UInt64 = 0
    ) -> UInt64 {
        tally.last = max(tally.last, now)
        // `*` stands for those that it covers. Looked up once: most events name what is pending already.
        if let index = changes.index(forKey: isEverything ? .everything : selector) {
            changes.values[index].last = now
            if unknown == .fail, changes.values[index].unknown != .fail {
                changes.values[index].unknown = .fail
                changes.values[index].write = write
            }
            return changes.values[index].write
        }
        let deadline = now.after(maxWait)
        insert(
            Change(since: now, last: now, deadline: deadline, write: write, unknown: unknown, waits: true),
            for: selector
        )
        return write
    }

    mutating func insert(_ change: Change, for selector: Selector) {
        changes[selector] = change
        if selector == .everything { isEverything = true }
        tally.add(change)
    }

    mutating func formUnion(_ other: ChangeSet) {
        changes.merge(other.changes) { $0.merged(with: $1) }
        retally()
    }

    mutating func remove(_ selectors: some Sequence<Selector>) {
        for selector in selectors { changes[selector] = nil }
        retally()
    }

    /// Takes the changes for which `isTaken` holds out of the set.
    mutating func split(where isTaken: (Selector, Change) -> Bool) -> ChangeSet {
        var taken = ChangeSet()
        for (selector, change) in changes where isTaken(selector, change) { taken.insert(change, for: selector) }
        remove(taken.changes.keys)
        return taken
    }

    /// `wait_for_all` no longer applies: the changes were in a load, or a person wants them.
    mutating func stopWaitingForAll() {
        for selector in changes.keys { changes[selector]?.waits = false }
    }

    private mutating func retally() {
        tally = Tally()
        for change in changes.values { tally.add(change) }
        isEverything = changes[.everything] != nil
    }
}

extension MonotonicTime {
    // Computed: a stored one of another room's type is asked for through `swift_once`.
    static var distantPast: MonotonicTime { MonotonicTime(nanoseconds: .min) }
    static var distantFuture: MonotonicTime { MonotonicTime(nanoseconds: .max) }

    /// Adds without overflow: a setting of centuries means never, not a crash.
    func after(_ duration: Duration) -> MonotonicTime { after(nanoseconds: duration.nanoseconds) }

    func after(nanoseconds duration: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration)
        if !overflow { return MonotonicTime(nanoseconds: sum) }
        return duration < 0 ? .distantPast : .distantFuture
    }
}
