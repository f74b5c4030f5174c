import ReloadQueue
import Testing
import Vocabulary

@testable import Simulation

@Suite("The best possible schedule")
struct BestScheduleTests {
    /// By trying every set of instants at which to load.
    private func exhaustive(_ events: [SimulatedEvent], cost: Int64, maxWait: Int64) -> Int64 {
        let times = Set(events.map(\.at.milliseconds)).sorted()
        var best = Int64.max
        for choice in 0..<(1 << (times.count - 1)) {
            let loads = times.indices.filter { $0 == times.count - 1 || choice >> $0 & 1 == 1 }.map { times[$0] }
            var sum: Int64 = 0
            var isAllowed = true
            var next = 0
            for load in loads {
                var since: [Selector: Int64] = [:]
                while next < events.count, events[next].at.milliseconds <= load {
                    for selector in events[next].changes[0].selectors.members.keys
                    where since[selector] == nil && since[.everything] == nil {
                        since[selector] = events[next].at.milliseconds
                    }
                    next += 1
                }
                for time in since.values {
                    sum += load - time
                    isAllowed = isAllowed && load - time <= maxWait
                }
                sum += cost
            }
            if isAllowed { best = min(best, sum) }
        }
        return best
    }

    @Test("is what trying everything finds, on 1,000 random histories with * and max_wait")
    func optimal() {
        var generator = SeededGenerator(seed: 11)
        for number in 0..<1000 {
            let events = randomEvents(1...12, tables: 4, gap: 30, using: &generator)
            let cost = Int64.random(in: 0...60, using: &generator)
            let maxWait = Int64.random(in: 0...80, using: &generator)
            let history = EventHistory(events)
            let schedule = BestSchedule(history.instants[0], cost: cost, maxWait: maxWait)
            let sum = schedule.waited + cost * Int64(schedule.loads.count)
            let expected = exhaustive(events, cost: cost, maxWait: maxWait)
            #expect(sum == expected, "history \(number): cost \(cost), max_wait \(maxWait)")
            let waits = schedule.waits(history.instants[0])
            #expect(waits.reduce(0, +) == schedule.waited * 1_000_000)
            if sum != expected { return }
        }
    }

    @Test("no setting of the queue beats it: neither in waiting with as many loads, nor in loads with as much waiting")
    func unbeaten() async {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<8 {
            let events = randomEvents(20...60, tables: 8, gap: 400_000, using: &generator)
            let report = await SimulationReport(
                EventHistory(events),
                QueueSettings(models: [.a: .quiet(.seconds(30))]),
                loadTime: .zero
            )
            #expect(report.bestWithAsManyLoads.loads <= report.configured.loads)
            #expect(report.bestAsFresh.waited <= report.configured.waited)
            #expect(report.bestAsFresh.loads <= report.configured.loads)
            // The frontier has no point that another one beats.
            for (one, next) in zip(report.frontier, report.frontier.dropFirst()) {
                #expect(one.loads < next.loads && one.waited > next.waited)
            }
        }
    }

    @Test(
        "with few candidates it is still possible and truly costed, hardly dearer, and says that it may not be the best"
    )
    func thinned() {
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<20 {
            // Many tables that change all the time: without a bound each instant keeps dozens of candidates.
            let events = (0..<600).map { number in
                SimulatedEvent(number * 100, .a, "T\(Int.random(in: 0..<200, using: &generator))")
            }
            let instants = EventHistory(events).instants[0]
            let cost = Int64.random(in: 50_000...500_000, using: &generator)
            let best = BestSchedule(instants, cost: cost, maxWait: 20_000)
            let thinned = BestSchedule(instants, cost: cost, maxWait: 20_000, limit: 12)
            #expect(best.isExact && !thinned.isExact)
            let waits = thinned.waits(instants)
            #expect(waits.allSatisfy { $0 <= 20_000_000_000 })
            #expect(waits.reduce(0, +) == thinned.waited * 1_000_000)
            #expect(thinned.loads.last?.instant == instants.count, "everything is loaded in the end")
            let (sum, least) = (
                thinned.waited + cost * Int64(thinned.loads.count), best.waited + cost * Int64(best.loads.count)
            )
            #expect(sum >= least)
            #expect(Double(sum) < 1.1 * Double(least), "\(sum) instead of \(least)")
        }
    }

    @Test("between two schedules of one cost lie those that follow the one first and then the other")
    func between() async {
        // A hundred equal pairs: each is loaded once or twice, whatever a load costs; the middle is a mixture.
        let events = (0..<100).flatMap { pair in
            [SimulatedEvent(pair * 1_000_000, .a, "T1"), SimulatedEvent(pair * 1_000_000 + 10_000, .a, "T2")]
        }
        let tradeoff = await Tradeoff(EventHistory(events), maxWaits: [600_000])
        let best = tradeoff.best(loadsAtMost: 150).best
        #expect(best.isExact)
        #expect(best.loads == 150)
        #expect(best.waited == 50 * 10_000)
        let fresh = tradeoff.best(waitedAtMost: 305_000).best
        #expect(fresh.loads == 170)
        #expect(fresh.waited == 300_000)
        #expect(tradeoff.best(loadsAtMost: 3).best.loads == 100, "max_wait asks for more")
    }
}
