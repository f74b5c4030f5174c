import Admin
import Synchronization
import Vocabulary

/// Counts what one source's deliveries came to. It outlives configuration reloads, so counters never go back.
final class SourceMeter: Sendable {
    private struct Counts {
        var lastDeliveryAt: WallTime?
        /// By the clock that decides (queue.md Q13): the last delivery that verified, at first the start.
        var heardAt: MonotonicTime
        /// By the outcome's number.
        var outcomes = Array(repeating: UInt64(0), count: DeliveryOutcome.allCases.count)
    }

    private let name: String
    private let counts: Mutex<Counts>

    init(name: String, at now: MonotonicTime) {
        self.name = name
        counts = Mutex(Counts(heardAt: now))
    }

    /// A delivery was answered. `received` is the sum of these, so that Q25 holds at every scrape.
    func record(_ outcome: DeliveryOutcome) {
        counts.withLock { $0.outcomes[outcome.rawValue] += 1 }
    }

    func recordVerified(at now: Now) {
        counts.withLock {
            $0.lastDeliveryAt = now.wall
            $0.heardAt = now.monotonic
        }
    }

    func snapshot(secretLastUsed: [WallTime?], expectEvery: Duration?, at now: MonotonicTime) -> SourceSnapshot {
        counts.withLock {
            SourceSnapshot(
                name: name,
                lastDeliveryAt: $0.lastDeliveryAt,
                outcomes: Dictionary(
                    uniqueKeysWithValues: zip(DeliveryOutcome.allCases, $0.outcomes).filter { $1 > 0 }
                ),
                secretLastUsed: secretLastUsed,
                quietFor: max(.zero, now - $0.heardAt),
                expectEvery: expectEvery
            )
        }
    }
}
