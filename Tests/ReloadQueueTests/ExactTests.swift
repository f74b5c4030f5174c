import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Exact")
struct ExactTests {
    @Test("Q14: the order of arrivals never changes the set", arguments: 0..<20)
    func orderOfArrivals(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sets = [SelectorSet("T1"), SelectorSet("T2", "T3"), SelectorSet("T3"), SelectorSet("data_source:x")]
        var bench = Bench([.a: .quiet(.seconds(1))])
        for set in sets.shuffled(using: &generator) { bench.event(.a, set) }
        bench.pass(.seconds(1))
        #expect(bench.starts.map(\.order.selectors.texts) == [["T1", "T2", "T3", "data_source:x"]])
    }

    @Test("Q14: * absorbs what came before and after; fail wins over ignore")
    func absorption() {
        var bench = Bench([.a: .quiet(.seconds(1))])
        bench.event(.a, "T1")
        bench.event(.a, "*")
        bench.event(.a, "T2")
        #expect(bench.model(.a)?.pendingTables == ["*"])
        bench.pass(.seconds(1))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("*")])
        bench.end(.a)
        bench.event(.a, SelectorSet([.table("T1")], unknown: .ignore))
        bench.event(.a, SelectorSet([.table("T1")], unknown: .fail))
        bench.event(.a, SelectorSet([.table("T1")], unknown: .ignore))
        bench.pass(.seconds(1))
        #expect(bench.starts.last?.order.selectors.members == [.table("T1"): .fail])
    }

    @Test("Q15: ready models start in order of readiness, and one that is always busy starves nobody")
    func orderOfReadiness() {
        let models: [ModelReference: ModelPolicy] = [
            .a: .quiet(.zero), .b: .quiet(.seconds(3)), .c: .quiet(.seconds(2)),
        ]
        var bench = Bench(models, slots: 1)
        bench.event(.a, "T")
        bench.event(.b, "T")
        bench.event(.c, "T")
        bench.event(.a, "T")
        bench.pass(.seconds(10))
        for model in [ModelReference.a, .c, .b] {
            bench.end(model)
            bench.event(.a, "T")
        }
        #expect(bench.starts.map(\.order.model) == [.a, .c, .b, .a])
    }

    /// Model a loads in the only slot, b is due at 1 s, c at 2 s.
    private static func queueOfTwo(_ c: ModelPolicy = .quiet(.seconds(2))) -> Bench {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.seconds(1)), .c: c], slots: 1)
        for model in [ModelReference.a, .b, .c] { bench.event(model, "T") }
        bench.pass(.seconds(3))
        return bench
    }

    @Test("Q15: a flush or a retry by hand does not send a model that is due already to the end of the queue")
    func urgencyKeepsItsPlace() throws {
        var flushed = Self.queueOfTwo()
        flushed.take(try flushed.machine.flush("b", at: flushed.now))
        flushed.end(.a)
        #expect(flushed.starts.map(\.order.model) == [.a, .b])

        var retried = Bench([.a: .quiet(.zero), .b: .quiet(.seconds(1)), .c: .quiet(.seconds(1))], slots: 1)
        retried.event(.b, "T")
        retried.pass(.seconds(1))
        retried.end(.b, .failed(.permanent("400")))
        for model in [ModelReference.a, .b] { retried.event(model, "U") }
        retried.pass(.seconds(1))
        retried.event(.c, "T")
        retried.pass(.seconds(2))
        retried.take(try retried.machine.retry(retried.jobs(.failed)[0].id, at: retried.now))
        retried.end(.a)
        #expect(retried.starts.map(\.order.model) == [.b, .a, .b])
    }

    @Test("Q15: a drain keeps the order of those that are due already")
    func drainKeepsOrder() {
        var bench = Self.queueOfTwo(.quiet(.milliseconds(500)))
        bench.take(bench.machine.beginDrain(timeout: .seconds(60), at: bench.now))
        for model in [ModelReference.a, .c, .b] { bench.end(model) }
        #expect(bench.starts.map(\.order.model) == [.a, .c, .b])
    }

    @Test("Q15: who is due only by a new configuration does not pass who was due before it")
    func configurationMakesNobodyPass() {
        var bench = Self.queueOfTwo(.quiet(.seconds(100)))
        let models: [ModelReference: ModelPolicy] = [.a: .quiet(.zero), .b: .quiet(.seconds(1)), .c: .quiet(.zero)]
        bench.take(bench.machine.configure(QueueSettings(models: models, maxConcurrentLoads: 1), at: bench.now))
        bench.end(.a)
        #expect(bench.starts.map(\.order.model) == [.a, .b])
    }

    @Test("Q15: without a quiet period a later change does not send a ready model to the end of the queue")
    func laterChangeKeepsPlace() {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.zero), .c: .quiet(.zero)], slots: 1)
        for model in [ModelReference.a, .b, .c, .b] {
            bench.event(model, "T")
            bench.pass(.seconds(1))
        }
        bench.end(.a)
        #expect(bench.starts.map(\.order.model) == [.a, .b])
    }

    @Test("Q15: nothing done on one model changes a deadline of another")
    func independence() throws {
        var bench = Bench([.a: .quiet(.seconds(10)), .b: .quiet(.seconds(1))])
        bench.event(.a, "T")
        bench.event(.b, "T")
        bench.pass(.seconds(1))
        bench.end(.b, .failed(.permanent("400")))
        bench.event(.b, "T")
        bench.take(try bench.machine.flush("b", at: bench.now))
        bench.take(try bench.machine.hold("b", at: bench.now))
        bench.pass(.seconds(60))
        #expect(bench.starts.first { $0.order.model == .a }?.at == .seconds(10))
    }

    @Test("Q15, Q21: a model that waits for somebody else's load holds no slot")
    func noSlotWhileBusyElsewhere() {
        var bench = Bench([.a: .quiet(.zero), .b: .quiet(.zero)], slots: 1)
        bench.looksFind = nil
        bench.event(.a, "T")
        bench.answer(.a, .busy)
        bench.event(.b, "T")
        #expect(bench.looking == [.b])
        bench.answer(.b, .free(LoadBaseline(mark: nil)))
        #expect(bench.loading[.b] != nil)
        #expect(bench.model(.a)?.state == .ready)
    }

    @Test("Q27: members wait for the whole set; the others do not wait for them")
    func waitForAll() throws {
        var policy = ModelPolicy.quiet(.seconds(1))
        policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(600))]
        var bench = Bench([.a: policy])
        let first = try #require(bench.event(.a, "T1", "X").jobs.first)
        bench.pass(.seconds(10))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("X")])
        let split = bench.transitions.compactMap { transition -> JobID? in
            if case .split(first, let into, _) = transition { into } else { nil }
        }
        #expect(bench.jobs(.waiting).map(\.id) == split)
        #expect(bench.jobs(.waiting).first?.events == [EventID(rawValue: 1)])
        bench.end(.a)
        bench.event(.a, "T2")
        bench.pass(.seconds(10))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("X"), SelectorSet("T1", "T2")])
        #expect(bench.starts.last?.at == .seconds(11))
    }

    @Test("Q27: at the set's deadline the members that did change load; being loaded leaves the set's memory")
    func waitForAllDeadline() throws {
        var policy = ModelPolicy.quiet(.seconds(1))
        policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(30))]
        var bench = Bench([.a: policy])
        bench.event(.a, "T1")
        bench.pass(.seconds(60))
        #expect(bench.starts.map(\.at) == [.seconds(30)])
        bench.end(.a)
        #expect(bench.jobs().first?.startReason == "wait_for_all")
        bench.event(.a, "T2")
        bench.pass(.seconds(29))
        #expect(bench.starts.count == 1, "T1 was loaded, so T2 waits for it again")
        bench.take(try bench.machine.flush("a", at: bench.now))
        #expect(bench.starts.last?.order.selectors == SelectorSet("T2"), "a flush takes everything")
    }

    @Test("Q27: * overrides the set, and a failed attempt does not wait for it again")
    func waitForAllOverridden() {
        var policy = ModelPolicy.quiet(.seconds(1))
        policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(300))]
        var bench = Bench([.a: policy])
        bench.event(.a, "T1", "T2")
        bench.pass(.seconds(1))
        bench.event(.a, "T1")
        bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        bench.pass(.seconds(10))
        #expect(bench.starts.map(\.order.selectors) == [SelectorSet("T1", "T2"), SelectorSet("T1", "T2")])
        bench.end(.a)
        bench.event(.a, "T1")
        bench.event(.a, "*")
        bench.pass(.seconds(1))
        #expect(bench.starts.last?.order.selectors == SelectorSet("*"))
    }
}
