import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Load cost")
struct LoadCostTests {
    private static func policy(_ cost: Duration, _ maxWait: Duration = .seconds(1_000_000)) -> ModelPolicy {
        ModelPolicy(start: .loadCost(cost), maxWait: maxWait)
    }

    @Test("Q26: starts to the nanosecond when the waiting changes have together waited the cost")
    func exact() {
        var bench = Bench([.a: Self.policy(.seconds(100))])
        bench.event(.a, "T1")
        bench.pass(.seconds(10))
        bench.event(.a, "T2", "T3")
        bench.event(.a, "T1")
        bench.pass(.seconds(100))
        // 3 t - (0 + 10 + 10) = 100
        #expect(bench.starts.map(\.at) == [.seconds(40)])
        bench.end(.a)
        #expect(bench.jobs().first?.startReason == "load_cost")
        bench.pass(until: .seconds(200))
        bench.event(.a, "T1")
        bench.event(.a, "T2", "T3")
        bench.pass(.seconds(100))
        #expect(bench.starts.last?.at == .seconds(200) + .nanoseconds(33_333_333_333), "never rounded up")
    }

    @Test("Q26: at max_wait at the latest, and * does not make earlier waiting forgotten")
    func bounds() {
        var bench = Bench([.a: Self.policy(.seconds(1000), .seconds(60)), .b: Self.policy(.seconds(60))])
        bench.event(.a, "T1")
        bench.event(.b, "T1")
        bench.pass(.seconds(50))
        bench.event(.b, "*")
        bench.pass(.seconds(50))
        #expect(bench.starts.first { $0.order.model == .a }?.at == .seconds(60))
        #expect(bench.starts.first { $0.order.model == .b }?.at == .seconds(55))
    }
}
