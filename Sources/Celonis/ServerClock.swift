import Vocabulary

/// What Celonis's clock shows, learned from the `Date` of its answers (RFC 9110 §6.6.1) and from when we asked and were
/// answered on our monotonic clock. So our wall clock may be wrong by any amount.
///
/// A `Date` has whole seconds: the server's clock stood in `Date ..< Date + 1 s` at some moment between our sending and
/// our receiving. Each answer bounds the difference of the clocks; the bounds of several answers together are narrower
/// than a second.
package struct ServerClock: Hashable, Sendable {
    /// Quartz clocks drift apart by less than this share of the time that passes.
    private static let drift = 0.0002

    /// The server's milliseconds less our own, at the least and at the most.
    private var difference: ClosedRange<Double>?
    private var learnedAt = MonotonicTime(nanoseconds: 0)

    package init() {}

    /// Takes in one answer. One that contradicts what is known replaces it: the clock was set, or it is another one.
    package mutating func learn(date: WallTime, sentAt: MonotonicTime, receivedAt: MonotonicTime) {
        let milliseconds = Double(date.milliseconds)
        let seen = (milliseconds - Self.milliseconds(receivedAt))...(milliseconds + 1000 - Self.milliseconds(sentAt))
        let known = difference.map { difference in
            let slack = max(0, (receivedAt - learnedAt).inSeconds) * 1000 * Self.drift
            return (difference.lowerBound - slack)...(difference.upperBound + slack)
        }
        difference = known.flatMap { $0.overlaps(seen) ? $0.clamped(to: seen) : nil } ?? seen
        learnedAt = receivedAt
    }

    /// The earliest that the server's clock can have shown at a time of ours; nil before the first answer with a date.
    package func earliest(at time: MonotonicTime) -> WallTime? {
        difference.map { WallTime(milliseconds: Int64((Self.milliseconds(time) + $0.lowerBound).rounded(.down))) }
    }

    private static func milliseconds(_ time: MonotonicTime) -> Double { Double(time.nanoseconds) / 1e6 }
}
