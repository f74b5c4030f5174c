import Synchronization
import Vocabulary

/// Remembers each model's table list for a while, and asks for it once however many want it. Its size depends on the
/// configured models only (queue.md Q23).
final class TableDirectory: Sendable {
    typealias Answer = Result<TableList, LoadFailure>

    private struct Entry {
        var list: TableList
        var askedAt: MonotonicTime
    }

    private let trustedFor: Duration
    private let clock: any TimeSource
    private let fetch: @Sendable (ModelReference) async -> Answer
    private let entries = Mutex<[ModelReference: Entry]>([:])
    private let flights = SharedFlight<ModelReference, Answer>()

    init(
        trustedFor: Duration,
        clock: any TimeSource,
        fetch: @escaping @Sendable (ModelReference) async -> Answer
    ) {
        self.trustedFor = trustedFor
        self.clock = clock
        self.fetch = fetch
    }

    /// The remembered list unless it is too old; `true` if it was fetched just now.
    func list(of model: ModelReference) async throws(LoadFailure) -> (list: TableList, isFresh: Bool) {
        let now = clock.now().monotonic
        if let entry = entries.withLock({ $0[model] }), now < entry.askedAt + trustedFor { return (entry.list, false) }
        return (try await freshList(of: model), true)
    }

    /// The list as Celonis has it now; joins a request that is already in flight.
    func freshList(of model: ModelReference) async throws(LoadFailure) -> TableList {
        let now = clock.now().monotonic
        let answer = await flights.value(for: model) { [fetch, self] in
            let answer = await fetch(model)
            if case .success(let list) = answer {
                entries.withLock { $0[model] = Entry(list: list, askedAt: now) }
            }
            return answer
        }
        return try answer.get()
    }
}
