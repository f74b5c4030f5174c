#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The machine's own clocks.
package final class SystemClock: TimeSource {
    package init() {}

    package func now() -> Now {
        Now(
            monotonic: MonotonicTime(nanoseconds: Self.read(CLOCK_MONOTONIC)),
            wallNanoseconds: Self.read(CLOCK_REALTIME)
        )
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
