import Admin
import Synchronization
import Vocabulary

/// Counts what one source's deliveries came to. It outlives configuration reloads, so counters never go back.
final class SourceMeter: Sendable {
    private struct Counts {
        var lastDeliveryAt: WallTime?
        var outcomes: [DeliveryOutcome: UInt64] = [:]
        var secretLastUsed: [WallTime?] = []
    }

    private let name: String
    private let counts = Mutex(Counts())

    init(name: String) { self.name = name }

    /// A delivery was answered. `received` is the sum of these, so that Q25 holds at every scrape.
    func record(_ outcome: DeliveryOutcome) {
        counts.withLock { $0.outcomes[outcome, default: 0] += 1 }
    }

    /// A delivery verified, by the secret at this position of the configured list; nil for an unsigned source.
    func recordVerified(secretPosition: Int?, at time: WallTime) {
        counts.withLock {
            $0.lastDeliveryAt = time
            guard let secretPosition else { return }
            while $0.secretLastUsed.count <= secretPosition { $0.secretLastUsed.append(nil) }
            $0.secretLastUsed[secretPosition] = time
        }
    }

    func snapshot() -> SourceSnapshot {
        counts.withLock {
            SourceSnapshot(
                name: name,
                lastDeliveryAt: $0.lastDeliveryAt,
                outcomes: $0.outcomes,
                secretLastUsed: $0.secretLastUsed
            )
        }
    }
}
