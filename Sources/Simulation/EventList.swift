import ReloadQueue
import Vocabulary

/// One event and what the rules made of it.
package struct SimulatedEvent: Sendable {
    package var at: WallTime
    /// One entry a model; empty where no rule matched.
    package var changes: [ModelChanges]
    /// Nothing changed here, but rules matched: it changed models that are not looked at.
    package var isElsewhere: Bool

    package init(at: WallTime, changes: [ModelChanges], isElsewhere: Bool = false) {
        self.at = at
        self.changes = changes
        self.isElsewhere = isElsewhere
    }
}

/// Events as they are read. Of what they change, equal changes are kept once: a hundred thousand events tend to be some
/// hundreds of kinds, and everything that is found out about a kind is found out once.
package struct EventList: Sendable {
    struct Event: Sendable {
        let at: WallTime
        /// A position in `kinds`.
        let kind: Int
    }

    /// Those that change something.
    private(set) var events: [Event] = []
    private(set) var kinds: [[ModelChanges]] = []
    private var numbers: [Kind: Int] = [:]
    /// Events that no rule matched, and those that changed only models that are not looked at.
    package private(set) var unmatched = 0
    private(set) var elsewhere = 0
    /// When the first and the last of all events came.
    private(set) var span: ClosedRange<WallTime>?

    package init() {}

    package var count: Int { events.count + unmatched + elsewhere }

    package mutating func append(_ event: SimulatedEvent) {
        extend(event.at...event.at)
        if event.changes.isEmpty {
            if event.isElsewhere { elsewhere += 1 } else { unmatched += 1 }
        } else {
            events.append(Event(at: event.at, kind: number(of: event.changes)))
        }
    }

    package mutating func append(contentsOf other: Self) {
        if let span = other.span { extend(span) }
        unmatched += other.unmatched
        elsewhere += other.elsewhere
        let kinds = other.kinds.map { number(of: $0) }
        events.reserveCapacity(events.count + other.events.count)
        for event in other.events { events.append(Event(at: event.at, kind: kinds[event.kind])) }
    }

    private mutating func number(of changes: [ModelChanges]) -> Int {
        if let number = numbers[Kind(changes: changes)] { return number }
        numbers[Kind(changes: changes)] = kinds.count
        kinds.append(changes)
        return kinds.count - 1
    }

    private mutating func extend(_ more: ClosedRange<WallTime>) {
        guard let span else { return self.span = more }
        self.span = min(span.lowerBound, more.lowerBound)...max(span.upperBound, more.upperBound)
    }
}

/// Changes as a key. Most events change one table, which is hashed without the dictionary that it is in.
private struct Kind: Hashable {
    let changes: [ModelChanges]

    static func == (one: Self, other: Self) -> Bool {
        one.changes.elementsEqual(other.changes) { one, other in
            guard one.selectors.count == 1, other.selectors.count == 1 else { return one == other }
            return one.model == other.model
                && one.selectors.members.elementsEqual(other.selectors.members) { $0 == $1 }
        }
    }

    func hash(into hasher: inout Hasher) {
        for change in changes {
            hasher.combine(change.model)
            if let only = change.selectors.members.first, change.selectors.count == 1 {
                hasher.combine(only.key)
            } else {
                hasher.combine(change.selectors)
            }
        }
    }
}
