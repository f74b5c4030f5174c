import Vocabulary

@testable import ReloadQueue

/// Runs a sequence of steps through a machine on a hand clock, with the witness looking on.
struct World {
    private var machine: QueueMachine
    private var witness = Witness()
    private var now = Now.start
    private var generator: SeededGenerator
    private var looking: [ModelReference] = []
    private var loading: [LoadOrder] = []
    private var wake: MonotonicTime?
    private var lost: [LostChange]?
    private var nextEvent: UInt64 = 1

    private init(seed: UInt64) {
        let settings = Step.settings(0)
        machine = QueueMachine(settings: settings, at: now)
        generator = SeededGenerator(seed: seed)
        witness.configured(settings)
    }

    /// The first broken promise, or nil.
    static func run(_ steps: [Step], seed: UInt64) -> String? {
        var world = World(seed: seed)
        for (index, step) in steps.enumerated() {
            world.perform(step)
            world.check()
            if let problem = world.witness.problems.first { return "after step \(index), \(step): \(problem)" }
        }
        world.settleDown()
        return world.witness.problems.first.map { "when all goes well at last: \($0)" }
    }

    private static let models: [ModelReference] = [.a, .b, .c]

    private mutating func perform(_ step: Step) {
        switch step {
        case .event(let model, let tables, let ignoring): event(Self.models[model], tables, ignoring)
        case .pass(let milliseconds): pass(.milliseconds(milliseconds))
        case .answer(let nth, let kind):
            if !looking.isEmpty { answer(looking[nth % looking.count], Self.look(kind)) }
        case .end(let nth, let kind):
            if !loading.isEmpty { end(loading[nth % loading.count], kind) }
        case .accepted(let nth):
            if !loading.isEmpty {
                let order = loading[nth % loading.count]
                take(machine.loadProgressed(order.job, of: order.model, .answered, at: now))
            }
        case .hold(let model):
            guard let actions = try? machine.hold(Self.models[model].name, at: now) else { return }
            witness.books[Self.models[model]]?.held = true
            take(actions)
        case .release(let model): release(Self.models[model])
        case .flush(let model): flush(Self.models[model])
        case .retry(let nth): retry(nth)
        case .discard(let nth): discard(nth)
        case .configure(let variant):
            if lost != nil { return }
            witness.configured(Step.settings(variant))
            take(machine.configure(Step.settings(variant), at: now))
        case .drain(let seconds): drain(.seconds(seconds))
        }
    }

    private mutating func event(_ model: ModelReference, _ tables: Set<Int>, _ ignoring: Bool) {
        let selectors = SelectorSet(tables.map { Step.tables[$0] }, unknown: ignoring ? .ignore : .fail)
        let event = EventID(rawValue: nextEvent)
        nextEvent += 1
        let changes = [ModelChanges(model: model, selectors: selectors)]
        let (admission, actions) = machine.changesArrived(event: event, changes, at: now)
        switch admission {
        case .admitted(let admitted):
            witness.expect(!witness.draining, "Q6: taken in while draining")
            if let job = admitted.first?.job { witness.arrived(event, model, selectors, job: job, now.monotonic) }
        case .refused(.draining): witness.expect(witness.draining, "Q6: refused")
        case .refused(.unknownModel): witness.expect(witness.books[model] == nil, "Q24: \(model.name) is known")
        case .refused(.full): witness.expect(false, "Q6: nothing is full")
        }
        take(actions)
    }

    private mutating func release(_ model: ModelReference) {
        guard let actions = try? machine.release(model.name, at: now) else { return }
        witness.books[model]?.held = false
        take(actions)
    }

    private mutating func flush(_ model: ModelReference) {
        let held = witness.books[model]?.held ?? false
        do {
            let actions = try machine.flush(model.name, at: now)
            witness.expect(!held, "a flush of a held model")
            witness.flushed(model, at: now.monotonic)
            take(actions)
        } catch {
            let known = witness.books[model] != nil && lost == nil
            witness.expect(
                error == (known ? .held(model.name) : lost == nil ? .unknownModel(model.name) : .draining),
                "\(error)"
            )
        }
    }

    private var failedJobs: [(JobID, ModelReference)] {
        witness.books.flatMap { model, book in book.failed.keys.map { ($0, model) } }.sorted { $0.0 < $1.0 }
    }

    private mutating func retry(_ nth: Int) {
        let failed = failedJobs
        if failed.isEmpty { return }
        let (job, model) = failed[nth % failed.count]
        guard let actions = try? machine.retry(job, at: now) else {
            return witness.expect(witness.draining, "Q19: a failed job cannot be retried")
        }
        witness.retried(job, model)
        take(actions)
    }

    private mutating func discard(_ nth: Int) {
        let failed = failedJobs
        if failed.isEmpty || lost != nil { return }
        let (job, model) = failed[nth % failed.count]
        guard let actions = try? machine.discard(job, at: now) else {
            return witness.expect(false, "Q19: a failed job cannot be discarded")
        }
        witness.books[model]?.failed[job] = nil
        witness.forgetRemoved()
        take(actions)
    }

    private mutating func drain(_ timeout: Duration) {
        if !witness.draining {
            witness.draining = true
            for model in witness.books.keys { witness.flushed(model, at: now.monotonic) }
        }
        take(machine.beginDrain(timeout: timeout, at: now))
    }

    private static func look(_ kind: Step.LookKind) -> Look {
        switch kind {
        case .free: .free(LoadBaseline(mark: "m"))
        case .busy: .busy
        case .notUnderstood: .notUnderstood("?")
        case .transient: .failed(.transient("502", retryAfter: nil))
        case .transientRetryAfter: .failed(.transient("429", retryAfter: .seconds(15)))
        case .unanswered: .failed(.unanswered("reset"))
        case .permanent: .failed(.permanent("400"))
        case .credentials: .failed(.credentialsRefused("401"))
        case .forbidden: .failed(.poolForbidden("403"))
        }
    }

    private mutating func answer(_ model: ModelReference, _ look: Look) {
        looking.removeAll { $0 == model }
        witness.books[model]?.looking = false
        let starts = loading.count
        take(machine.lookAnswered(model, look, at: now, using: &generator))
        if loading.count == starts { witness.looked(model, look, at: now.monotonic) }
        witness.forgetRemoved()
    }

    private mutating func end(_ order: LoadOrder, _ kind: Step.EndKind) {
        loading.removeAll { $0.job == order.job }
        let result = Self.result(kind, order)
        let actions = machine.loadEnded(order.job, of: order.model, result, at: now, using: &generator)
        let known = witness.books[order.model]?.failed.keys.map(\.self) ?? []
        let failed = jobs.filter { $0.model == order.model && $0.state == .failed && !known.contains($0.id) }
        if lost == nil { witness.ended(order.model, result, newFailed: failed, at: now.monotonic) }
        take(actions)
    }

    private static func result(_ kind: Step.EndKind, _ order: LoadOrder) -> LoadResult {
        // `*` names no table that could be unknown.
        let one = order.selectors.sorted.first { $0 != .everything }.map {
            UnknownTable(selector: $0, policy: order.selectors.members[$0] ?? .fail, reason: "no such table")
        }
        return switch kind {
        case .succeeded: LoadResult(end: .succeeded)
        case .warnings: LoadResult(end: .succeededWithWarnings("w"))
        case .unconfirmed: LoadResult(end: .unconfirmed("u"))
        case .dryRun: LoadResult(end: .dryRun)
        case .nothingToLoad:
            LoadResult(
                end: .nothingToLoad,
                unknown: order.selectors.members.map { UnknownTable(selector: $0, policy: $1, reason: "none") }
            )
        case .transient: LoadResult(end: .failed(.transient("502", retryAfter: nil)))
        case .transientRetryAfter: LoadResult(end: .failed(.transient("429", retryAfter: .seconds(15))))
        case .unanswered: LoadResult(end: .failed(.unanswered("reset")))
        case .permanent: LoadResult(end: .failed(.permanent("400")))
        case .canceled: LoadResult(end: .failed(.canceled("by hand")))
        case .busy: LoadResult(end: .failed(.busy("409")))
        case .credentials: LoadResult(end: .failed(.credentialsRefused("401")))
        case .forbidden: LoadResult(end: .failed(.poolForbidden("403")))
        case .succeededButOne: LoadResult(end: .succeeded, unknown: [one].compactMap(\.self))
        case .transientButOne:
            LoadResult(end: .failed(.transient("502", retryAfter: nil)), unknown: [one].compactMap(\.self))
        case .permanentButOne: LoadResult(end: .failed(.permanent("400")), unknown: [one].compactMap(\.self))
        }
    }

    private var jobs: [JobSnapshot] { machine.jobs(state: nil, model: nil, limit: .max, at: now) }

    private mutating func take(_ actions: [QueueMachine.Action]) {
        for action in actions {
            witness.expect(lost == nil, "Q7: \(action) after the end")
            switch action {
            case .look(let model):
                witness.expect(!looking.contains(model), "two looks at \(model.name)")
                witness.expect(!loading.contains { $0.model == model }, "Q3: a look at \(model.name) while it loads")
                looking.append(model)
                witness.books[model]?.looking = true
                if let pause = witness.books[model]?.pause {
                    witness.expect(pause.earliest <= now.monotonic, "Q18: a look before its time")
                }
            case .start(let order):
                loading.append(order)
                let reason = machine.job(order.job, at: now)?.startReason
                witness.started(order, reason: reason, openJobs: pendingJobs, at: now.monotonic)
            case .wake(let at):
                witness.expect(wake.map { at < $0 } ?? true, "a wake-up that is not earlier")
                wake = at
            case .record: break
            case .drained(let left): drained(left)
            }
        }
    }

    private var pendingJobs: [JobSnapshot] {
        jobs.filter { [.waiting, .ready, .retrying, .held].contains($0.state) }
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
    private mutating func pass(_ duration: Duration) {
        let end = now.monotonic + duration
        while let wake, wake <= end, lost == nil {
            if wake > now.monotonic {
                move(to: MonotonicTime(nanoseconds: wake.nanoseconds - 1))
                check()
                move(to: wake)
            }
            self.wake = nil
            take(machine.timeReached(at: now))
        }
        move(to: max(end, now.monotonic))
    }

    private mutating func move(to time: MonotonicTime) {
        now = Now(monotonic: time, wall: now.wall(at: time))
    }

    private mutating func check() {
        if lost != nil || !witness.problems.isEmpty { return }
        let snapshot = machine.snapshot(at: now)
        witness.compare(snapshot, jobs)
        let breakers = snapshot.breakers
        witness.expectNobodyLate(
            blocked: { model in breakers.contains { $0.poolID == nil || $0.poolID == model.poolID } },
            at: now.monotonic
        )
    }

    /// From here on everything goes well: then nothing may stay pending (Q1).
    private mutating func settleDown() {
        if lost != nil { return }
        for model in witness.books.keys.sorted(by: { $0.name < $1.name }) { release(model) }
        for _ in 0..<60 where witness.problems.isEmpty && lost == nil {
            while let model = looking.first, witness.problems.isEmpty { answer(model, .free(LoadBaseline(mark: nil))) }
            while let order = loading.first, witness.problems.isEmpty { end(order, .succeeded) }
            check()
            pass(.seconds(10))
        }
        if !witness.problems.isEmpty { return }
        if witness.draining {
            witness.expect(lost != nil, "Q7: the drain does not end")
        } else {
            for (model, book) in witness.books {
                witness.expect(
                    book.open.isEmpty && book.flight == nil,
                    "Q1: \(model.name) keeps \(book.open.map(\.selector))"
                )
            }
        }
    }
}
