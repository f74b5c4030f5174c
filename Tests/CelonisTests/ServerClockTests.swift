import Celonis
import Testing
import Vocabulary

@Suite("The server's clock")
struct ServerClockTests {
    private func at(_ milliseconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(milliseconds) * 1_000_000)
    }
    private func wall(_ milliseconds: Int) -> WallTime { WallTime(milliseconds: Int64(milliseconds)) }

    @Test("One date bounds it by a second and the time of the call; several agree on less")
    func bounds() {
        var clock = ServerClock()
        #expect(clock.earliest(at: at(0)) == nil)
        clock.learn(date: wall(1_000_000), sentAt: at(0), receivedAt: at(100))
        #expect(clock.earliest(at: at(100)) == wall(1_000_000))
        #expect(clock.earliest(at: at(2_100)) == wall(1_002_000))
        clock.learn(date: wall(1_001_000), sentAt: at(300), receivedAt: at(400))
        // 0.2 ms of each second may be drift.
        #expect(clock.earliest(at: at(400)) == wall(1_001_000))
    }

    @Test("It never says later than the clock shows, whatever the clock, the delays and the drift")
    func sound() {
        for seed in UInt64(1)...200 {
            var random = Seeded(state: seed)
            let offset = Int.random(in: -1_000_000...1_000_000_000, using: &random)
            let drift = Double.random(in: -0.0001...0.0001, using: &random)
            func truth(_ milliseconds: Int) -> Int {
                milliseconds + offset + Int((Double(milliseconds) * drift).rounded())
            }
            var clock = ServerClock()
            var now = 2_000_000
            var widest = 0
            for _ in 0..<100 {
                let sent = now + Int.random(in: 0...60_000, using: &random)
                let seen = sent + Int.random(in: 0...200, using: &random)
                now = seen + Int.random(in: 0...200, using: &random)
                let shown = truth(seen)
                let date = shown - ((shown % 1000) + 1000) % 1000
                clock.learn(date: wall(date), sentAt: at(sent), receivedAt: at(now))
                let earliest = Int(clock.earliest(at: at(now))?.milliseconds ?? .max)
                #expect(earliest <= truth(now) + 1, "seed \(seed)")
                widest = truth(now) - earliest
            }
            #expect(widest < 1400, "seed \(seed)")
        }
    }

    @Test("A clock that was set is learned anew")
    func set() {
        var clock = ServerClock()
        clock.learn(date: wall(5_000_000), sentAt: at(0), receivedAt: at(10))
        clock.learn(date: wall(1_000_000), sentAt: at(20), receivedAt: at(30))
        #expect(clock.earliest(at: at(30)) == wall(1_000_000))
    }

    @Test(
        "Every plain way to write a load's start is read, and no other",
        arguments: [
            ("1700000000123", 1_700_000_000_123), ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("2023-11-14T22:13:20.1Z", 1_700_000_000_100), ("2023-11-14T22:13:20.123456Z", 1_700_000_000_123),
            ("2023-11-14T23:13:20.123+01:00", 1_700_000_000_123), ("2023-11-14 21:43:20-0030", 1_700_000_000_000),
            ("2023-11-14T22:13:20+00", 1_700_000_000_000), ("2024-02-29T00:00:00z", 1_709_164_800_000),
            ("2023-11-14T22:13:20", nil), ("2023-11-14", nil), ("yesterday", nil), ("", nil), ("T", nil),
            ("2023-11-14T22:13Z", nil), ("2023-13-14T22:13:20Z", nil),
            ("--T::Z", nil), ("2023-11-14T22:13:20CET", nil), ("٢٠٢٣-11-14T22:13:20Z", nil),
        ] as [(String, Int?)]
    )
    func starts(text: String, milliseconds: Int?) {
        #expect(WallTime(loadDate: text) == milliseconds.map { wall($0) })
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 32) | (state << 32)
        }
    }
}
