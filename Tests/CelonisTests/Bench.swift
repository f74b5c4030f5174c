import Celonis
import CelonisSimulator
import Logging
import Synchronization
import Vocabulary

/// A clock that stands still until somebody sleeps: then it is at once as late as the sleeper wanted.
final class SleepersClock: TimeSource {
    private let state = Mutex((time: Int64(0), appointments: [(at: Int64, act: @Sendable () -> Void)]()))

    func now() -> Now {
        let time = state.withLock { $0.time }
        return Now(
            monotonic: MonotonicTime(nanoseconds: time),
            wall: WallTime(milliseconds: 1_800_000_000_000 + time / 1_000_000)
        )
    }

    /// Something that happens when the clock passes a time.
    func at(_ time: Duration, _ act: @escaping @Sendable () -> Void) {
        state.withLock { $0.appointments.append((time.nanoseconds, act)) }
    }

    func sleep(until end: MonotonicTime) async throws {
        try Task.checkCancellation()
        while let act = takeAppointment(before: end) { act() }
        state.withLock { $0.time = max($0.time, end.nanoseconds) }
        await Task.yield()
    }

    /// When the next thing happens that was asked for by `at`.
    var nextAppointment: MonotonicTime? {
        state.withLock { $0.appointments.map(\.at).min().map { MonotonicTime(nanoseconds: $0) } }
    }

    func advance(by duration: Duration) { state.withLock { $0.time += duration.nanoseconds } }

    private func takeAppointment(before end: MonotonicTime) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard
                let index = state.appointments.indices.min(by: { state.appointments[$0].at < state.appointments[$1].at }
                ),
                state.appointments[index].at <= end.nanoseconds
            else { return nil }
            let next = state.appointments.remove(at: index)
            state.time = max(state.time, next.at)
            return next.act
        }
    }
}

/// Every log line, with its metadata.
final class LogCapture: Sendable {
    private let captured = Mutex<[String]>([])
    var lines: [String] { captured.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(capture: self) } }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            capture.captured.withLock { $0.append("\(event.level) \(event.message) \(text)") }
        }
    }
}

/// A client and a simulator with one clock, joined by a real socket. Loads take simulated time only.
struct Bench: Sendable {
    let clock: SleepersClock
    let simulator: CelonisSimulator
    let client: CelonisClient
    let logs: LogCapture
    private let steps = Steps()

    private final class Steps: Sendable {
        let seen = Mutex<[LoadProgress]>([])
    }

    static let model = ModelReference(name: "demo", poolID: "demo-pool", dataModelID: "demo-model")

    static let client = Credentials.oauthClient(
        id: "demo-client",
        secret: Secret("demo-secret"),
        authentication: .basic
    )

    /// What the client reported while it made its loads.
    var progress: [LoadProgress] { steps.seen.withLock { $0 } }

    func run(
        _ tables: [String],
        unknown: UnknownTables = .fail,
        baseline: String? = nil,
        options: LoadOptions = LoadOptions()
    ) async -> LoadResult {
        let order = LoadOrder(
            job: JobID(rawValue: 7),
            model: Self.model,
            selectors: SelectorSet(tables.map { Selector($0) }, unknown: unknown),
            attempt: 2,
            baseline: LoadBaseline(mark: baseline),
            options: options
        )
        return await client.run(order) { step in steps.seen.withLock { $0.append(step) } }
    }

    /// The loads that the client started, as the simulator saw them.
    var loads: [[String]] { simulator.report.loads.filter { !$0.external }.map(\.tables) }
}

/// Runs a test on a bench of its own. No call of the client takes too long, however late a busy machine lets it go on.
func withBench(
    _ simulated: SimulatorConfiguration = SimulatorConfiguration(),
    credentials: Credentials = Bench.client,
    requestTimeout: Duration = .seconds(3600),
    dryRun: Bool = false,
    onEvent: @escaping @Sendable (SimulatorEvent) -> Void = { _ in },
    test: (Bench) async throws -> Void
) async throws {
    let clock = SleepersClock()
    let logs = LogCapture()
    let simulator = try await CelonisSimulator.start(simulated, clock: clock, onEvent: onEvent)
    var configuration = ClientConfiguration(baseURL: simulator.baseURL, credentials: credentials, version: "1.2.3")
    configuration.requestTimeout = requestTimeout
    configuration.dryRun = dryRun
    let client = try CelonisClient(
        configuration,
        clock: clock,
        sleep: { try await clock.sleep(until: $0) },
        logger: logs.logger
    )
    let result: Result<Void, any Error>
    do {
        result = .success(try await test(Bench(clock: clock, simulator: simulator, client: client, logs: logs)))
    } catch {
        result = .failure(error)
    }
    await client.shutdown()
    await simulator.shutdown()
    try result.get()
}
