import Journal
import Testing
import Vocabulary

@testable import ReloadQueue

extension MonotonicTime {
    /// So long after the start of a test.
    static func at(_ offset: Duration) -> Self { Self(nanoseconds: 1_000_000_000_000) + offset }
}

extension Now {
    static let start = Now(monotonic: .at(.zero), wall: WallTime(milliseconds: 1_700_000_000_000))
}

extension ModelReference {
    static func model(_ name: String, pool: String = "pool") -> Self {
        Self(name: name, poolID: pool, dataModelID: "id-" + name)
    }
    static let a = model("a")
    static let b = model("b")
    static let c = model("c", pool: "other")
}

extension SelectorSet {
    init(_ texts: String...) { self.init(texts.map { Selector($0) }) }
}

extension ModelPolicy {
    static func quiet(_ quiet: Duration, _ maxWait: Duration = .seconds(600)) -> Self {
        Self(start: .debounce(quiet), maxWait: maxWait)
    }
}

/// A machine on a hand clock: performs its actions by noting them, and steps through every wake-up on the way.
struct Bench {
    struct Start: Equatable {
        var order: LoadOrder
        var at: Duration
    }

    var machine: QueueMachine
    var now = Now.start
    var generator = SeededGenerator(seed: 1)
    /// What every look is answered with at once; nil: the test answers.
    var looksFind: Look? = .free(LoadBaseline(mark: "before"))
    /// How every load ends at once; nil: the test ends them.
    var loadsEnd: LoadEnd?
    /// Looks in flight, and loads in flight.
    var looking: [ModelReference] = []
    var loading: [ModelReference: LoadOrder] = [:]
    var starts: [Start] = []
    var lookTimes: [(model: ModelReference, at: Duration)] = []
    var transitions: [Transition] = []
    var wakes: [MonotonicTime] = []
    var lost: [LostChange]?
    private var nextEvent: UInt64 = 1

    /// What its entries came to on disk; nil: it does not journal.
    private(set) var disk: JournalBook?
    private(set) var writes: [JournalWrite] = []
    private(set) var resumed: [ResumedLoad] = []

    init(_ models: [ModelReference: ModelPolicy], slots: Int = 4, history: Int = 100, journals: Bool = false) {
        disk = journals ? JournalBook() : nil
        machine = QueueMachine(
            settings: QueueSettings(models: models, maxConcurrentLoads: slots, history: history),
            recovering: disk?.image,
            at: now
        )
    }

    /// The process dies, and another goes on from what is on disk after this time by each of the clocks.
    mutating func restart(
        _ models: [ModelReference: ModelPolicy],
        after passed: Duration = .zero,
        wall: Duration? = nil
    ) {
        now = Now(monotonic: now.monotonic + passed, wall: now.wall + (wall ?? passed))
        looking = []
        loading = [:]
        wakes = []
        machine = QueueMachine(settings: QueueSettings(models: models), recovering: disk?.image, at: now)
        take(machine.begin(at: now))
    }

    var elapsed: Duration { now.monotonic - .at(.zero) }

    mutating func take(_ actions: [QueueMachine.Action]) {
        for action in actions {
            switch action {
            case .look(let model):
                looking.append(model)
                lookTimes.append((model, elapsed))
            case .start(let order):
                loading[order.model] = order
                starts.append(Start(order: order, at: elapsed))
            case .resume(let order, let load):
                loading[order.model] = order
                resumed.append(load)
            case .write(let write):
                writes.append(write)
                #expect(throws: Never.self) { try disk?.apply(write.entries) }
            case .wake(let at): wakes.append(at)
            case .record(let transition): transitions.append(transition)
            case .drained(let left): lost = left
            }
        }
        while let looksFind, let model = looking.first { answer(model, looksFind) }
        while let loadsEnd, let model = loading.keys.first { end(model, loadsEnd) }
    }

    mutating func answer(_ model: ModelReference, _ look: Look) {
        looking.removeAll { $0 == model }
        take(machine.lookAnswered(model, look, at: now, using: &generator))
    }

    @discardableResult
    mutating func event(_ model: ModelReference, _ selectors: SelectorSet) -> Admission {
        defer { nextEvent += 1 }
        let event = EventID(rawValue: nextEvent)
        let (admission, actions) = machine.changesArrived(
            event: event,
            [ModelChanges(model: model, selectors: selectors)],
            at: now
        )
        take(actions)
        return admission
    }

    @discardableResult
    mutating func event(_ model: ModelReference, _ tables: String...) -> Admission {
        event(model, SelectorSet(tables.map { Selector($0) }))
    }

    mutating func end(_ model: ModelReference, _ end: LoadEnd = .succeeded, unknown: [UnknownTable] = []) {
        guard let order = loading.removeValue(forKey: model) else { return }
        let result = LoadResult(end: end, tables: [], unknown: unknown)
        take(machine.loadEnded(order.job, of: model, result, at: now, using: &generator))
    }

    mutating func progress(_ model: ModelReference, _ progress: LoadProgress) {
        guard let order = loading[model] else { return }
        take(machine.loadProgressed(order.job, of: model, progress, at: now))
    }

    /// Lets time pass, waking the machine exactly when it asked for it.
    mutating func pass(_ duration: Duration) { pass(until: elapsed + duration) }

    mutating func pass(until target: Duration) {
        let end = MonotonicTime.at(target)
        while let wake = wakes.last, wake <= end {
            move(to: max(wake, now.monotonic))
            wakes = []
            take(machine.timeReached(at: now))
        }
        move(to: end)
    }

    private mutating func move(to time: MonotonicTime) {
        now = Now(monotonic: time, wall: now.wall(at: time))
    }

    var snapshot: QueueSnapshot { machine.snapshot(at: now) }

    func model(_ reference: ModelReference) -> ModelSnapshot? { snapshot.models.first { $0.model == reference } }
    func jobs(_ state: JobState? = nil) -> [JobSnapshot] {
        machine.jobs(state: state, model: nil, limit: .max, at: now)
    }
    func outcomes() -> [JobOutcome?] { jobs().map(\.outcome) }
}

extension Admission {
    var jobs: [JobID] {
        switch self {
        case .admitted(let changes): changes.map(\.job)
        case .refused: []
        }
    }
    var loadAt: WallTime? {
        switch self {
        case .admitted(let changes): changes.first?.loadAt
        case .refused: nil
        }
    }
}
