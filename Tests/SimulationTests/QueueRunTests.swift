import OffThePool
import ReloadQueue
import Testing
import Vocabulary

@testable import Simulation

@Suite("The queue on a virtual clock", .offThePool)
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
        // The complete load holds every table that was named: T1, T2 and T3.
        #expect(run.loads.map(\.tables) == [2, 2, 3])
        let figures = run.figures(loadTime: .seconds(60))
        #expect(figures.loads == 3)
        #expect(figures.tables == 7)
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

    @Test("a load of one of a reload_together set holds the whole set, and a complete load every table that is named")
    func sizes() async {
        var policy = ModelPolicy.quiet(.zero)
        // Two that touch each other are one; T9 never changes.
        policy.options.reloadTogether = [["T1", "T2"], ["T4", "T5"], ["T2", "T9"]]
        policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["T7", "T8"], atMost: .zero)]
        let events = [
            SimulatedEvent(0, .a, "T1"), SimulatedEvent(10_000, .a, "T3"), SimulatedEvent(20_000, .a, "T1", "T2", "T3"),
            SimulatedEvent(30_000, .a, "T4", "T9"), SimulatedEvent(40_000, .a, "data_source:1"),
            SimulatedEvent(50_000, .a, "*"),
        ]
        let history = EventHistory(events, tables: [.a: ["T3", "T6"]])
        let settings = QueueSettings(models: [.a: policy])
        let run = QueueRun(history, settings, loadTime: .seconds(1))
        #expect(run.loads.map(\.tables) == [3, 1, 4, 5, 1, 9])
        policy.waitForAll = []
        let quick = QuickRun(history, QueueSettings(models: [.a: policy]), loadTime: .seconds(1))
        #expect(quick.tables == 3 + 1 + 4 + 5 + 1 + 7)

        let report = await SimulationReport(history, settings, loadTime: .seconds(1))
        #expect(report.models.map(\.knownTables) == [9])
        #expect(report.bestWithAsManyLoads.tables == report.configured.tables, "six loads each")
        #expect(report.history.hasCompleteLoads)
    }

    @Test("what events change is kept once a kind, in whatever parts they are read")
    func list() {
        var generator = SeededGenerator(seed: 7)
        let events = randomEvents(300...300, tables: 4, gap: 60_000, using: &generator)
        var (whole, first, second) = (EventList(), EventList(), EventList())
        for (number, event) in events.enumerated() {
            whole.append(event)
            if number < 100 { first.append(event) } else { second.append(event) }
        }
        let nothing = SimulatedEvent(at: .start, changes: [])
        let elsewhere = SimulatedEvent(at: .start + .seconds(99_999_999), changes: [], isElsewhere: true)
        for event in [nothing, elsewhere, elsewhere] {
            whole.append(event)
            second.append(event)
        }
        first.append(contentsOf: second)

        #expect(whole.kinds.count <= 5 && first.kinds == whole.kinds)
        #expect(first.events.map(\.at) == whole.events.map(\.at))
        #expect(first.events.map(\.kind) == whole.events.map(\.kind))
        let history = EventHistory(first)
        #expect(history.count == 303 && history.unmatched == 1 && history.elsewhere == 2)
        #expect(history.span == .start...elsewhere.at)
    }

    @Test("percentiles are those of the sorted waits, without sorting them")
    func percentiles() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let largest = Int64.random(in: 0...50, using: &generator)
            var waits = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
                Int64.random(in: 0...largest, using: &generator)
            }
            if Int.random(in: 0..<4, using: &generator) == 0 { waits.sort() }
            let position = Int.random(in: waits.indices, using: &generator)
            let expected = waits.sorted()[position]
            #expect(waits.select(position) == expected)
        }
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
                if isCost { settings.models[model]?.options.reloadTogether = [["T1", "T2"], ["T0", "T9"]] }
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
