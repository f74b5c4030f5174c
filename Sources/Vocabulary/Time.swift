/// A point on the monotonic clock: the only clock that decides anything (queue.md Q13).
package struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start that is the same for the whole process.
    package var nanoseconds: Int64

    // Inlined into the other rooms, which compare times in every heap and for every event.
    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static func == (a: Self, b: Self) -> Bool { a.nanoseconds == b.nanoseconds }
    @inlinable package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    package static func + (a: Self, b: Duration) -> Self { Self(nanoseconds: a.nanoseconds + b.nanoseconds) }
    package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }
}

/// A point on the wall clock: for displayed times, signature timestamps and `Retry-After` dates, never for deadlines.
package struct WallTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package var seconds: Double { Double(milliseconds) / 1000 }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
    package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds(since: b)) }

    /// Saturates after 292 years: a time from a disk may be any number.
    package func nanoseconds(since other: Self) -> Int64 {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        let (nanoseconds, tooLarge) = difference.multipliedReportingOverflow(by: 1_000_000)
        return overflow || tooLarge ? (self < other ? .min : .max) : nanoseconds
    }

    package static func + (a: Self, b: Duration) -> Self {
        Self(milliseconds: a.milliseconds + b.nanoseconds / 1_000_000)
    }
}

/// One reading of both clocks, taken together and passed in wherever something is decided.
package struct Now: Hashable, Sendable {
    package var monotonic: MonotonicTime
    package var wall: WallTime
    /// What the wall clock showed beyond the milliseconds of `wall`, so that an instant is shown as the same time by
    /// every reading.
    private var wallRemainder: Int64 = 0

    package init(monotonic: MonotonicTime, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// `wallNanoseconds` since 1970-01-01T00:00:00Z.
    package init(monotonic: MonotonicTime, wallNanoseconds: Int64) {
        self.init(monotonic: monotonic, wall: WallTime(milliseconds: wallNanoseconds / 1_000_000))
        wallRemainder = wallNanoseconds % 1_000_000
    }

    /// What the wall clock will show (or showed) at a monotonic time, as far as this reading can tell.
    package func wall(at time: MonotonicTime) -> WallTime {
        let distance = (time - monotonic).nanoseconds
        let rest = distance % 1_000_000 + wallRemainder
        let carry: Int64 = rest < 0 ? -1 : rest < 1_000_000 ? 0 : 1
        return WallTime(milliseconds: wall.milliseconds + distance / 1_000_000 + carry)
    }
}

/// Where `Now` comes from: the machine's clocks in the service, a hand clock in tests. Classes, since every delivery hands
/// one around, and to box a value costs more than to read the time.
package protocol TimeSource: AnyObject, Sendable {
    func now() -> Now
}

extension Duration {
    /// The whole duration in nanoseconds; saturates after 292 years.
    package var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

    package var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
