import Settings
import Synchronization
import Vocabulary

/// When one secret last verified a delivery. It follows the secret when a new configuration moves it to another
/// position, so that a person who rotates secrets sees when the old one is no longer in use.
final class SecretUse: Sendable {
    let secret: Secret
    private let time = Mutex<WallTime?>(nil)

    init(_ secret: Secret) { self.secret = secret }

    /// nil: not since the start.
    var lastUsed: WallTime? { time.withLock { $0 } }

    func record(_ now: WallTime) { time.withLock { $0 = now } }
}
