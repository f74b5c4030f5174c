import ReloadQueue
import Vocabulary

/// A load that the queue started.
package struct SimulatedLoad: Hashable, Sendable {
    /// A position in `EventHistory.models`.
    var model: Int
    /// When the first change that it covers came.
    var since: MonotonicTime
    package var start: MonotonicTime
    var end: MonotonicTime
    /// As far as they are known (`LoadSize`).
    package var tables: Int
}

/// The real queue on a virtual clock: every look finds the model free, every load takes the same time and succeeds.
package struct QueueRun: Sendable {
    /// In the order of their starts.
    package private(set) var loads: [SimulatedLoad] = []
    /// By model, for each change how long it waited for the start of its load, in nanoseconds.
    private(set) var waits: [[Int64]]

    private var machine: QueueMachine
    /// Nothing here fails, so nothing is left to chance.
    private var generator = SeededGenerator(seed: 0)
    private var now: Now
    private var wake: MonotonicTime?
    /// Those that run, the first to end first, since all take the same time.
    private var running: [(job: JobID, model: ModelReference, end: MonotonicTime)] = []
    private var ended = 0
    private let loadTime: Duration
    private let history: EventHistory
    private let numbers: [ModelReference: Int]
    private var pending: [PendingSelectors]
    private var sizes: [LoadSize]

    /// Lets the whole history pass through the queue, and then time until everything is loaded.
    package init(_ history: EventHistory, _ settings: QueueSettings, loadTime: Duration) {
        self.history = history
        self.loadTime = loadTime
        numbers = Dictionary(uniqueKeysWithValues: history.models.enumerated().map { ($1, $0) })
        let start = history.events.first?.at ?? MonotonicTime(nanoseconds: 0)
        now = Now(monotonic: start, wall: EventHistory.wall(start))
        var settings = settings
        // Nobody asks for the past of a simulated queue.
        settings.history = 1
        machine = QueueMachine(settings: settings, at: now)
        machine.tellsOfJobs = false
        waits = Array(repeating: [], count: history.models.count)
        pending = history.selectors.map { PendingSelectors(count: $0.count, everything: $0[.everything]) }
        sizes = history.sizes(settings)
        for event in history.events {
            pass(until: event.at)
            for mark in history.marks(of: event) {
                pending[mark.model].mark(history.marked[mark.selectors], at: now.monotonic.nanoseconds)
            }
            take(machine.changesArrived(event: nil, history.kinds[event.kind].changes, at: now).1)
        }
        pass(until: nil)
    }

    private static let never = MonotonicTime(nanoseconds: .max)

    /// Lets time pass, performing whatever is due by then; nil: until nothing is due any more.
    private mutating func pass(until target: MonotonicTime?) {
        while true {
            let end = ended < running.count ? running[ended].end : Self.never
            let next = min(end, wake ?? Self.never)
            guard next < Self.never, next <= target ?? Self.never else { break }
            move(to: next)
            if next == end {
                endLoad()
            } else {
                wake = nil
                take(machine.timeReached(at: now))
            }
        }
        if let target { move(to: target) }
    }

    private mutating func move(to time: MonotonicTime) {
        guard time > now.monotonic else { return }
        now = Now(monotonic: time, wall: EventHistory.wall(time))
    }

    private mutating func take(_ actions: [QueueMachine.Action]) {
        for action in actions {
            switch action {
            case .look(let model):
                let free = Look.free(LoadBaseline(mark: nil))
                take(machine.lookAnswered(model, free, at: now, using: &generator))
            case .start(let order): start(order)
            case .wake(let at): wake = at
            // No drain, and no journal.
            case .record, .drained, .resume, .write: break
            }
        }
    }

    private mutating func start(_ order: LoadOrder) {
        guard let model = numbers[order.model] else { return }
        let start = now.monotonic.nanoseconds
        let isEverything = order.selectors.isEverything
        // Nearly every load takes all that is pending; only `wait_for_all` leaves some behind.
        let taken =
            isEverything || order.selectors.count == pending[model].numbers.count
            ? pending[model].numbers : order.selectors.members.keys.compactMap { history.selectors[model][$0] }
        let tables = isEverything ? sizes[model].everything : sizes[model].count(taken)
        var first = start
        for number in taken {
            let since = pending[model].since[number]
            first = min(first, since)
            waits[model].append(start - since)
        }
        pending[model].remove(taken)
        let end = now.monotonic + loadTime
        running.append((order.job, order.model, end))
        let since = MonotonicTime(nanoseconds: first)
        loads.append(SimulatedLoad(model: model, since: since, start: now.monotonic, end: end, tables: tables))
    }

    private mutating func endLoad() {
        let (job, model, _) = running[ended]
        ended += 1
        if ended > 1000, ended * 2 > running.count {
            running.removeFirst(ended)
            ended = 0
        }
        let result = LoadResult(end: .succeeded)
        take(machine.loadEnded(job, of: model, result, at: now, using: &generator))
    }
}

/// What of a model is pending, and since when, in nanoseconds.
private struct PendingSelectors {
    private(set) var numbers: [Int] = []
    /// By number.
    private(set) var since: [Int64]
    private let everything: Int?

    private static let never = Int64.min

    init(count: Int, everything: Int?) {
        since = Array(repeating: Self.never, count: count)
        self.everything = everything
    }

    mutating func mark(_ selectors: ArraySlice<Int>, at now: Int64) {
        // What `*` covers is not new.
        if let everything, since[everything] != Self.never { return }
        for selector in selectors where since[selector] == Self.never {
            since[selector] = now
            numbers.append(selector)
        }
    }

    mutating func remove(_ taken: [Int]) {
        for number in taken { since[number] = Self.never }
        if taken.count == numbers.count {
            numbers.removeAll(keepingCapacity: true)
        } else {
            numbers.removeAll { since[$0] == Self.never }
        }
    }
}
