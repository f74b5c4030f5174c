import Journal
import Vocabulary

@testable import ReloadQueue

/// A machine on a hand clock, with the witness looking on. A value: the exhaustive walk goes on from copies of it.
struct World {
    /// A deliberate mistake between the sender and the machine, to show that the checks find it and the shrinker makes
    /// it readable.
    enum Plant {
        case none
        /// What arrives while the model loads never reaches the machine.
        case dropsArrivalsDuringLoads
    }

    var machine: QueueMachine
    var settings: QueueSettings
    /// What the machine's entries came to on disk; nil: it does not journal.
    var disk: JournalBook?
    var witness = Witness()
    var now = Now.start
    var generator: SeededGenerator
    var looking: [ModelReference] = []
    var loading: [LoadOrder] = []
    var wake: MonotonicTime?
    var lost: [LostChange]?
    /// Every event that was sent, and whether a copy of it would be known as one.
    var sent: [Sent] = []
    /// The row of `Variants` that each model has.
    var rows: [Int?] = []
    /// How often the machine was told something.
    var inputs: UInt64 = 0
    let plant: Plant

    struct Sent {
        var model: Int
        var tables: [Int]
        var ignoring: Bool
        var remembered: Bool
    }

    init(
        _ settings: QueueSettings,
        rows: [Int?] = [],
        seed: UInt64,
        plant: Plant = .none,
        journals: Bool = false
    ) {
        self.settings = settings
        disk = journals ? JournalBook() : nil
        machine = QueueMachine(settings: settings, recovering: disk?.image, at: now)
        generator = SeededGenerator(seed: seed)
        witness.configured(settings)
        self.rows = rows
        self.plant = plant
    }

    init(seed: UInt64, plant: Plant = .none) {
        let (settings, rows) = Variants.settings(Int(seed % 1000))
        self.init(settings, rows: rows, seed: seed, plant: plant, journals: true)
    }

    var isOver: Bool { lost != nil }
    var problem: String? { witness.problems.first }

    /// The first broken promise, or nil. `thorough`: everything is compared after every step, not now and then.
    static func run(_ steps: [Step], seed: UInt64, plant: Plant = .none, thorough: Bool = false) -> String? {
        var met = Meetings()
        return run(steps, seed: seed, plant: plant, thorough: thorough, counting: &met)
    }

    static func run(
        _ steps: [Step],
        seed: UInt64,
        plant: Plant = .none,
        thorough: Bool = false,
        counting met: inout Meetings
    ) -> String? {
        var world = World(seed: seed, plant: plant)
        for (index, step) in steps.enumerated() where !world.isOver {
            let inputs = world.inputs
            world.perform(step)
            if world.inputs == inputs { continue }
            met.count(step, world.rows)
            world.check(thorough || index % 64 == 63 ? .all : index % 4 == 3 ? .sets : .lateness)
            if let problem = world.problem { return "after step \(index), \(step): \(problem)" }
        }
        world.settleDown()
        met.inputs += world.inputs
        return world.problem.map { "when all goes well at last: \($0)" }
    }

    mutating func perform(_ step: Step) {
        switch step {
        case .event(let model, let tables, let ignoring): event(model, tables, ignoring)
        case .duplicate(let nth):
            if !sent.isEmpty, !sent[nth % sent.count].remembered {
                let again = sent[nth % sent.count]
                event(again.model, again.tables, again.ignoring)
            }
        case .byHand(let model, let table): byHand(Step.models[model], Step.tables[table])
        case .pass(let milliseconds): pass(.milliseconds(milliseconds))
        case .wallClockJump(let seconds):
            now.wall = now.wall + .seconds(seconds)
            wake = nil
            take(machine.timeReached(at: now))
        case .answer(let nth, let kind):
            if !looking.isEmpty { answer(looking[nth % looking.count], kind.look) }
        case .end(let nth, let kind):
            if !loading.isEmpty { end(loading[nth % loading.count], kind) }
        case .accepted(let nth):
            if !loading.isEmpty { accepted(loading[nth % loading.count]) }
        case .hold(let model): hold(Step.models[model])
        case .release(let model): release(Step.models[model])
        case .flush(let model): flush(Step.models[model])
        case .retry(let nth): retry(nth)
        case .discard(let nth): discard(nth)
        case .configure(let variant): configure(variant)
        case .drain(let seconds): drain(.seconds(seconds))
        case .restart(let seconds): restart(after: .seconds(seconds))
        }
    }

    /// What an input to the machine was answered with.
    mutating func take(_ actions: [QueueMachine.Action]) {
        inputs += 1
        for action in actions {
            witness.expect(lost == nil, "Q7: \(action) after the end")
            switch action {
            case .look(let model):
                witness.expect(!looking.contains(model), "two looks at \(model.name)")
                witness.expect(!loading.contains { $0.model == model }, "Q3: a look at \(model.name) while it loads")
                looking.append(model)
                witness.looks(at: model, machine.breakers.keys, now.monotonic)
            case .start(let order):
                loading.append(order)
                let model = model(order.model)
                guard let model, case .loading(let loading) = model.phase else {
                    witness.problems.append("Q2: a start without a frozen set")
                    continue
                }
                let own = Set(loading.changes.changes.keys)
                let open = model.pending?.job.id
                witness.started(order, own: own, loading.job.startReason, openJob: open, at: now.monotonic)
            case .wake(let at):
                witness.expect(wake.map { at < $0 } ?? true, "a wake-up that is not earlier")
                wake = at
            case .record(.job(let job, reason: _)):
                if job.outcome == .failed || job.outcome == .discarded { forget(job.events) }
            case .record: break
            case .write(let write):
                do {
                    try disk?.apply(write.entries)
                } catch {
                    witness.problems.append("Q8: \(error.message)")
                }
            case .resume(let order, _):
                let expected = witness.books[order.model]?.flight?.order
                witness.expect(expected == order, "Q8: \(order) is watched, it was \(expected.debugDescription)")
                loading.append(order)
            case .drained(let left): drained(left)
            }
        }
    }

    func model(_ reference: ModelReference) -> Model? { machine.places[reference].map { machine.models[$0] } }

    /// Their copies are new from now on (Q16).
    private mutating func forget(_ events: [EventID]) {
        for event in events { sent[Int(event.rawValue)].remembered = false }
    }

    private mutating func drained(_ left: [LostChange]) {
        lost = left
        var expected: [String] = []
        for (model, book) in witness.books {
            let piles = [book.open, book.flight?.records ?? []] + book.failed.values.map(\.records)
            for pile in piles { expected += SelectorSet(Witness.Book.union(pile)).texts.map { model.name + $0 } }
        }
        witness.expect(left.map { $0.model.name + $0.table }.sorted() == expected.sorted(), "Q7: lost \(left)")
    }

    /// Lets time pass, waking the machine when it asked for it, and looking for late ones just before.
    mutating func pass(_ duration: Duration) {
        let end = now.monotonic + duration
        while let wake, wake <= end, lost == nil {
            if wake > now.monotonic {
                move(to: MonotonicTime(nanoseconds: wake.nanoseconds - 1))
                expectNobodyLate()
                move(to: wake)
            }
            self.wake = nil
            take(machine.timeReached(at: now))
        }
        move(to: max(end, now.monotonic))
    }

    private mutating func move(to time: MonotonicTime) { now = Now(monotonic: time, wall: now.wall(at: time)) }

    enum Check { case lateness, sets, all }

    mutating func check(_ check: Check) {
        if isOver || !witness.problems.isEmpty { return }
        expectNobodyLate()
        if check == .lateness { return }
        witness.compare(machine)
        witness.expectForgotten(sent)
        if check == .sets { return }
        let jobs = machine.jobs(state: nil, model: nil, limit: .max, at: now)
        witness.compare(machine.snapshot(at: now), jobs)
    }

    private mutating func expectNobodyLate() {
        witness.expectNobodyLate(machine.breakers.keys, at: now.monotonic)
    }

    /// From here on everything goes well: then nothing may stay pending (Q1).
    mutating func settleDown() {
        if isOver { return }
        for model in Step.models where witness.books[model]?.held == true { release(model) }
        for _ in 0..<60 where witness.problems.isEmpty && !isOver {
            while let model = looking.first, witness.problems.isEmpty { answer(model, .free(LoadBaseline(mark: nil))) }
            while let order = loading.first, witness.problems.isEmpty { end(order, .succeeded) }
            check(.lateness)
            if !witness.draining, witness.isSettled, looking.isEmpty { break }
            pass(.seconds(10))
        }
        check(.all)
        if witness.draining { return witness.expect(isOver, "Q7: the drain does not end") }
        for (model, book) in witness.books {
            let kept = book.open.map(\.selector)
            witness.expect(book.open.isEmpty && book.flight == nil, "Q1: \(model.name) keeps \(kept)")
        }
    }
}
