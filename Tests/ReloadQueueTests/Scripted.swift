import Synchronization
import Vocabulary

@testable import ReloadQueue

/// A clock that a test moves.
final class HandTime: TimeSource {
    private let reading = Mutex(Now.start)

    func now() -> Now { reading.withLock { $0 } }

    func pass(_ duration: Duration) {
        reading.withLock { $0 = Now(monotonic: $0.monotonic + duration, wall: $0.wall + duration) }
    }
}

/// A timer that a test fires.
final class HandTimer: WakeTimer {
    private typealias Armed = (time: MonotonicTime, fire: @Sendable () -> Void)
    private let armed = Mutex<Armed?>(nil)

    var time: MonotonicTime? { armed.withLock { $0?.time } }

    func arm(at time: MonotonicTime, fire: @escaping @Sendable () -> Void) { armed.withLock { $0 = (time, fire) } }
    func cancel() { armed.withLock { $0 = nil } }

    func fire() {
        let fire = armed.withLock { armed in
            defer { armed = nil }
            return armed?.fire
        }
        fire?()
    }
}

/// A Celonis whose loads end when the test says so.
final class ScriptedRunner: LoadRunner {
    private struct State {
        var running: [JobID: CheckedContinuation<LoadResult, Never>] = [:]
        var models: Set<ModelReference> = []
        var overlaps = 0
        var cancelled = 0
        var resumed: [ResumedLoad] = []
    }

    private let state = Mutex(State())
    private let orders: AsyncStream<LoadOrder>.Continuation
    let started: AsyncStream<LoadOrder>
    private let endsAtOnce: Bool

    init(endsAtOnce: Bool = false) {
        (started, orders) = AsyncStream.makeStream()
        self.endsAtOnce = endsAtOnce
    }

    var overlaps: Int { state.withLock { $0.overlaps } }
    var resumed: [ResumedLoad] { state.withLock { $0.resumed } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func look(at model: ModelReference) async -> Look { .free(LoadBaseline(mark: nil)) }

    func run(
        _ order: LoadOrder,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        state.withLock { if !$0.models.insert(order.model).inserted { $0.overlaps += 1 } }
        defer { _ = state.withLock { $0.models.remove(order.model) } }
        await progress(.resolved(kind: .partial, tables: order.selectors.texts))
        if endsAtOnce {
            orders.yield(order)
            return LoadResult(end: .succeeded)
        }
        return await watch(order)
    }

    func resume(
        _ order: LoadOrder,
        _ load: ResumedLoad,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        state.withLock { $0.resumed.append(load) }
        return await watch(order)
    }

    private func watch(_ order: LoadOrder) async -> LoadResult {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.running[order.job] = continuation }
                orders.yield(order)
            }
        } onCancel: {
            state.withLock { $0.cancelled += 1 }
            end(order.job, .failed(.transient("cancelled", retryAfter: nil)))
        }
    }

    func end(_ job: JobID, _ end: LoadEnd) {
        state.withLock { $0.running.removeValue(forKey: job) }?.resume(returning: LoadResult(end: end))
    }
}
