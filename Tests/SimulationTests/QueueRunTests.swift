import ReloadQueue
import Testing
import Vocabulary

@testable import Simulation

@Suite("The queue on a virtual clock")
struct QueueRunTests {
    @Test("loads start when the settings say, take their time, and one more follows what arrived meanwhile")
    func scripted() {
        let events = [
            SimulatedEvent(0, .a, "T1"), SimulatedEvent(20_000, .a, "T2"), SimulatedEvent(55_000, .a, "T1"),
            SimulatedEvent(56_000, .a, "T1", "T3"), SimulatedEvent(500_000, .a, "*"),
        ]
        let run = QueueRun(events, [.a: .quiet(.seconds(30))], loads: .seconds(60))

        // 20 + 30; the next was due at 56 + 30 and had to wait for the end at 110; 500 + 30.
        #expect(run.starts == [50_000, 110_000, 530_000])
        #expect(run.loads.map(\.tables) == [2, 2, 1])
        let figures = run.figures(loadTime: .seconds(60))
        #expect(figures.loads == 3)
        #expect(figures.tables == 5)
        // Waited: 50 and 30, 55 and 54, 30 seconds.
        #expect(figures.waited == .seconds(219))
        #expect(figures.freshness.p50 == .seconds(110))
        #expect(figures.freshness.p95 == .seconds(115))
        #expect(figures.freshness.max == .seconds(115))
    }

    @Test("max_wait, slots, wait_for_all and what * covers are the queue's own")
    func settings() {
        let busy = (0..<100).map { SimulatedEvent($0 * 1000, .a, "T1") }
        #expect(QueueRun(busy, [.a: .quiet(.seconds(2), .seconds(10))], loads: .zero).starts.first == 10_000)

        let both = [SimulatedEvent(0, .a, "T1"), SimulatedEvent(0, .b, "T1")]
        let models: [ModelReference: ModelPolicy] = [.a: .quiet(.zero), .b: .quiet(.zero)]
        #expect(QueueRun(both, models, loads: .seconds(5), slots: 2).starts == [0, 0])
        #expect(QueueRun(both, models, loads: .seconds(5), slots: 1).starts == [0, 5000])

        var waiting = ModelPolicy.quiet(.zero)
        waiting.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(100))]
        let set = [SimulatedEvent(0, .a, "T1", "T3"), SimulatedEvent(40_000, .a, "T2")]
        let run = QueueRun(set, [.a: waiting], loads: .zero)
        #expect(run.starts == [0, 40_000])
        #expect(run.loads.map(\.tables) == [1, 2])
        #expect(run.waits[0].sorted() == [0, 0, 40_000_000_000])

        let covered = [SimulatedEvent(0, .a, "T1"), SimulatedEvent(10, .a, "*"), SimulatedEvent(20, .a, "T2")]
        #expect(QueueRun(covered, [.a: .quiet(.seconds(1))], loads: .zero).waits[0].count == 2)
    }

    /// What the settings promise, written down a second time and without the queue: a load starts at the last change + q
    /// or the first + w, but not before the one before it has ended, and takes whatever has come by then.
    private func naive(_ events: [SimulatedEvent], _ quiet: Int64, _ maxWait: Int64, load: Int64) -> [Int] {
        let times = events.map { $0.at.milliseconds - WallTime.start.milliseconds }
        var starts: [Int64] = []
        var next = 0
        while next < times.count {
            let free = (starts.last ?? -load) + load
            var end = next
            while true {
                let due = max(min(times[end] + quiet, times[next] + maxWait), free)
                // An event at the very instant comes after the load.
                guard end + 1 < times.count, times[end + 1] < due else {
                    // With no quiet period it is there before the load is: what comes at that time belongs to it.
                    starts.append(due)
                    break
                }
                end += 1
            }
            next = end + 1
        }
        return starts.map(Int.init)
    }

    @Test("simulate makes the loads that a second, naive model makes, on 500 random histories")
    func naiveModel() {
        var generator = SeededGenerator(seed: 5)
        for number in 0..<500 {
            // Each at a time of its own, so that nothing depends on who comes first in one instant.
            var at = 0
            let events = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                at += Int.random(in: 1...20_001, using: &generator) | 1
                return SimulatedEvent(at, .a, "T\(Int.random(in: 0..<5, using: &generator))")
            }
            let quiet = Int64.random(in: 1...15, using: &generator) * 1000
            let maxWait = quiet + Int64.random(in: 0...40, using: &generator) * 1000
            let load = Int64.random(in: 0...30, using: &generator) * 1000
            let run = QueueRun(
                events,
                [.a: .quiet(.milliseconds(quiet), .milliseconds(maxWait))],
                loads: .milliseconds(load)
            )
            let expected = naive(events, quiet, maxWait, load: load)
            #expect(run.starts == expected, "history \(number): q \(quiet), w \(maxWait), load \(load)")
            if run.starts != expected { return }
        }
    }

    @Test("what stands for the queue in the grid makes the queue's own loads, on 1,000 random histories and settings")
    func quick() {
        var generator = SeededGenerator(seed: 8)
        let models = (0..<4).map { ModelReference.model("m\($0)") }
        for number in 0..<1000 {
            var at = 0
            let events = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                // Half of the times are round, so that ends, deadlines and events meet in one instant.
                at +=
                    Int.random(in: 0..<2, using: &generator) == 0 ? Int.random(in: 0...3, using: &generator) * 1000 : 0
                at += Int.random(in: 0..<2, using: &generator) == 0 ? Int.random(in: 0...2500, using: &generator) : 0
                let changed = models.shuffled(using: &generator).prefix(Int.random(in: 0...2, using: &generator))
                return SimulatedEvent(
                    at: WallTime.start + .milliseconds(at),
                    changes: changed.map { model in
                        let tables = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                            Selector(["T1", "T2", "T3", "T4", "T5", "*"].randomElement(using: &generator) ?? "T1")
                        }
                        return ModelChanges(model: model, selectors: SelectorSet(tables))
                    }
                )
            }
            func seconds(_ range: ClosedRange<Int>) -> Duration {
                .seconds(Int.random(in: range, using: &generator))
            }
            var settings = QueueSettings(models: [:], maxConcurrentLoads: Int.random(in: 1...4, using: &generator))
            for model in models {
                let isCost = Int.random(in: 0..<2, using: &generator) == 0
                let quiet = seconds(0...4)
                settings.models[model] = ModelPolicy(
                    start: isCost ? .loadCost(seconds(0...15)) : .debounce(quiet),
                    maxWait: quiet + seconds(0...8),
                    minInterval: seconds(0...1) * Int.random(in: 0...6, using: &generator)
                )
            }
            let loadTime = seconds(0...5)
            let history = EventHistory(events)
            let run = QueueRun(history, settings, loadTime: loadTime)
            let quick = QuickRun(history, settings, loadTime: loadTime)
            let isSame = quick.figures(loadTime: loadTime) == run.figures(loadTime: loadTime)
            #expect(
                isSame,
                "history \(number): \(quick.figures(loadTime: loadTime)), \(run.figures(loadTime: loadTime))"
            )
            if !isSame { return }
        }
        var waiting = ModelPolicy()
        waiting.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(1))]
        #expect(!QuickRun.canStandFor(QueueSettings(models: [.a: ModelPolicy(), .b: waiting])))
    }

    @Test("the order of the file does not matter, and every run is the same")
    func deterministic() async {
        var generator = SeededGenerator(seed: 6)
        let events = randomEvents(200...200, tables: 6, gap: 60_000, using: &generator) + [SimulatedEvent(7)]
        let models: [ModelReference: ModelPolicy] = [.a: ModelPolicy()]
        let settings = QueueSettings(models: models)
        let one = await SimulationReport(EventHistory(events), settings, loadTime: .seconds(30))
        // Those of one time keep their order.
        let turned = Dictionary(grouping: events, by: \.at).values.shuffled(using: &generator).flatMap { $0 }
        let other = await SimulationReport(EventHistory(turned), settings, loadTime: .seconds(30))

        #expect(one.configured == other.configured)
        #expect(one.trials.map(\.figures) == other.trials.map(\.figures))
        #expect(Picture(one).svg == Picture(other).svg)
        #expect(one.history.unmatched == 1)
    }

    @Test("no events make no loads, and still a report and a picture")
    func nothing() async {
        let report = await SimulationReport(
            EventHistory([]),
            QueueSettings(models: [.a: ModelPolicy()]),
            loadTime: .seconds(30)
        )
        #expect(report.configured == Figures(loads: 0, tables: 0, waits: [], loadTime: .zero))
        #expect(Picture(report).svg.hasSuffix("</svg>\n"))
    }
}
