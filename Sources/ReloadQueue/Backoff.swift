import Vocabulary

/// Delays between tries.
///
/// With `initial` 5 s and `maximum` 600 s, the upper ends are 5, 10, 20, 40, 80, 160, 320, 600, 600, … seconds.
package enum Backoff {
    /// The upper end doubles from `initial` to `maximum`; `count` is 1 for the first.
    package static func ceiling(_ count: Int, initial: Duration, maximum: Duration) -> Duration {
        var delay = min(initial, maximum)
        for _ in 1..<max(1, count) where delay < maximum {
            // Doubling is safe: delay < maximum, and min() ends it.
            delay = min(delay * 2, maximum)
            if delay == .zero { break }
        }
        return delay
    }

    /// Full jitter: anywhere between nothing and the upper end, so that models that failed together spread out
    /// (queue.md Q18).
    static func delay(
        _ count: Int,
        _ retry: ModelPolicy.Retry,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = ceiling(count, initial: retry.initial, maximum: retry.maximum)
        return .nanoseconds(Int64.random(in: 0...max(0, ceiling.nanoseconds), using: &generator))
    }
}
