import Logging
import Synchronization
import Vocabulary

/// So that the calls below can say in their types which failures they end with.
extension LoadFailure: Error {}

/// The client of the Celonis Process Data Model API: looks at last-load, makes loads and watches them. It decides
/// little itself: see `LastLoadAnswer`, `FailureClassifier`, `TableList`, `LoadPlan`, `LoadWatch`, `Narrowing`.
package final class CelonisClient: LoadRunner {
    /// Returns at the given time, or throws when the task is cancelled.
    package typealias Sleeper = @Sendable (MonotonicTime) async throws -> Void

    private let configuration: ClientConfiguration
    private let clock: any TimeSource
    private let sleep: Sleeper
    private let logger: Logger
    private let caller: APICaller
    private let directory: TableDirectory
    private let experiences = Mutex<[ModelReference: ModelExperience]>([:])

    /// Opens no connection. Throws when `ca_file` cannot be used. Without `sleep` the machine's own clock is slept on.
    package init(
        _ configuration: ClientConfiguration,
        clock: any TimeSource = SystemClock(),
        sleep: Sleeper? = nil,
        logger: Logger
    ) throws(CAFileError) {
        self.configuration = configuration
        self.clock = clock
        self.sleep = sleep ?? { time in try await Task.sleep(for: max(.zero, time - clock.now().monotonic)) }
        self.logger = logger
        let caller = try APICaller(configuration, clock: clock, logger: logger)
        self.caller = caller
        directory = TableDirectory(trustedFor: configuration.tablesCache, clock: clock) { model in
            await caller.tables(of: model)
        }
    }

    /// Closes the connections; calls under way end as failed.
    package func shutdown() async { await caller.shutdown() }

    package func look(at model: ModelReference) async -> Look {
        switch await caller.lastLoad(of: model) {
        case .neverLoaded: .free(LoadBaseline(mark: nil))
        case .ended(let identity, _): .free(identity.baseline)
        case .inProgress: .busy
        case .notUnderstood(let text, _): .notUnderstood(text)
        case .failed(let failure): .failed(failure)
        }
    }

    /// The model's tables as Celonis has them now: for `check --online`.
    package func tables(of model: ModelReference) async throws(LoadFailure) -> TableList {
        try await directory.freshList(of: model)
    }

    package func run(
        _ order: LoadOrder,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        await learn(order, progress, making: { await $0.run() })
    }

    package func resume(
        _ order: LoadOrder,
        _ load: ResumedLoad,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult {
        await learn(order, progress, making: { await $0.resume(load) })
    }

    /// One attempt, and what is learned from it of the model.
    private func learn(
        _ order: LoadOrder,
        _ progress: @escaping @Sendable (LoadProgress) async -> Void,
        making make: (LoadAttempt) async -> (LoadResult, [LoadLesson])
    ) async -> LoadResult {
        var logger = logger
        logger[metadataKey: "job"] = "\(order.job)"
        logger[metadataKey: "job.attempt"] = "\(order.attempt)"
        let experience = experiences.withLock { $0[order.model] } ?? ModelExperience(configuration.poll)
        let attempt = LoadAttempt(
            order: order,
            configuration: configuration,
            caller: caller.logging(to: logger),
            directory: directory,
            clock: clock,
            sleep: sleep,
            experience: experience,
            progress: progress
        )
        let (result, lessons) = await make(attempt)
        // One load per model at a time: nobody else has learned meanwhile.
        var wiser = experience
        for lesson in lessons { wiser.learn(lesson) }
        experiences.withLock { [wiser] in $0[order.model] = wiser }
        if experience.trustsStarts, !wiser.trustsStarts {
            logger.warning(
                "loads of this model seem to start before they are asked for; their start times are not used any more"
            )
        }
        return result
    }
}
