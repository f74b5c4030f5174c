import Settings
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("Rate limit")
struct TokenBucketTests {
    private func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test("a burst passes, the next delivery waits as long as it says")
    func burst() {
        var bucket = TokenBucket(RateLimit(perSecond: 2, burst: 3), now: time(0))
        let answers = (0..<4).map { _ in bucket.take(at: time(0)) }
        #expect(answers == [nil, nil, nil, 1])
        #expect(bucket.take(at: time(499)) == 1)
        #expect(bucket.take(at: time(500)) == nil)
        #expect(bucket.take(at: time(500)) == 1)
    }

    @Test("in the long run no more pass than the rate, whatever the pattern", arguments: [1 as UInt64, 2, 3, 4])
    func longRun(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let limit = RateLimit(perSecond: 5, burst: 10)
        var bucket = TokenBucket(limit, now: time(0))
        var now: Int64 = 0
        var passed = 0
        for _ in 0..<5000 {
            now += Int64.random(in: 0...60, using: &generator)
            if bucket.take(at: time(now)) == nil { passed += 1 }
        }
        let allowed = Double(limit.burst) + Double(now) / 1000 * limit.perSecond
        #expect(Double(passed) <= allowed + 1e-6, "seed \(seed)")
        #expect(Double(passed) >= allowed - 12, "seed \(seed): it refuses more than it must")
    }

    @Test("a slow rate says how long to wait, rounded up")
    func slow() {
        var bucket = TokenBucket(RateLimit(perSecond: 0.1, burst: 1), now: time(0))
        #expect(bucket.take(at: time(0)) == nil)
        #expect(bucket.take(at: time(100)) == 10)
    }
}
