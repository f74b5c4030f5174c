import Vocabulary

/// Decides when refused deliveries are told: the first of a source and reason at once, then at most one line a minute
/// with the number that came since. Whoever can reach the port can cause refusals, so neither the lines nor the memory
/// may grow with them; the sources are the configuration's, the reasons are few.
struct RefusalDigest {
    static let period = Duration.seconds(60)

    private struct Kind: Hashable {
        var source: String
        var reason: String
    }

    private struct Told {
        var at: MonotonicTime
        /// Refused after that and not told yet.
        var since = 0
    }

    private var told: [Kind: Told] = [:]

    /// A delivery was refused.
    /// - Returns: how many are to be told now, this one included; nil: none now.
    mutating func refused(source: String, reason: String, at now: MonotonicTime) -> Int? {
        let kind = Kind(source: source, reason: reason)
        guard var last = told[kind], now - last.at < Self.period else {
            let count = (told[kind]?.since ?? 0) + 1
            told[kind] = Told(at: now)
            return count
        }
        last.since += 1
        told[kind] = last
        return nil
    }
}
