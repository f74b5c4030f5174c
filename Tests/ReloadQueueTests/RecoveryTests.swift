import Journal
import Testing
import Vocabulary

@testable import ReloadQueue

/// The machine with a journal, which is the twin: what it writes, and what a restart makes of that.
@Suite("Nothing accepted is lost when the process dies")
struct RecoveryTests {
    private let models: [ModelReference: ModelPolicy] = [
        .a: .quiet(.seconds(10), .seconds(60)), .b: .quiet(.seconds(10)),
    ]

    private func bench() -> Bench { Bench(models, journals: true) }

    private func write(_ admission: Admission) -> UInt64? {
        guard case .admitted(let changes) = admission else { return nil }
        return changes.map(\.write).max()
    }

    @Test("Q6: an event on tables that are all on disk writes nothing, and depends on the write that put them there")
    func writesOnlyWhatIsNew() {
        var bench = bench()
        #expect(write(bench.event(.a, "EKKO")) == 1)
        #expect(write(bench.event(.a, "EKPO")) == 2)
        for _ in 0..<1000 { #expect(write(bench.event(.a, "EKKO")) == 1) }
        #expect(write(bench.event(.a, "EKKO", "EKPO")) == 2)
        #expect(bench.writes.count == 2)
        #expect(write(bench.event(.a, "VBAK", "EKKO")) == 3)
        #expect(bench.disk?.image.jobs.map { $0.changes.map(\.selector.description) } == [["EKKO", "EKPO", "VBAK"]])
    }

    @Test("a stricter word on unknown names is new to the disk")
    func stricter() {
        var bench = bench()
        _ = bench.event(.a, SelectorSet([Selector("EKKO")], unknown: .ignore))
        #expect(write(bench.event(.a, SelectorSet([Selector("EKKO")], unknown: .fail))) == 2)
        #expect(write(bench.event(.a, SelectorSet([Selector("EKKO")], unknown: .ignore))) == 2)
        #expect(bench.disk?.image.jobs.first?.changes.first?.unknown == .fail)
    }

    @Test("what `*` covers writes nothing")
    func covered() {
        var bench = bench()
        #expect(write(bench.event(.a, "*")) == 1)
        #expect(write(bench.event(.a, "EKKO")) == 1)
        #expect(bench.writes.count == 1)
    }

    @Test("Q8: what was pending is pending again, under its id and with its first-change time")
    func pending() {
        var bench = bench()
        let job = bench.event(.a, "EKKO").jobs
        bench.pass(.seconds(4))
        bench.restart(models, after: .seconds(2))
        #expect(bench.jobs(.waiting).map(\.id) == job)
        #expect(bench.model(.a)?.pendingTables == ["EKKO"])
        #expect(bench.model(.a)?.oldestChangeAge == .seconds(6))
        #expect(bench.machine.recoveredChanges == 1)
        #expect(bench.event(.a, "EKKO").jobs == job)
    }

    @Test("Q10: a restart does not reset max_wait; what is overdue loads at once")
    func overdue() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.restart(models, after: .seconds(60))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("EKKO")])
    }

    @Test("Q9: a quiet period begins anew, since nobody knows of the events that wrote nothing")
    func quiet() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.restart(models, after: .seconds(30))
        bench.pass(.seconds(9))
        #expect(bench.starts.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.starts.count == 1)
    }

    @Test(
        "Q13: the age of a recovered change is between nothing and max_wait, wherever the wall clock went",
        arguments: [Duration.seconds(-40_000_000), .seconds(40_000_000)]
    )
    func wallClock(jump: Duration) {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.restart(models, after: .zero, wall: jump)
        if jump > .zero {
            #expect(bench.starts.count == 1)
        } else {
            #expect(bench.model(.a)?.oldestChangeAge == .zero)
            // Ids go on above those that were handed out, though the clock went back.
            let older = bench.jobs().map(\.id)
            #expect(bench.event(.b, "X").jobs.allSatisfy { new in older.allSatisfy { $0 < new } })
        }
    }

    @Test("Q28: a load that was not sent yet is pending again, as if it had never begun")
    func notSent() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        #expect(bench.loading[.a]?.attempt == 1)
        bench.restart(models)
        #expect(bench.resumed.isEmpty)
        bench.pass(.seconds(10))
        #expect(bench.loading[.a]?.attempt == 1)
    }

    @Test("Q28: a load that was sent and not answered is watched until none runs, and then sent again")
    func unanswered() throws {
        var bench = bench()
        let job = bench.event(.a, "EKKO").jobs
        bench.pass(.seconds(10))
        bench.progress(.a, .sending)
        _ = bench.event(.a, "EKPO")
        bench.restart(models)
        #expect(bench.resumed == [.unanswered])
        #expect(bench.jobs(.loading).map(\.id) == job)
        bench.end(.a, .failed(.unanswered("it died")))
        #expect(bench.model(.a)?.pendingTables == ["EKKO", "EKPO"])
        bench.pass(.seconds(60))
        #expect(bench.starts.last?.order.selectors == SelectorSet("EKKO", "EKPO"))
        #expect(bench.starts.last?.order.attempt == 2)
    }

    @Test("Q8: an answered load is watched to its end, with the mark of the load before; what came since waits")
    func answered() {
        var bench = bench()
        let job = bench.event(.a, "EKKO").jobs
        bench.pass(.seconds(10))
        bench.progress(.a, .sending)
        bench.progress(.a, .answered(LoadBaseline(mark: "load-7")))
        _ = bench.event(.a, "EKKO")
        bench.restart(models)
        #expect(bench.resumed == [.answered])
        #expect(bench.loading[.a]?.baseline == LoadBaseline(mark: "load-7"))
        #expect(bench.machine.recoveredChanges == 2)
        bench.pass(.seconds(60))
        #expect(bench.starts.count == 1, "Q3: nothing starts beside it")
        bench.end(.a)
        #expect(bench.jobs(.ended).map(\.id) == job)
        #expect(bench.model(.a)?.loadDuration.count == 0, "nobody knows when it began")
        #expect(bench.starts.last?.order.selectors == SelectorSet("EKKO"), "the change during the load")
    }

    @Test("Q28: a load of which nothing tells it from the one before counts as unanswered")
    func answeredInPart() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        bench.progress(.a, .sending)
        bench.progress(.a, .answered(nil))
        bench.restart(models)
        #expect(bench.resumed == [.unanswered])
    }

    @Test("the end of a load forgets only what was frozen with it")
    func generations() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        let next = bench.event(.a, "EKKO").jobs
        bench.end(.a)
        #expect(bench.disk?.image.jobs.map(\.job.id) == next)
        #expect(bench.disk?.image.jobs.first?.changes.map(\.selector) == [Selector("EKKO")])
    }

    @Test("Q1, Q19: events that joined pending tables are the job's after a restart too, by name and by number")
    func joinedEvents() throws {
        var bench = bench()
        let job = try #require(bench.event(.a, "EKKO").jobs.first)
        var image = try #require(bench.disk?.image)
        let stored = image.jobs[0].job.events
        let joined = (1...150).map { EventID(rawValue: stored[0].rawValue + UInt64($0)) }
        image.remembered = (stored + joined).enumerated().map { index, event in
            let key = DuplicateKey(words: SIMD4(repeating: UInt64(index)))
            let jobs = EventJobs([job])
            return RememberedEvent(source: "s", key: key, event: event, jobs: jobs, expiresAt: bench.now.wall)
        }
        let machine = QueueMachine(settings: QueueSettings(models: models), recovering: image, at: bench.now)
        let recovered = try #require(machine.job(job, at: bench.now))
        #expect(recovered.events == Array((stored + joined).prefix(100)) && recovered.eventCount == 151)
    }

    @Test("Q20: a failed job that was recovered names its culprits as unknown tables")
    func culprits() throws {
        var bench = bench()
        _ = bench.event(.a, "EKKO", "EKKP")
        bench.pass(.seconds(10))
        let culprit = UnknownTable(selector: Selector("EKKP"), policy: .fail, reason: "no such table")
        bench.end(.a, .failed(.permanent("400")), unknown: [culprit])
        let failed = try #require(bench.jobs(.failed).first { Array($0.tables) == ["EKKP"] })
        bench.restart(models)
        #expect(bench.machine.job(failed.id, at: bench.now)?.unknownTables == ["EKKP"])
    }

    @Test("Q18: back-off, failures and the attempts survive")
    func backoff() {
        var bench = Bench([.a: .quiet(.zero)], journals: true)
        _ = bench.event(.a, "EKKO")
        bench.end(.a, .failed(.transient("502", retryAfter: .seconds(40))))
        #expect(bench.jobs(.retrying).count == 1)
        bench.restart([.a: .quiet(.zero)], after: .seconds(10))
        #expect(bench.jobs(.retrying).first?.error == "502")
        bench.pass(.seconds(29))
        #expect(bench.loading.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.loading[.a]?.attempt == 2)
    }

    @Test("Q18: what Celonis asked to wait stays a bound after a restart: beyond `retry.maximum`, and for a flush")
    func retryAfter() throws {
        var policy = ModelPolicy.quiet(.zero)
        policy.retry = ModelPolicy.Retry(initial: .seconds(1), maximum: .seconds(8))
        var bench = Bench([.a: policy], journals: true)
        _ = bench.event(.a, "EKKO")
        bench.end(.a, .failed(.transient("429", retryAfter: .seconds(600))))
        _ = bench.event(.a, "EKPO")
        bench.restart([.a: policy], after: .seconds(100))
        bench.take(try bench.machine.flush("a", at: bench.now))
        bench.pass(.seconds(499))
        #expect(bench.loading.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.loading[.a]?.attempt == 2)
    }

    @Test("Q13: a wall clock that jumped makes no wait longer than it was", arguments: [600, nil])
    func waitsAfterJump(retryAfter: Int?) {
        var policy = ModelPolicy.quiet(.zero)
        policy.retry = ModelPolicy.Retry(initial: .seconds(600), maximum: .seconds(600))
        var bench = Bench([.a: policy], journals: true)
        _ = bench.event(.a, "EKKO")
        bench.end(.a, .failed(.transient("429", retryAfter: retryAfter.map { .seconds($0) })))
        policy.retry.maximum = .seconds(100_000)
        bench.restart([.a: policy], after: .zero, wall: .seconds(-40_000_000))
        bench.pass(.seconds(600))
        #expect(bench.loading[.a]?.attempt == 2)
    }

    @Test("a failed job that was recovered says when it ended")
    func failedAt() throws {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        bench.pass(.seconds(1000))
        bench.end(.a, .failed(.permanent("400")))
        let ended = try #require(bench.jobs(.failed).first?.endedAt)
        bench.restart(models, after: .seconds(5))
        #expect(bench.jobs(.failed).map(\.endedAt) == [ended])
    }

    @Test("Q19: failed jobs survive with their culprits, ride along, and can be retried")
    func failed() {
        var bench = bench()
        let job = bench.event(.a, "EKKO", "EKKP").jobs
        bench.pass(.seconds(10))
        let culprit = UnknownTable(selector: Selector("EKKP"), policy: .fail, reason: "no such table")
        bench.end(.a, .failed(.permanent("400")), unknown: [culprit])
        #expect(bench.jobs(.failed).count == 2)
        bench.restart(models)
        #expect(bench.jobs(.failed).count == 2)
        #expect(bench.jobs(.failed).last?.id == job.first)
        #expect(bench.machine.recoveredChanges == 0)
        _ = bench.event(.a, "VBAK")
        bench.pass(.seconds(10))
        #expect(bench.loading[.a]?.selectors == SelectorSet("EKKO", "VBAK"), "without the culprit")
        bench.end(.a)
        #expect(bench.disk?.image.jobs.count == 1, "the one with the culprit waits for a person")
    }

    @Test("Q16: the copies of a failed job's events are new, also after a restart")
    func forgotten() throws {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        bench.end(.a, .failed(.permanent("400")))
        let job = try #require(bench.jobs(.failed).first)
        #expect(bench.writes.last?.entries.contains(.forgottenWith(job.id)) == true)
    }

    @Test("a hold survives, and its release too")
    func holds() throws {
        var bench = bench()
        bench.take(try bench.machine.hold("a", at: bench.now))
        bench.restart(models)
        #expect(bench.model(.a)?.held == true)
        bench.take(try bench.machine.release("a", at: bench.now))
        bench.restart(models)
        #expect(bench.model(.a)?.held == false)
    }

    @Test("Q24: what is on disk of a model without settings stays there, is named, and is taken up when it has some")
    func strangers() {
        var bench = bench()
        _ = bench.event(.a, "EKKO")
        bench.restart([.b: .quiet(.seconds(10))])
        #expect(bench.machine.strangers == [.a])
        bench.pass(.seconds(1000))
        #expect(bench.starts.isEmpty)
        #expect(bench.disk?.image.jobs.count == 1)
        bench.take(bench.machine.configure(QueueSettings(models: models), at: bench.now))
        #expect(bench.machine.strangers.isEmpty)
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("EKKO")])
        bench.end(.a)
        #expect(bench.disk?.image.jobs.isEmpty == true)
    }

    @Test("Q27: what waits for its set goes on as a job of its own on disk too")
    func waitForAll() {
        var policy = ModelPolicy.quiet(.seconds(10), .seconds(600))
        policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["EKKO", "EKPO"], atMost: .seconds(500))]
        var bench = Bench([.a: policy], journals: true)
        _ = bench.event(.a, "EKKO", "VBAK")
        bench.pass(.seconds(10))
        #expect(bench.loading[.a]?.selectors == SelectorSet("VBAK"))
        bench.end(.a)
        bench.restart([.a: policy])
        #expect(bench.model(.a)?.pendingTables == ["EKKO"])
        bench.pass(.seconds(100))
        #expect(bench.loading.isEmpty, "it still waits for EKPO")
    }
}
