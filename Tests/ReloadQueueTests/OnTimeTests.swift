import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("On time")
struct OnTimeTests {
    @Test("Q9: no start before the quiet period after the last change, not even when one arrives during the look")
    func quietAfterArrivalDuringLook() {
        var bench = Bench([.a: .quiet(.seconds(10), .seconds(60))])
        bench.looksFind = nil
        bench.event(.a, "EKKO")
        bench.pass(.seconds(10))
        #expect(bench.looking == [.a])
        bench.pass(.milliseconds(200))
        bench.event(.a, "EKPO")
        bench.answer(.a, .free(LoadBaseline(mark: nil)))
        #expect(bench.starts.isEmpty)
        bench.looksFind = .free(LoadBaseline(mark: nil))
        bench.pass(.seconds(30))
        #expect(bench.starts.map(\.at) == [.milliseconds(20_200)])
    }

    @Test("Q10: max_wait starts the load to the nanosecond under steady arrivals, and no new configuration moves it")
    func maxWait() {
        var bench = Bench([.a: .quiet(.seconds(10), .nanoseconds(60_000_000_001))])
        while bench.elapsed < .seconds(59) {
            bench.event(.a, "EKKO")
            bench.pass(.seconds(1))
            if bench.elapsed == .seconds(30) {
                let settings = QueueSettings(models: [.a: .quiet(.seconds(10), .seconds(3600))])
                bench.take(bench.machine.configure(settings, at: bench.now))
            }
        }
        bench.event(.a, "EKKO")
        bench.pass(.seconds(5))
        #expect(bench.starts.map(\.at) == [.nanoseconds(60_000_000_001)])
        bench.end(.a)
        #expect(bench.jobs().first?.startReason == "max_wait")
    }

    @Test("Q11: changes with gaps below the quiet period make one load; one after idle makes one at a + q")
    func oneLoad() {
        var bench = Bench([.a: .quiet(.seconds(10), .seconds(100))])
        for _ in 0..<9 {
            bench.event(.a, "EKKO")
            bench.pass(.milliseconds(9_999))
        }
        bench.pass(.seconds(20))
        #expect(bench.starts.map(\.at) == [.milliseconds(8 * 9_999) + .seconds(10)])
        bench.end(.a)
        bench.pass(until: .seconds(1000))
        bench.event(.a, "EKKO")
        bench.pass(.seconds(500))
        #expect(bench.starts.map(\.at).last == .seconds(1010))
        #expect(bench.starts.count == 2)
    }

    @Test("Q12: q = 0 means at once, and an unwritten quiet period is the smaller of 30 s and max_wait")
    func zeroQuiet() {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "EKKO")
        #expect(bench.starts.map(\.at) == [.zero])
        #expect(ModelPolicy().start == .debounce(.seconds(30)))
        #expect(ModelPolicy(maxWait: .seconds(5)).start == .debounce(.seconds(5)))
        #expect(ModelPolicy().maxWait == .seconds(600))
    }

    @Test("Q13: jumps of the wall clock fire, delay and repeat nothing", arguments: [-1, 1])
    func wallClockJumps(direction: Int64) {
        var bench = Bench([.a: .quiet(.seconds(10))])
        bench.event(.a, "EKKO")
        bench.pass(.seconds(5))
        bench.now.wall = WallTime(milliseconds: bench.now.wall.milliseconds + direction * 86_400_000 * 365)
        bench.take(bench.machine.timeReached(at: bench.now))
        #expect(bench.starts.isEmpty)
        bench.pass(.seconds(5))
        #expect(bench.starts.map(\.at) == [.seconds(10)])
        bench.end(.a)
        bench.pass(.seconds(3600))
        #expect(bench.starts.count == 1)
    }

    @Test("load_at is the earliest start, and null while it is not known")
    func loadAt() throws {
        var bench = Bench([.a: .quiet(.seconds(10), .seconds(15))])
        #expect(bench.event(.a, "EKKO").loadAt == bench.now.wall + .seconds(10))
        bench.pass(.seconds(8))
        #expect(bench.event(.a, "EKKO").loadAt == bench.now.wall + .seconds(7))
        bench.pass(.seconds(7))
        #expect(bench.event(.a, "EKKO").loadAt == nil, "a load of the model runs")
        bench.end(.a)
        bench.take(try bench.machine.hold("a", at: bench.now))
        #expect(bench.event(.a, "EKKO").loadAt == nil, "the model is on hold")
    }

    @Test("min_interval counts from the start of the last load; a flush ends it")
    func minInterval() throws {
        var policy = ModelPolicy.quiet(.seconds(1))
        policy.minInterval = .seconds(100)
        var bench = Bench([.a: policy])
        bench.event(.a, "EKKO")
        bench.pass(.seconds(1))
        bench.end(.a)
        bench.event(.a, "EKKO")
        bench.pass(until: .seconds(150))
        #expect(bench.starts.map(\.at) == [.seconds(1), .seconds(101)])
        bench.end(.a)
        bench.event(.a, "EKKO")
        bench.take(try bench.machine.flush("a", at: bench.now))
        bench.end(.a)
        bench.event(.a, "EKKO")
        bench.pass(until: .seconds(160))
        bench.take(try bench.machine.flush("a", at: bench.now))
        #expect(bench.starts.map(\.at) == [.seconds(1), .seconds(101), .seconds(150), .seconds(160)])
    }

    @Test("one wake-up is armed, and only ever brought forward")
    func oneWake() {
        var models: [ModelReference: ModelPolicy] = [:]
        for number in 0..<1000 { models[.model("m\(number)")] = .quiet(.seconds(100 + number)) }
        var machine = QueueMachine(settings: QueueSettings(models: models), at: .start)
        var wakes: [MonotonicTime] = []
        for number in (0..<1000).reversed() {
            let change = ModelChanges(model: .model("m\(number)"), selectors: SelectorSet("T"))
            for action in machine.changesArrived(event: nil, [change], at: .start).1 {
                if case .wake(let at) = action { wakes.append(at) }
            }
        }
        #expect(wakes == (0..<501).reversed().map { .at(.seconds(100 + $0)) })
    }
}
