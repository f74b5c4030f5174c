import Vocabulary

@testable import ReloadQueue

/// The second model. It knows nothing of heaps, slots reserved for looks, tallies or merged sets: it keeps every
/// accepted change as a record of its own, moves the records between four piles, and asks at each start whether the
/// promises of queue.md held for the records in the set, and after each step whether somebody waits who need not.
struct Witness {
    /// One selector of one event.
    struct Record {
        var event: EventID?
        var selector: Selector
        var ignoring: Bool
        var at: MonotonicTime
        /// Fixed when it arrived (Q10); nil if its table was pending already.
        var deadline: MonotonicTime?
        /// Was in a load before, or is wanted by hand: waits for no set (Q27).
        var exempt = false
    }

    struct Wait {
        var earliest: MonotonicTime
        var latest: MonotonicTime
        /// From Celonis's own Retry-After: no flush ends it.
        var bound: MonotonicTime?

        mutating func flush(at now: MonotonicTime) {
            earliest = bound ?? earliest
            if bound == nil { earliest = min(earliest, now) }
            latest = max(earliest, now)
        }
    }

    struct Flight {
        var order: LoadOrder
        var records: [Record]
        var urgent: Bool
        var wanted: Bool
        var earlierStart: MonotonicTime?
        var failingSince: MonotonicTime?
    }

    struct Failed {
        var records: [Record]
        var culprits: Set<Selector>
        var attempts: Int
    }

    struct Book {
        var policy: ModelPolicy
        var removed = false
        var held = false
        var open: [Record] = []
        var job: JobID?
        var attempts = 0
        var failingSince: MonotonicTime?
        /// Flushed, or draining.
        var urgent = false
        /// Retried by hand.
        var wanted = false
        /// After a failed attempt: not before the one, and no later than the other.
        var backoff: Wait?
        /// Between two looks, likewise.
        var pause: Wait?
        var lastStart: MonotonicTime?
        var looking = false
        /// Since when it has been due and without a slot, as far as anybody looked.
        var queued: MonotonicTime?
        /// Selectors of events that were taken in.
        var accepted: UInt64 = 0
        var flight: Flight?
        var failed: [JobID: Failed] = [:]

        var union: Set<Selector> { Self.union(open) }

        static func union(_ records: [Record]) -> Set<Selector> {
            let all = Set(records.map(\.selector))
            return all.contains(.everything) ? [.everything] : all
        }
    }

    var books: [ModelReference: Book] = [:]
    /// Models that a restart found on disk and not in the configuration.
    var strangers: [ModelReference: Book] = [:]
    var slots = 0
    var draining = false
    var problems: [String] = []

    mutating func expect(_ holds: Bool, _ promise: @autoclosure () -> String) {
        if !holds { problems.append(promise()) }
    }

    // MARK: What a policy asks of a pile of records, by definition

    /// When the first event of each selector in the pile arrived.
    static func firsts(_ records: [Record]) -> [Selector: MonotonicTime] {
        var firsts: [Selector: MonotonicTime] = [:]
        for record in records where record.deadline != nil {
            firsts[record.selector] = min(firsts[record.selector] ?? record.at, record.at)
        }
        return firsts
    }

    static func isQuiet(_ records: [Record], _ policy: ModelPolicy, _ now: MonotonicTime) -> Bool {
        guard case .debounce(let quiet) = policy.start, let last = records.map(\.at).max() else { return false }
        return now - last >= quiet
    }

    static func isCostly(_ records: [Record], _ policy: ModelPolicy, _ now: MonotonicTime) -> Bool {
        guard case .loadCost(let cost) = policy.start, !records.isEmpty else { return false }
        let firsts = firsts(records)
        // To the nanosecond: less than one of them for each change may be missing.
        return firsts.values.reduce(.nanoseconds(firsts.count - 1)) { $0 + (now - $1) } >= cost
    }

    static func isOverdue(_ records: [Record], _ now: MonotonicTime) -> Bool {
        records.contains { $0.deadline.map { $0 <= now } ?? false }
    }

    enum Membership { case none, waiting, complete, overdue }

    /// What `wait_for_all` says of a selector in a pile.
    static func membership(_ selector: Selector, in open: [Record], _ policy: ModelPolicy, _ now: MonotonicTime)
        -> Membership
    {
        if policy.waitForAll.isEmpty || open.contains(where: { $0.selector == .everything }) { return .none }
        if open.contains(where: { $0.selector == selector && $0.exempt }) { return .none }
        let sets = policy.waitForAll.filter { $0.tables.map(Selector.table).contains(selector) }
        if sets.isEmpty { return .none }
        var result = Membership.waiting
        for set in sets {
            let members = set.tables.map(Selector.table)
            let pile = open.filter { members.contains($0.selector) }
            if members.allSatisfy({ member in pile.contains { $0.selector == member } }) { return .complete }
            let waiting = pile.filter { record in
                record.deadline != nil && !pile.contains { $0.selector == record.selector && $0.exempt }
            }
            if let first = waiting.map(\.at).min(), now - first >= set.atMost { result = .overdue }
        }
        return result
    }
}
