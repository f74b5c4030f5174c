import ReloadQueue
import Vocabulary

/// Events in the order of their time, looked at once so that many settings can be tried on them.
package struct EventHistory: Sendable {
    /// What an event marks in one model, by numbers: a model's, and positions in `marked`.
    struct Mark: Sendable {
        let model: Int
        let selectors: Range<Int>
        let isEverything: Bool
    }

    /// What events of one kind change. `marks` are positions in the history's.
    struct Kind: Sendable {
        let changes: [ModelChanges]
        let marks: Range<Int>
    }

    struct Event: Sendable {
        let at: MonotonicTime
        let kind: Int
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
        /// For each change the number of its selector.
        fileprivate(set) var selectors: [Int] = []
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

        fileprivate mutating func note(_ selector: Int, previous instant: Int) {
            previous.append(instant)
            selectors.append(selector)
            begins[begins.count - 1] = previous.count
        }
    }

    /// Those with changes.
    let events: [Event]
    let kinds: [Kind]
    let marks: [Mark]
    /// The numbers of marked selectors, those of one mark side by side.
    let marked: [Int]
    /// Those that change, sorted by name.
    package let models: [ModelReference]
    /// Each model's selectors by number.
    let selectors: [[Selector: Int]]
    /// Each model's tables that are known by name: from events and from what was given.
    let tables: [Set<String>]
    /// Each model's changes over time.
    let instants: [Instants]
    /// How many events there are; how many of them no rule matched, and how many changed other models only.
    package let count: Int
    package let unmatched: Int
    package let elsewhere: Int
    /// When the first and the last event came, those that changed nothing included; nil: there is none.
    package let span: ClosedRange<WallTime>?

    /// `tables` are names that are known beside those in events, by model.
    package init(_ list: EventList, tables: [ModelReference: Set<String>] = [:]) {
        models = Set(list.kinds.lazy.joined().map(\.model)).sorted { $0.name < $1.name }
        let numbers = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1, $0) })
        var selectors = [[Selector: Int]](repeating: [:], count: models.count)
        var known = models.map { tables[$0] ?? [] }
        var kinds: [Kind] = []
        var marks: [Mark] = []
        var marked: [Int] = []
        for changes in list.kinds {
            let first = marks.count
            for change in changes {
                guard let model = numbers[change.model] else { continue }
                let begin = marked.count
                for selector in change.selectors.members.keys {
                    if case .table(let name) = selector { known[model].insert(name) }
                    let next = selectors[model].count
                    marked.append(selectors[model, default: selector, next])
                }
                let isEverything = change.selectors.isEverything
                marks.append(Mark(model: model, selectors: begin..<marked.count, isEverything: isEverything))
            }
            kinds.append(Kind(changes: changes, marks: first..<marks.count))
        }
        // `sorted` keeps the order of what has one time.
        let isSorted = zip(list.events, list.events.dropFirst()).allSatisfy { $0.at <= $1.at }
        let sorted = isSorted ? list.events : list.events.sorted { $0.at < $1.at }
        var books = selectors.map { Book(selectors: $0.count) }
        for event in sorted {
            for mark in marks[kinds[event.kind].marks] {
                let named = marked[mark.selectors]
                books[mark.model].note(named, isEverything: mark.isEverything, at: event.at.milliseconds)
            }
        }
        events = sorted.map { Event(at: Self.monotonic($0.at), kind: $0.kind) }
        (self.kinds, self.marks, self.marked, self.selectors) = (kinds, marks, marked, selectors)
        self.tables = known
        instants = books.map(\.instants)
        count = list.count
        unmatched = list.unmatched
        elsewhere = list.elsewhere
        span = list.span
    }

    /// Whether any event asks for a complete load.
    package var hasCompleteLoads: Bool { marks.contains(where: \.isEverything) }

    func marks(of event: Event) -> ArraySlice<Mark> { marks[kinds[event.kind].marks] }

    /// How large each model's loads are with these settings.
    func sizes(_ settings: QueueSettings) -> [LoadSize] {
        models.indices.map { model in
            LoadSize(selectors[model], tables: tables[model], settings.models[models[model]] ?? ModelPolicy())
        }
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
    private var last: [Int]
    private var lastEverything = 0

    init(selectors: Int) { last = Array(repeating: 0, count: selectors) }

    mutating func note(_ selectors: ArraySlice<Int>, isEverything: Bool, at time: Int64) {
        instants.open(at: time)
        let instant = instants.count
        for selector in selectors {
            instants.note(selector, previous: max(last[selector], lastEverything))
            last[selector] = instant
        }
        if isEverything {
            lastEverything = instant
            instants.isEverything[instant - 1] = true
        }
    }
}
