import ReloadQueue
import Vocabulary

/// One event and what the rules made of it.
package struct SimulatedEvent: Sendable {
    package var at: WallTime
    /// One entry a model; empty where no rule matched.
    package var changes: [ModelChanges]

    package init(at: WallTime, changes: [ModelChanges]) {
        self.at = at
        self.changes = changes
    }
}

/// Events in the order of their time, looked at once so that many settings can be tried on them.
package struct EventHistory: Sendable {
    /// What an event marks in one model, by numbers: a model's and its selectors'.
    struct Mark: Sendable {
        let model: Int
        let selectors: [Int]
        let isEverything: Bool
    }

    struct Event: Sendable {
        let at: MonotonicTime
        let changes: [ModelChanges]
        let marks: [Mark]
    }

    /// All that changed in one model, by the times at which something did. Arrays side by side, since a schedule goes
    /// through them dozens of times.
    struct Instants: Sendable {
        /// Milliseconds, as events are recorded.
        fileprivate(set) var times: [Int64] = []
        /// Whether `*` changed.
        fileprivate(set) var isEverything: [Bool] = []
        /// For each change the instant (from 1) at which the same selector, or `*`, changed before; 0: never. A change is
        /// new to a set that was emptied at an instant from that one on.
        fileprivate(set) var previous: [Int] = []
        /// Where the changes of each begin in `previous`, and where those of the last end.
        private(set) var begins = [0]

        var count: Int { times.count }

        func changes(of instant: Int) -> Range<Int> { begins[instant]..<begins[instant + 1] }

        fileprivate mutating func open(at time: Int64) {
            guard times.last != time else { return }
            times.append(time)
            isEverything.append(false)
            begins.append(previous.count)
        }

        fileprivate mutating func note(previous instant: Int) {
            previous.append(instant)
            begins[begins.count - 1] = previous.count
        }
    }

    /// Those with changes.
    let events: [Event]
    /// Those that change, sorted by name.
    package let models: [ModelReference]
    /// Each model's selectors by number.
    let selectors: [[Selector: Int]]
    /// Each model's changes over time.
    let instants: [Instants]
    /// How many events there are, and how many of them changed nothing.
    package let count: Int
    package let unmatched: Int
    /// When the first and the last event came, those that changed nothing included; nil: there is none.
    package let span: ClosedRange<WallTime>?

    package init(_ given: [SimulatedEvent]) {
        // `sorted` keeps the order of what has one time.
        let isSorted = zip(given, given.dropFirst()).allSatisfy { $0.at <= $1.at }
        let sorted = isSorted ? given : given.sorted { $0.at < $1.at }
        var changed: Set<ModelReference> = []
        for event in given { for change in event.changes { changed.insert(change.model) } }
        models = changed.sorted { $0.name < $1.name }
        let numbers = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1, $0) })
        var selectors = [[Selector: Int]](repeating: [:], count: models.count)
        var books = [Book](repeating: Book(), count: models.count)
        var events: [Event] = []
        for event in sorted where !event.changes.isEmpty {
            var marks: [Mark] = []
            for change in event.changes {
                guard let model = numbers[change.model] else { continue }
                let named = change.selectors.members.keys.map { selector in
                    let next = selectors[model].count
                    return selectors[model, default: selector, next]
                }
                let isEverything = change.selectors.isEverything
                marks.append(Mark(model: model, selectors: named, isEverything: isEverything))
                books[model].note(named, isEverything: isEverything, at: event.at.milliseconds)
            }
            events.append(Event(at: Self.monotonic(event.at), changes: event.changes, marks: marks))
        }
        self.events = events
        self.selectors = selectors
        instants = books.map(\.instants)
        count = given.count
        unmatched = given.count - events.count
        span = sorted.first.flatMap { first in sorted.last.map { first.at...$0.at } }
    }

    /// Virtual time is the recorded wall clock.
    static func monotonic(_ time: WallTime) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.milliseconds * 1_000_000)
    }

    static func wall(_ time: MonotonicTime) -> WallTime { WallTime(milliseconds: time.nanoseconds / 1_000_000) }
}

extension [[Selector: Int]] {
    /// The selector's number, which is `next` if it is new.
    fileprivate subscript(model: Int, default selector: Selector, next: Int) -> Int {
        mutating get {
            if let number = self[model][selector] { return number }
            self[model][selector] = next
            return next
        }
    }
}

/// Writes down a model's instants.
private struct Book {
    var instants = EventHistory.Instants()
    private var last: [Int] = []
    private var lastEverything = 0

    mutating func note(_ selectors: [Int], isEverything: Bool, at time: Int64) {
        instants.open(at: time)
        let instant = instants.count
        for selector in selectors {
            while last.count <= selector { last.append(0) }
            instants.note(previous: max(last[selector], lastEverything))
            last[selector] = instant
        }
        if isEverything {
            lastEverything = instant
            instants.isEverything[instant - 1] = true
        }
    }
}
