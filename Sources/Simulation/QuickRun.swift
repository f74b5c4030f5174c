import ReloadQueue
import Vocabulary

/// Instead of the time since when something is pending: it is not.
private let never = Int64.min

/// What the queue makes of other settings, without the queue: the figures of a `QueueRun`, many times faster, so that a
/// whole grid of settings takes less time than one run of the queue. It knows slots, load times, `min_interval` and what
/// `LoadSetting` varies, and nothing of `wait_for_all`. Tests hold it to the queue's own loads. Times are nanoseconds.
struct QuickRun: Sendable {
    private enum Start {
        case debounce(Int64)
        case loadCost(Int64)
    }

    private struct Model {
        let start: Start
        let maxWait: Int64
        let minInterval: Int64
        /// The number of `*`, if it ever changes.
        let everything: Int?
        /// Since when each selector is pending; `never`: it is not.
        var since: [Int64]
        /// The numbers of those that are.
        var pending: [Int] = []
        var size: LoadSize
        var isEverything = false
        var first: Int64 = 0
        var last: Int64 = 0
        var sinceSum: Int128 = 0
        var isLoading = false
        /// Not before this, even at `max_wait`.
        var notBefore = Int64.min
        var readySince: Int64?
        var unreadyAt: Int64

        /// When it may start, as far as time decides it; nil: nothing is pending.
        var due: Int64? {
            guard !pending.isEmpty else { return nil }
            let time =
                switch start {
                case .debounce(let quiet): last.after(quiet)
                case .loadCost(let cost): Int64(clamping: (sinceSum + Int128(cost)) / Int128(pending.count))
                }
            return max(min(time, first.after(maxWait)), notBefore)
        }

        mutating func mark(_ selectors: ArraySlice<Int>, at now: Int64) {
            if selectors.isEmpty { return }
            last = now
            // What `*` covers is not new.
            if isEverything { return }
            for selector in selectors where since[selector] == never {
                since[selector] = now
                if pending.isEmpty { first = now }
                pending.append(selector)
                sinceSum += Int128(now)
                if selector == everything { isEverything = true }
            }
        }

        /// What is pending is loaded from now on.
        /// - Returns: how many tables that are.
        mutating func start(at now: Int64, _ waits: inout [Int64]) -> Int {
            let tables = isEverything ? size.everything : size.count(pending)
            for selector in pending {
                waits.append(now - since[selector])
                since[selector] = never
            }
            pending.removeAll(keepingCapacity: true)
            isEverything = false
            sinceSum = 0
            isLoading = true
            notBefore = now.after(minInterval)
            return tables
        }
    }

    private(set) var loads = 0
    private(set) var tables = 0
    /// For each change how long it waited for the start of its load.
    private(set) var waits: [Int64] = []

    private var models: [Model]
    private var now: Int64
    private var deadlines = DeadlineHeap()
    private var ready = DeadlineHeap()
    private var slots: Int
    private let loadTime: Int64
    /// The first to end first, since all take the same time.
    private var running: [(model: Int, end: Int64)] = []
    private var ended = 0

    /// Whether it does all that these settings ask for.
    static func canStandFor(_ settings: QueueSettings) -> Bool {
        settings.models.values.allSatisfy(\.waitForAll.isEmpty)
    }

    init(_ history: EventHistory, _ settings: QueueSettings, loadTime: Duration) {
        self.loadTime = loadTime.nanoseconds
        slots = settings.maxConcurrentLoads
        let begin = history.events.first?.at.nanoseconds ?? 0
        now = begin
        let sizes = history.sizes(settings)
        models = history.models.enumerated().map { number, reference in
            let policy = settings.models[reference] ?? ModelPolicy()
            let selectors = history.selectors[number]
            let start: Start =
                switch policy.start {
                case .debounce(let quiet): .debounce(quiet.nanoseconds)
                case .loadCost(let cost): .loadCost(cost.nanoseconds)
                }
            return Model(
                start: start,
                maxWait: policy.maxWait.nanoseconds,
                minInterval: policy.minInterval.nanoseconds,
                everything: selectors[.everything],
                since: Array(repeating: never, count: selectors.count),
                size: sizes[number],
                unreadyAt: begin
            )
        }
        for event in history.events {
            pass(until: event.at.nanoseconds)
            let marks = history.marks(of: event)
            for mark in marks { models[mark.model].mark(history.marked[mark.selectors], at: now) }
            for mark in marks { settle(mark.model) }
            handOutSlots()
        }
        // What is due at the end of time is never due.
        pass(until: .max - 1)
    }

    func figures(loadTime: Duration) -> Figures {
        Figures(loads: loads, tables: tables, waits: waits, loadTime: loadTime)
    }

    /// Lets time pass. At one instant loads end before deadlines are reached, and both before an event comes.
    private mutating func pass(until target: Int64) {
        while true {
            let end = ended < running.count ? running[ended].end : .max
            let deadline = deadlines.first?.time.nanoseconds ?? .max
            guard min(end, deadline) <= target else { break }
            now = min(end, deadline)
            if end <= deadline {
                endLoad()
            } else {
                while let (time, model) = deadlines.first, time.nanoseconds <= now {
                    deadlines.remove(model)
                    settle(model)
                }
            }
            handOutSlots()
        }
        now = target
    }

    /// Brings a model's place in the heaps up to date, as `QueueMachine` does.
    private mutating func settle(_ model: Int) {
        ready.remove(model)
        let due = models[model].isLoading ? nil : models[model].due
        guard let due, due <= now else {
            models[model].readySince = nil
            models[model].unreadyAt = now
            if let due { deadlines.set(model, to: MonotonicTime(nanoseconds: due)) } else { deadlines.remove(model) }
            return
        }
        if let awaited = deadlines.time(of: model), awaited.nanoseconds > now { models[model].unreadyAt = now }
        deadlines.remove(model)
        let since = models[model].readySince ?? max(due, models[model].unreadyAt)
        models[model].readySince = since
        ready.set(model, to: MonotonicTime(nanoseconds: since))
    }

    private mutating func handOutSlots() {
        while slots > 0, let (_, model) = ready.first {
            slots -= 1
            loads += 1
            tables += models[model].start(at: now, &waits)
            running.append((model, now.after(loadTime)))
            settle(model)
        }
    }

    private mutating func endLoad() {
        let model = running[ended].model
        ended += 1
        models[model].isLoading = false
        models[model].unreadyAt = now
        slots += 1
        settle(model)
    }
}

extension Int64 {
    /// Adds without overflow: a setting of centuries means never, not a crash.
    fileprivate func after(_ duration: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}
