import Synchronization
import Vocabulary

/// The client in use, and those before it as long as something runs on them: a changed `celonis` section gives the next
/// call another client, and a running load ends on the one that it began with (queue.md Q24).
package final class RenewableClient: LoadRunner {
    private struct State {
        var current: CelonisClient
        /// Calls under way; a client that has none is not in here.
        var calls: [ObjectIdentifier: Int] = [:]

        mutating func begin() -> CelonisClient {
            calls[ObjectIdentifier(current), default: 0] += 1
            return current
        }

        /// - Returns: whether nobody will use the client again.
        mutating func end(_ client: CelonisClient) -> Bool {
            let id = ObjectIdentifier(client)
            let left = (calls[id] ?? 1) - 1
            calls[id] = left > 0 ? left : nil
            return left == 0 && client !== current
        }
    }

    private let state: Mutex<State>

    package init(_ client: CelonisClient) { state = Mutex(State(current: client)) }

    /// Another client for the calls to come. The former one is shut down after the last call that runs on it.
    package func replace(with client: CelonisClient) async {
        let unused = state.withLock { state -> CelonisClient? in
            let former = state.current
            state.current = client
            return state.calls[ObjectIdentifier(former)] == nil ? former : nil
        }
        await unused?.shutdown()
    }

    /// Closes the connections of the current client. Calls still under way on it, or on a former one, end as failed
    /// when their tasks are cancelled.
    package func shutdown() async { await state.withLock { $0.current }.shutdown() }

    package func look(at model: ModelReference) async -> Look { await use { await $0.look(at: model) } }

    package func run(
        _ order: LoadOrder,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        await use { client in await client.run(order, progress: told(progress, by: client)) }
    }

    package func resume(
        _ order: LoadOrder,
        _ load: ResumedLoad,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        await use { client in await client.resume(order, load, progress: told(progress, by: client)) }
    }

    /// A load is watched with the credentials that it began with: once they are replaced, what is said of them concerns
    /// nobody else.
    private func told(
        _ progress: @escaping @Sendable (LoadProgress) async -> Void,
        by client: CelonisClient
    ) -> @Sendable (LoadProgress) async -> Void {
        { [self] step in
            guard case .watched(let failure, _) = step else { return await progress(step) }
            await progress(.watched(failure, isCurrent: state.withLock { $0.current === client }))
        }
    }

    private func use<Answer: Sendable>(_ call: (CelonisClient) async -> Answer) async -> Answer {
        let client = state.withLock { $0.begin() }
        let answer = await call(client)
        if state.withLock({ $0.end(client) }) { await client.shutdown() }
        return answer
    }
}
