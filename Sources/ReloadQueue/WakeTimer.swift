import Synchronization
import Vocabulary

/// One wake-up: arming replaces the earlier one. The service sleeps; tests have a hand timer.
package protocol WakeTimer: Sendable {
    /// Calls `fire` once, at that time or a little later. A time in the past: soon, but never before this returns.
    func arm(at time: MonotonicTime, fire: @escaping @Sendable () -> Void)
    func cancel()
}

/// Sleeps in a task.
package final class SleepingTimer: WakeTimer {
    private let time: any TimeSource
    private let task = Mutex<Task<Void, Never>?>(nil)

    package init(time: any TimeSource) { self.time = time }

    package func arm(at time: MonotonicTime, fire: @escaping @Sendable () -> Void) {
        // An early wake-up is harmless, so no sleep needs to be longer than a day.
        let delay = min(time - self.time.now().monotonic, .seconds(86_400))
        task.withLock { task in
            task?.cancel()
            task = Task {
                do {
                    if delay > .zero { try await Task.sleep(for: delay, tolerance: .zero, clock: .continuous) }
                } catch {
                    // Cancelled: another wake-up has taken its place.
                    return
                }
                fire()
            }
        }
    }

    package func cancel() {
        task.withLock { task in
            task?.cancel()
            task = nil
        }
    }

    deinit { task.withLock { $0?.cancel() } }
}
