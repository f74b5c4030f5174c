import Foundation
import Synchronization
import Testing

/// A test that computes for seconds without an await. It runs on threads beside Swift's pool.
///
/// The pool has as many threads as the machine has cores, and Swift Testing starts all tests on it at once. On two cores
/// two long computations hold it whole: a test that awaits something then goes on when they have ended, minutes later,
/// and whatever time limit lay between has passed. To yield now and then would be no help: the tests that have not
/// begun yet stand in the same line.
package struct OffThePool: TestTrait, SuiteTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(NiceThreads.shared) { try await function() }
    }
}

extension Trait where Self == OffThePool {
    /// For a test, or all tests of a suite, that computes for long.
    package static var offThePool: Self { Self() }
}

/// As many threads as the machine has cores, all as nice as can be: who awaits nobody can wait for those who talk to others.
private final class NiceThreads: TaskExecutor {
    static let shared = NiceThreads()
    private let jobs = Mutex<[UnownedJob]>([])
    private let waiting = DispatchSemaphore(value: 0)

    private init() {
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
            Thread.detachNewThread {
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
                while true {
                    self.waiting.wait()
                    let job = self.jobs.withLock { $0.removeFirst() }
                    job.runSynchronously(on: self.asUnownedTaskExecutor())
                }
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        waiting.signal()
    }
}
