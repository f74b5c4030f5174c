import Synchronization
import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("The class around the machine")
struct ReloadQueueTests {
    private let time = HandTime()
    private let timer = HandTimer()

    /// A queue whose job transitions come as a stream.
    private func queue(
        _ models: [ModelReference: ModelPolicy],
        _ runner: ScriptedRunner,
        slots: Int = 4
    ) -> (ReloadQueue, AsyncStream<JobSnapshot>) {
        let (stream, continuation) = AsyncStream<JobSnapshot>.makeStream()
        let queue = ReloadQueue(
            settings: QueueSettings(models: models, maxConcurrentLoads: slots),
            time: time,
            runner: runner,
            timer: timer,
            onTransition: { transition, _ in
                if case .job(let job, reason: _) = transition { continuation.yield(job) }
            }
        )
        return (queue, stream)
    }

    private func change(_ model: ModelReference, _ tables: String...) -> [ModelChanges] {
        [ModelChanges(model: model, selectors: SelectorSet(tables.map { Selector($0) }))]
    }

    @Test("a change waits for its timer, is loaded, and is told of in order")
    func endToEnd() async throws {
        let runner = ScriptedRunner()
        let (queue, jobs) = queue([.a: .quiet(.seconds(10))], runner)
        let admission = queue.submit(event: EventID(rawValue: 1), changes: change(.a, "EKKO"))
        #expect(admission.loadAt == time.now().wall + .seconds(10))
        #expect(timer.time == .at(.seconds(10)))
        time.pass(.seconds(10))
        timer.fire()
        var orders = runner.started.makeAsyncIterator()
        let order = try #require(await orders.next())
        #expect(order.selectors == SelectorSet("EKKO"))
        #expect(queue.snapshot().models.first?.state == .loading)
        runner.end(order.job, .succeeded)
        var states: [JobState] = []
        for await job in jobs {
            states.append(job.state)
            if job.state == .ended { break }
        }
        #expect(states == [.waiting, .ready, .loading, .loading, .ended])
        #expect(queue.job(order.job)?.outcome == .succeeded)
        #expect(queue.jobs(state: .ended, model: "a").map(\.id) == [order.job])
    }

    @Test("the timer is armed again only for an earlier time")
    func timerIsBroughtForward() {
        let (queue, _) = queue([.a: .quiet(.seconds(10)), .b: .quiet(.seconds(5))], ScriptedRunner())
        _ = queue.submit(event: EventID(rawValue: 1), changes: change(.a, "T"))
        _ = queue.submit(event: EventID(rawValue: 2), changes: change(.b, "T"))
        #expect(timer.time == .at(.seconds(5)))
        time.pass(.seconds(1))
        _ = queue.submit(event: EventID(rawValue: 3), changes: change(.b, "T"))
        #expect(timer.time == .at(.seconds(5)), "one that comes too early is harmless")
        time.pass(.seconds(4))
        timer.fire()
        #expect(timer.time == .at(.seconds(6)))
    }

    @Test("verbs answer with the model or the job, or say why not")
    func verbs() async throws {
        let runner = ScriptedRunner()
        let (queue, _) = queue([.a: .quiet(.seconds(10))], runner)
        #expect(try queue.hold("a").held)
        #expect(try queue.reload("a", selectors: SelectorSet("T")).state == .held)
        #expect(throws: QueueError.held("a")) { try queue.flush("a") }
        #expect(throws: QueueError.noTables) { try queue.reload("a", selectors: SelectorSet()) }
        #expect(throws: QueueError.unknownModel("zzz")) { try queue.release("zzz") }
        #expect(throws: QueueError.unknownJob(JobID(rawValue: 5))) { try queue.retry(JobID(rawValue: 5)) }
        #expect(try queue.release("a").state == .waiting)
        #expect(try queue.flush("a").state == .ready)
        var orders = runner.started.makeAsyncIterator()
        let order = try #require(await orders.next())
        #expect(throws: QueueError.notFailed(order.job, .loading)) { try queue.discard(order.job) }
        runner.end(order.job, .succeeded)
        queue.configure(QueueSettings(models: [.b: .quiet(.zero)]))
        #expect(try queue.model("b").state == .idle)
    }

    @Test("a callback may call the queue, and sees what it was told")
    func reentrancy() async {
        let runner = ScriptedRunner(endsAtOnce: true)
        let box = Mutex<ReloadQueue?>(nil)
        let (seen, continuation) = AsyncStream<JobState?>.makeStream()
        let queue = ReloadQueue(
            settings: QueueSettings(models: [.a: .quiet(.zero)]),
            time: time,
            runner: runner,
            timer: timer,
            onTransition: { transition, _ in
                guard case .job(let job, reason: _) = transition, job.state == .ended else { return }
                continuation.yield(box.withLock { $0 }?.job(job.id)?.state)
            }
        )
        box.withLock { $0 = queue }
        _ = queue.submit(event: EventID(rawValue: 1), changes: change(.a, "T"))
        var states = seen.makeAsyncIterator()
        #expect(await states.next() == .some(.ended))
        box.withLock { $0 = nil }
    }

    @Test("Q7: a drain watches until its timeout, then cancels what runs and names it")
    func drain() async throws {
        let runner = ScriptedRunner()
        let (queue, _) = queue([.a: .quiet(.seconds(10))], runner)
        _ = queue.submit(event: EventID(rawValue: 1), changes: change(.a, "EKKO"))
        async let lost = queue.drain(timeout: .seconds(30))
        var orders = runner.started.makeAsyncIterator()
        #expect(await orders.next() != nil)
        #expect(queue.submit(event: EventID(rawValue: 2), changes: change(.a, "EKKO")) == .refused(.draining))
        time.pass(.seconds(30))
        timer.fire()
        #expect(await lost.map(\.table) == ["EKKO"])
        #expect(runner.cancelled == 1)
        #expect(await queue.drain(timeout: .zero).count == 1, "a second call gets the same answer")
    }

    @Test("Q1, Q3, Q7: many threads at once: no overlap, transitions in order, nothing lost")
    func storm() async {
        let runner = ScriptedRunner(endsAtOnce: true)
        let models = (0..<4).map { ModelReference.model("m\($0)") }
        let policies = Dictionary(uniqueKeysWithValues: models.map { ($0, ModelPolicy.quiet(.zero)) })
        let states = Mutex<[JobID: [JobState]]>([:])
        let queue = ReloadQueue(
            settings: QueueSettings(models: policies, maxConcurrentLoads: 2),
            time: time,
            runner: runner,
            timer: timer,
            onTransition: { transition, _ in
                guard case .job(let job, reason: _) = transition else { return }
                states.withLock { $0[job.id, default: []].append(job.state) }
            }
        )
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for number in 0..<250 {
                        let model = models[(worker + number) % 4]
                        let change = ModelChanges(model: model, selectors: SelectorSet("T\(number)"))
                        _ = queue.submit(event: EventID(rawValue: UInt64(worker * 1000 + number)), changes: [change])
                    }
                }
            }
        }
        #expect(await queue.drain(timeout: .seconds(1000)).isEmpty)
        #expect(runner.overlaps == 0)
        let order: [JobState] = [.waiting, .ready, .loading, .ended]
        states.withLock { states in
            for told in states.values {
                #expect(told.last == .ended)
                #expect(
                    zip(told, told.dropFirst()).allSatisfy {
                        order.firstIndex(of: $0) ?? 0 <= order.firstIndex(of: $1) ?? 0
                    }
                )
            }
        }
        #expect(queue.snapshot().models.map(\.changes).reduce(0, +) == 2000)
    }

    @Test("Q10: the sleeping timer fires no earlier than asked; arming again replaces the earlier wake-up")
    func sleepingTimer() async {
        let clock = SystemClock()
        let timer = SleepingTimer(time: clock)
        let (fired, continuation) = AsyncStream<String>.makeStream()
        let due = clock.now().monotonic + .milliseconds(20)
        timer.arm(at: clock.now().monotonic + .milliseconds(1)) { continuation.yield("replaced") }
        timer.arm(at: due) { continuation.yield("later") }
        var names = fired.makeAsyncIterator()
        var name = await names.next()
        // The first may have fired before the second took its place; never after it.
        if name == "replaced" { name = await names.next() }
        #expect(name == "later")
        #expect(clock.now().monotonic >= due)
    }
}
