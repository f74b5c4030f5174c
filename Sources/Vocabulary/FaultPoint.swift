#if DEBUG
    import Synchronization

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif
#endif

/// Where a test lets the process die as `kill -9` would: between the steps that must not lose a change together
/// (queue.md Q8). `RELOADER_FAULT_POINT=written:3` dies when it comes to `written` for the third time. A release build
/// has none of it.
package enum FaultPoint: String, CaseIterable, Sendable {
    /// Changes are in the queue and in line for the disk; nothing is written.
    case admitted
    /// The disk has them; nobody was told.
    case written
    /// The answer is about to be handed over.
    case answering
    /// A set is frozen, and its load has not begun.
    case starting
    /// Next is the word that the POST is about to be sent, or that word is written and next is the POST.
    case sending, sendingWritten
    /// Celonis took the load, which is not written, or is.
    case answered, answeredWritten
    /// The load has ended, and neither queue nor disk knows.
    case ended

    /// The process is at this point.
    @inline(__always)
    package func reached() {
        #if DEBUG
            Self.chosen?.reached(self)
        #endif
    }

    #if DEBUG
        private static let chosen: Chosen? = getenv("RELOADER_FAULT_POINT").flatMap { Chosen(String(cString: $0)) }

        private final class Chosen: Sendable {
            let point: FaultPoint
            let left: Atomic<Int>

            init?(_ text: String) {
                let parts = text.split(separator: ":")
                guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])), let count = Int(parts[1])
                else { return nil }
                self.point = point
                left = Atomic(count)
            }

            func reached(_ point: FaultPoint) {
                guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
                kill(getpid(), SIGKILL)
                // Not a step further.
                while true { pause() }
            }
        }
    #endif
}
