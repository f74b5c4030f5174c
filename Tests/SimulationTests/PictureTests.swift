import ReloadQueue
import Testing
import Vocabulary

@testable import Simulation

@Suite("The picture")
struct PictureTests {
    private func picture(_ events: [SimulatedEvent], _ models: [ModelReference: ModelPolicy]) async -> String {
        Picture(
            await SimulationReport(
                EventHistory(events),
                QueueSettings(models: models),
                loadTime: .seconds(30),
                grid: [LoadSetting(start: .debounce(.zero), maxWait: .seconds(60))]
            )
        ).svg
    }

    @Test("its size does not grow with the number of events, and it holds no number that is none")
    func bounded() async {
        let events = (0..<20_000).map { SimulatedEvent($0 * 40, .a, "T\($0 % 7)") }
        let svg = await picture(events, [.a: .quiet(.seconds(1))])
        #expect(svg.utf8.count < 400_000)
        #expect(!svg.contains("nan") && !svg.contains("inf\""))
        #expect(svg.contains("changes wait"))
    }

    @Test("a model's name can neither end an element nor start one")
    func escaped() async {
        let evil = ModelReference.model("<script>&\u{1B}")
        let svg = await picture([SimulatedEvent(0, evil, "T")], [evil: ModelPolicy()])
        #expect(!svg.contains("<script"))
        #expect(svg.contains("&lt;script&gt;&amp;"))
        #expect(!svg.contains("\u{1B}"))
    }

    @Test("durations in at most two units, numbers with so many digits")
    func texts() {
        let expected: [(Int, String)] = [
            (0, "0s"), (850, "850ms"), (4200, "4.2s"), (9000, "9s"), (9960, "10s"), (30_000, "30s"), (59_600, "1m"),
            (65_000, "1m05s"), (600_000, "10m"), (3_600_000, "1h"), (9_000_000, "2h30m"), (86_400_000, "1d"),
            (100_800_000, "1d04h"),
        ]
        for (milliseconds, text) in expected {
            #expect(Duration.milliseconds(milliseconds).shortText == text)
        }
        #expect(12.345.text(digits: 1) == "12.3")
        #expect((-0.04).text(digits: 1) == "0.0")
        #expect(0.05.text(digits: 2) == "0.05")
        #expect(7.0.text(digits: 0) == "7")
    }

    @Test("the time line has round times, a few of them")
    func ticks() {
        for seconds in [1, 45, 600, 86_400, 30 * 86_400, 900 * 86_400] {
            let end = WallTime.start + .seconds(seconds)
            let ticks = TimeTicks(from: .start, to: end).ticks
            #expect((3...11).contains(ticks.count), "\(seconds) s: \(ticks.count)")
            #expect(Set(ticks.map(\.label)).count == ticks.count, "\(ticks.map(\.label))")
        }
    }
}
