import Settings
import Synchronization
import Vocabulary

/// A token bucket (product.md §2, `rate_limit`): `burst` deliveries at once, `perSecond` in the long run.
struct TokenBucket: Hashable, Sendable {
    let limit: RateLimit
    private var tokens: Double
    private var filledAt: MonotonicTime

    init(_ limit: RateLimit, now: MonotonicTime) {
        self.limit = limit
        tokens = Double(limit.burst)
        filledAt = now
    }

    /// What is left, under another limit from now on.
    func limited(to limit: RateLimit, now: MonotonicTime) -> Self {
        var bucket = Self(limit, now: now)
        bucket.tokens = min(bucket.tokens, level(at: now))
        return bucket
    }

    private func level(at now: MonotonicTime) -> Double {
        min(Double(limit.burst), tokens + max(0, (now - filledAt).inSeconds) * limit.perSecond)
    }

    /// Takes a token; nil where one was there, else how many seconds, rounded up, until the next one.
    mutating func take(at now: MonotonicTime) -> Int? {
        tokens = level(at: now)
        filledAt = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return Int(((1 - tokens) / limit.perSecond).rounded(.up))
    }
}

/// The bucket of one source, shared by all event loops.
final class RateLimiter: Sendable {
    private let bucket: Mutex<TokenBucket>

    /// Full, or with what a former one has left: a new configuration lets no burst in that the old one would not.
    init(_ limit: RateLimit, after former: RateLimiter?, now: MonotonicTime) {
        bucket = Mutex(
            former.map { $0.bucket.withLock { $0.limited(to: limit, now: now) } } ?? TokenBucket(limit, now: now)
        )
    }

    /// See `TokenBucket.take(at:)`.
    func take(at now: MonotonicTime) -> Int? { bucket.withLock { $0.take(at: now) } }
}
