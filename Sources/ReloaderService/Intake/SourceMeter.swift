import Admin
import Synchronization
import Vocabulary

/// Counts what one source's deliveries came to. It outlives configuration reloads, so counters never go back.
final class SourceMeter: Sendable {
    private struct Counts {
        var lastDeliveryAt: WallTime?
        var outcomes: [DeliveryOutcome: UInt64] = [:]
    }

    private let name: String
    private let counts = Mutex(Counts())

    init(name: String) { self.name = name }

    /// A delivery was answered. `received` is the sum of these, so that Q25 holds at every scrape.
    func record(_ outcome: DeliveryOutcome) {
        counts.withLock { $0.outcomes[outcome, default: 0] += 1 }
    }

    func recordVerified(at time: WallTime) { counts.withLock { $0.lastDeliveryAt = time } }

    func snapshot(secretLastUsed: [WallTime?]) -> SourceSnapshot {
        counts.withLock {
            SourceSnapshot(
                name: name,
                lastDeliveryAt: $0.lastDeliveryAt,
                outcomes: $0.outcomes,
                secretLastUsed: secretLastUsed
            )
        }
    }
}
