/// A Prometheus histogram with fixed upper bounds in seconds; its memory never grows.
package struct Histogram: Hashable, Sendable {
    /// Upper bounds, ascending; what lies above the last falls into one more bucket.
    package let bounds: [Double]
    /// One more than `bounds`; not cumulative.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Double = 0

    /// Seconds from a tenth to a day: both a load's duration and a change's freshness lie there.
    package static let secondsToHours: [Double] = [
        0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400,
    ]

    package init(bounds: [Double] = Self.secondsToHours) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package var count: UInt64 { counts.reduce(0, +) }

    package mutating func record(_ duration: Duration) {
        let seconds = duration.inSeconds
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }

    /// Adds what another histogram with the same bounds has recorded.
    package mutating func add(_ other: Self) {
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        sum += other.sum
    }
}
