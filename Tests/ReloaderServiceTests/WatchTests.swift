import Admin
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("Watching the service")
struct WatchTests {
    private func source(_ name: String, quietFor: Int, expectEvery: Int?) -> SourceSnapshot {
        SourceSnapshot(
            name: name,
            lastDeliveryAt: nil,
            outcomes: [:],
            secretLastUsed: [],
            quietFor: .seconds(quietFor),
            expectEvery: expectEvery.map { .seconds($0) }
        )
    }

    /// One that was last heard so many seconds ago, and one that was heard just now.
    private func sources(quietFor seconds: Int) -> [SourceSnapshot] {
        [source("a", quietFor: seconds, expectEvery: 10), source("b", quietFor: 0, expectEvery: 10)]
    }

    @Test("a silence longer than expect_every is told once, and its end once")
    func silence() {
        var watch = SilenceWatch()
        let found = [5, 10, 11, 12, 3600, 1, 2, 11].map { watch.looked(at: sources(quietFor: $0)) }
        let fell = [SilenceWatch.Change.fellSilent(source: "a")]
        #expect(found == [[], [], fell, [], [], [.heardAgain(source: "a")], [], fell])
    }

    @Test("a safety load that was refused is asked for again at each look, while the silence lasts")
    func refusedLoad() {
        var watch = SilenceWatch()
        #expect(watch.looked(at: sources(quietFor: 61)) == [.fellSilent(source: "a")])
        watch.loadRefused(for: "a")
        #expect(watch.looked(at: sources(quietFor: 62)) == [.loadDue(source: "a")])
        #expect(watch.looked(at: sources(quietFor: 63)).isEmpty)
        watch.loadRefused(for: "a")
        #expect(watch.looked(at: sources(quietFor: 1)) == [.heardAgain(source: "a")])
        #expect(watch.looked(at: sources(quietFor: 2)).isEmpty)
    }

    @Test("a source without expect_every is never silent, and one that left the configuration is not heard again")
    func noExpectation() {
        var watch = SilenceWatch()
        #expect(watch.looked(at: [source("a", quietFor: 1_000_000, expectEvery: nil)]) == [])
        #expect(watch.looked(at: [source("b", quietFor: 2, expectEvery: 1)]) == [.fellSilent(source: "b")])
        #expect(watch.looked(at: []) == [])
    }

    @Test("a source is quiet since its last delivery that verified, at first since it was configured")
    func quiet() throws {
        func now(_ seconds: Int64) -> Now {
            Now(monotonic: MonotonicTime(nanoseconds: seconds * 1_000_000_000), wall: WallTime(milliseconds: 0))
        }
        let meter = SourceMeter(name: "a", at: now(100).monotonic)
        func quietFor(_ seconds: Int64) -> Duration {
            meter.snapshot(secretLastUsed: [], expectEvery: nil, at: now(seconds).monotonic).quietFor
        }
        #expect(quietFor(160) == .seconds(60))
        meter.record(.unauthorized)
        #expect(quietFor(160) == .seconds(60))
        meter.recordVerified(at: now(170))
        #expect(quietFor(200) == .seconds(30))
        // A snapshot whose time was read before the delivery's.
        #expect(quietFor(169) == .zero)
    }

    @Test(
        "leaving ok and getting worse is told, and being ok again",
        arguments: [
            ("ok ok", []), ("degraded", ["degraded"]), ("failing", ["degraded"]),
            ("degraded degraded ok ok", ["degraded", "recovered"]),
            ("degraded failing degraded failing ok", ["degraded", "degraded", "degraded", "recovered"]),
        ]
    )
    func status(_ statuses: String, _ told: [String]) throws {
        var watch = StatusWatch()
        let changes = try statuses.split(separator: " ").map { status in
            watch.looked(at: try #require(HealthReport.Status(rawValue: String(status))))
        }
        #expect(changes.compactMap { $0.map { "\($0)" } } == told)
    }

    @Test("a notification's body is that of Standard Webhooks: type, timestamp, data")
    func body() throws {
        let now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 1000))
        let content = Notification.Content.degraded(.failing, reasons: ["model \"m\" is on hold"])
        let message = Notification(id: "msg_1", at: now, content: content)
        #expect(
            String(decoding: try message.body(), as: UTF8.self) == """
                {"data":{"reasons":["model \\"m\\" is on hold"],"status":"failing"},\
                "timestamp":"1970-01-01T00:00:01.000Z","type":"service.degraded"}
                """
        )
    }
}
