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

    /// All that changed in one model at one time.
    struct Instant: Sendable {
        /// Milliseconds, as events are recorded.
        let at: Int64
        /// For each change the instant (from 1) at which the same selector, or `*`, changed before; 0: never. A change is
        /// new to a set that was emptied at an instant from that one on.
        var previous: [Int]
        /// Whether `*` changed.
        var isEverything = false
    }

    /// Those with changes.
    let events: [Event]
    /// Those that change, sorted by name.
    package let models: [ModelReference]
    /// Each model's selectors by number.
    let selectors: [[Selector: Int]]
    /// Each model's changes over time.
    let instants: [[Instant]]
    /// How many events there are, and how many of them changed nothing.
    package let count: Int
    package let unmatched: Int
    /// When the first and the last event came, those that changed nothing included; nil: there is none.
    package let span: ClosedRange<WallTime>?

    package init(_ given: [SimulatedEvent]) {
        let sorted = given.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        models = Set(given.flatMap { $0.changes.map(\.model) }).sorted { $0.name < $1.name }
        let numbers = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1, $0) })
        var selectors = [[Selector: Int]](repeating: [:], count: models.count)
        var books = [Book](repeating: Book(), count: models.count)
        var events: [Event] = []
        for (_, event) in sorted where !event.changes.isEmpty {
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
        span = sorted.first.flatMap { first in sorted.last.map { first.element.at...$0.element.at } }
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
    var instants: [EventHistory.Instant] = []
    private var last: [Int] = []
    private var lastEverything = 0

    mutating func note(_ selectors: [Int], isEverything: Bool, at time: Int64) {
        if instants.last?.at != time { instants.append(EventHistory.Instant(at: time, previous: [])) }
        let instant = instants.count
        for selector in selectors {
            while last.count <= selector { last.append(0) }
            instants[instant - 1].previous.append(max(last[selector], lastEverything))
            last[selector] = instant
        }
        if isEverything {
            lastEverything = instant
            instants[instant - 1].isEverything = true
        }
    }
}
