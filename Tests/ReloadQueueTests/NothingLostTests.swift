import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Nothing lost")
struct NothingLostTests {
    @Test("Q1: a change that arrives while its table loads is loaded again")
    func arrivalDuringLoad() {
        var bench = Bench([.a: .quiet(.seconds(10))])
        bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        #expect(bench.starts.count == 1)
        bench.event(.a, "EKKO")
        bench.pass(.seconds(60))
        bench.end(.a)
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("EKKO"), SelectorSet("EKKO")])
        bench.end(.a)
        #expect(bench.outcomes() == [.succeeded, .succeeded])
        #expect(bench.model(.a)?.state == .idle)
    }

    @Test("Q2: an arrival between look and answer is in the set, one in the next step is not")
    func frozenWithTheLook() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.looksFind = nil
        bench.event(.a, "EKKO")
        bench.event(.a, "EKPO")
        bench.answer(.a, .free(LoadBaseline(mark: "7")))
        bench.event(.a, "BSEG")
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("EKKO", "EKPO")])
        #expect(bench.starts.first?.order.baseline == LoadBaseline(mark: "7"))
        #expect(bench.model(.a)?.state == .loading)
        #expect(bench.model(.a)?.pendingTables == ["BSEG"])
    }

    @Test("Q2: a look whose set was held meanwhile starts nothing")
    func heldDuringLook() throws {
        var bench = Bench([.a: .quiet(.zero)])
        bench.looksFind = nil
        bench.event(.a, "EKKO")
        bench.take(try bench.machine.hold("a", at: bench.now))
        bench.answer(.a, .free(LoadBaseline(mark: nil)))
        #expect(bench.starts.isEmpty)
        #expect(bench.model(.a)?.state == .held)
    }

    @Test("Q3: neither a flush nor a retry starts a second load beside one that runs")
    func noOverlap() throws {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "EKKO")
        bench.end(.a, .failed(.permanent("400")))
        bench.event(.a, "EKPO")
        let failed = try #require(bench.jobs(.failed).first)
        bench.take(try bench.machine.retry(failed.id, at: bench.now))
        bench.event(.a, "BSEG")
        bench.take(try bench.machine.flush("a", at: bench.now))
        bench.pass(.seconds(3600))
        #expect(bench.starts.count == 2)
        #expect(bench.looking.isEmpty)
        bench.end(.a)
        #expect(bench.starts.count == 3)
    }

    @Test("Q4: however many events arrive during a load, exactly one further job follows")
    func oneFollower() {
        var bench = Bench([.a: .quiet(.seconds(1))])
        bench.event(.a, "EKKO")
        bench.pass(.seconds(1))
        var jobs: Set<JobID> = []
        for number in 0..<50 {
            jobs.formUnion(bench.event(.a, "T\(number)").jobs)
            bench.pass(.seconds(5))
        }
        bench.end(.a)
        #expect(jobs.count == 1)
        #expect(bench.starts.count == 2)
        #expect(bench.starts.last?.order.selectors.count == 50)
        bench.end(.a)
        bench.pass(.seconds(3600))
        #expect(bench.starts.count == 2)
    }

    @Test("Q5: a failed attempt gives its set back; the older job keeps id and attempts, the younger ends merged")
    func failedAttemptMerges() throws {
        var bench = Bench([.a: .quiet(.seconds(10))])
        let older = try #require(bench.event(.a, "EKKO").jobs.first)
        let since = bench.elapsed
        bench.pass(.seconds(10))
        let younger = try #require(bench.event(.a, "EKPO").jobs.first)
        bench.end(.a, .failed(.transient("502", retryAfter: .seconds(30))))
        #expect(bench.machine.job(younger, at: bench.now)?.outcome == .merged)
        #expect(bench.machine.job(younger, at: bench.now)?.mergedInto == older)
        #expect(bench.machine.job(older, at: bench.now)?.state == .retrying)
        #expect(bench.model(.a)?.oldestChangeAge == bench.elapsed - since)
        bench.pass(.seconds(25))
        bench.event(.a, "BSEG")
        bench.pass(.seconds(5))
        let start = try #require(bench.starts.last)
        #expect(start.order.job == older)
        #expect(start.order.attempt == 2)
        #expect(start.order.selectors == SelectorSet("EKKO", "EKPO", "BSEG"))
        #expect(start.at == .seconds(40), "the end of the back-off, without a new quiet period")
        bench.end(.a)
        let job = try #require(bench.machine.job(older, at: bench.now))
        #expect(job.eventCount == 3)
        #expect(job.attempts.map(\.result) == ["transient", "succeeded"])
        #expect(job.startReason == "retry")
    }

    @Test("Q6: at a bound a change is refused whole, and one on pending tables still gets in")
    func bound() {
        let settings = QueueSettings(models: [.a: .quiet(.seconds(1)), .b: .quiet(.seconds(1))], maxPendingTables: 2)
        var bench = Bench([:])
        bench.take(bench.machine.configure(settings, at: bench.now))
        bench.event(.a, "T1", "T2")
        let (admission, _) = bench.machine.changesArrived(
            event: EventID(rawValue: 9),
            [
                ModelChanges(model: .b, selectors: SelectorSet("T1")),
                ModelChanges(model: .a, selectors: SelectorSet("T3")),
            ],
            at: bench.now
        )
        #expect(admission == .refused(.full))
        #expect(bench.model(.b)?.pendingTables == [])
        #expect(bench.event(.a, "T2").jobs.count == 1)
    }

    @Test("Names that no table has keep those out that have one only when there are far too many, and it is said")
    func failedNames() {
        var bench = Bench([:])
        let settings = QueueSettings(models: [.a: .quiet(.zero)], maxPendingTables: 3)
        bench.take(bench.machine.configure(settings, at: bench.now))
        bench.event(.a, "X1", "X2", "X3")
        bench.end(.a, .nothingToLoad)
        #expect(bench.model(.a)?.isFull == false)
        #expect(bench.event(.a, "T").jobs.count == 1)
        bench.end(.a)
        bench.event(.a, "X4", "X5", "X6")
        bench.end(.a, .nothingToLoad)
        #expect(bench.model(.a)?.isFull == true)
        #expect(bench.event(.a, "T") == .refused(.full))
    }

    @Test("Q6: an event is refused whole when one of its models is unknown")
    func unknownModel() {
        var bench = Bench([.a: .quiet(.seconds(1))])
        #expect(bench.event(.b, "T") == .refused(.unknownModel(.b)))
        #expect(bench.jobs().isEmpty)
    }
}
