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

    /// Takes a token; nil where one was there, else how many seconds, rounded up, until the next one.
    mutating func take(at now: MonotonicTime) -> Int? {
        tokens = min(Double(limit.burst), tokens + max(0, (now - filledAt).inSeconds) * limit.perSecond)
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

    init(_ limit: RateLimit, now: MonotonicTime) { bucket = Mutex(TokenBucket(limit, now: now)) }

    /// See `TokenBucket.take(at:)`.
    func take(at now: MonotonicTime) -> Int? { bucket.withLock { $0.take(at: now) } }
}
