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

    /// One change: a table, and when it changes in seconds.
    private struct Arrival {
        var at: Int
        var table: Int
    }

    @Test("Q26: never more than twice the cost of the best schedule that knows the future", arguments: 0..<4)
    func competitive(kind: Int) {
        var generator = SeededGenerator(seed: UInt64(kind))
        var worst = 0.0
        for _ in 0..<500 {
            let cost = Int.random(in: 1...40, using: &generator)
            let arrivals = Self.arrivals(kind, cost, using: &generator)
            let ratio = Self.online(arrivals, cost) / Self.best(arrivals, cost)
            worst = max(worst, ratio)
        }
        #expect(worst <= 2.0 + 1e-9)
        #expect(worst > 1.0, "a schedule that is never worse than the best one was not measured")
    }

    private static func arrivals(_ kind: Int, _ cost: Int, using generator: inout SeededGenerator) -> [Arrival] {
        var at = 0
        return (0..<Int.random(in: 1...12, using: &generator)).map { number in
            switch kind {
            // Spread out, in bursts, just after the load that the cost forces, or the same few tables again.
            case 0: at += Int.random(in: 0...20, using: &generator)
            case 1: at += Int.random(in: 0..<4, using: &generator) == 0 ? 30 : 0
            case 2: at += cost + 1
            default: at += Int.random(in: 0...10, using: &generator)
            }
            return Arrival(at: at, table: kind == 3 ? Int.random(in: 0..<3, using: &generator) : number)
        }
    }

    /// What the machine makes of it: loads take no time.
    private static func online(_ arrivals: [Arrival], _ cost: Int) -> Double {
        var bench = Bench([.a: policy(.seconds(cost))])
        bench.loadsEnd = .succeeded
        var waited = 0.0
        var pending: [Int: Int] = [:]
        func settle(_ bench: Bench, from start: Int) {
            for start in bench.starts[start...] {
                for since in pending.values { waited += start.at.inSeconds - Double(since) }
                pending = [:]
            }
        }
        for arrival in arrivals {
            let known = bench.starts.count
            bench.pass(until: .seconds(arrival.at))
            settle(bench, from: known)
            if pending[arrival.table] == nil { pending[arrival.table] = arrival.at }
            let before = bench.starts.count
            bench.event(.a, "T\(arrival.table)")
            settle(bench, from: before)
        }
        let known = bench.starts.count
        bench.pass(.seconds(1000))
        settle(bench, from: known)
        return Double(cost * bench.starts.count) + waited
    }

    /// By dynamic programming over the last batch: an optimal load happens at an arrival.
    private static func best(_ arrivals: [Arrival], _ cost: Int) -> Double {
        var best = [0]
        for end in 1...arrivals.count {
            let at = arrivals[end - 1].at
            var least = Int.max
            for start in 0..<end {
                var firsts: [Int: Int] = [:]
                for arrival in arrivals[start..<end] where firsts[arrival.table] == nil {
                    firsts[arrival.table] = arrival.at
                }
                least = min(least, best[start] + cost + firsts.values.reduce(0) { $0 + at - $1 })
            }
            best.append(least)
        }
        return Double(best[arrivals.count])
    }
}
