import Admin
import Celonis
import Listener
import Logging
import ReloadQueue
import Settings
import Synchronization
import Vocabulary

/// The whole service, running: the composition root. It opens the sockets last, so that nothing is taken in before
/// there is a queue to put it into, and closes them last, so that a sender is told 503 while it drains.
package final class RunningService: Sendable {
    /// Where deliveries come to, with the port that the system chose where 0 was asked for.
    package let listenAddress: ListenAddress
    /// Where health and metrics are.
    package let adminAddress: ListenAddress

    private let queue: ReloadQueue
    private let celonis: CelonisClient
    private let intake: Intake
    private let publicServer: HTTPServer
    private let adminServer: HTTPServer
    private let state: ServiceState
    private let logger: Logger

    private init(
        queue: ReloadQueue,
        celonis: CelonisClient,
        intake: Intake,
        publicServer: HTTPServer,
        adminServer: HTTPServer,
        state: ServiceState,
        logger: Logger
    ) {
        self.queue = queue
        self.celonis = celonis
        self.intake = intake
        self.publicServer = publicServer
        self.adminServer = adminServer
        self.state = state
        self.logger = logger
        listenAddress = publicServer.address
        adminAddress = adminServer.address
    }

    /// Builds and starts everything. `environment` has the variables that matter beside the configuration
    /// (`HTTPS_PROXY`). `onTransition` is told of every change of state, after the log was; it must be quick, for it may
    /// run on an event loop. A `ListenError` names the address that cannot be opened.
    package static func start(
        _ configuration: Configuration,
        environment: [String: String],
        clock: any TimeSource = SystemClock(),
        logger: Logger,
        onTransition: @escaping @Sendable (Transition, Now) -> Void = { _, _ in }
    ) async throws -> RunningService {
        let celonis = try CelonisClient(
            ClientConfiguration(configuration.celonis, environment: environment),
            clock: clock,
            logger: logger
        )
        do {
            return try await start(
                configuration,
                celonis: celonis,
                clock: clock,
                logger: logger,
                onTransition: onTransition
            )
        } catch {
            await celonis.shutdown()
            throw error
        }
    }

    private static func start(
        _ configuration: Configuration,
        celonis: CelonisClient,
        clock: any TimeSource,
        logger: Logger,
        onTransition: @escaping @Sendable (Transition, Now) -> Void
    ) async throws -> RunningService {
        let state = ServiceState(startedAt: clock.now().wall)
        let trail = Trail(history: configuration.limits.history)
        let queue = ReloadQueue(settings: configuration.queueSettings, time: clock, runner: celonis) {
            transition,
            now in
            state.intake?.note(transition)
            trail.note(transition, at: now.wall)
            logger.log(transition)
            onTransition(transition, now)
        }
        let threads = configuration.listen.threads ?? min(4, processorCount())
        let plan = try IntakePlan(configuration, now: clock.now(), meter: state.meter)
        let intake = Intake(
            plan: plan,
            queue: queue,
            trail: trail,
            clock: clock,
            logger: logger,
            loops: threads,
            rememberedIDs: configuration.limits.rememberedIDs
        )
        state.setIntake(intake)

        let isReady: @Sendable () -> Bool = { !queue.isDraining }
        let modelSettings = Dictionary(
            uniqueKeysWithValues: configuration.models.map { ($0.reference.name, $0.summary) }
        )
        let adminHandler = try AdminHandler(
            token: configuration.admin.token?.bytes,
            clock: clock,
            isReady: isReady,
            api: AdminAPI(
                queue: queue,
                trail: trail,
                snapshot: { state.snapshot(queue: queue.snapshot()) },
                modelSettings: { modelSettings }
            )
        )
        let adminServer = try await HTTPServer.start(
            ServerConfiguration(address: configuration.admin.address),
            handler: adminHandler
        )
        do {
            let publicServer = try await HTTPServer.start(
                ServerConfiguration(
                    address: configuration.listen.address,
                    threads: threads,
                    limits: ServerLimits(configuration.limits)
                ),
                handler: HookHandler(intake: intake, isReady: isReady)
            )
            state.setOpenConnections { publicServer.openConnections }
            return RunningService(
                queue: queue,
                celonis: celonis,
                intake: intake,
                publicServer: publicServer,
                adminServer: adminServer,
                state: state,
                logger: logger
            )
        } catch {
            await adminServer.shutdown(within: .zero)
            throw error
        }
    }

    /// What health shows now.
    package var health: HealthReport { HealthReport(state.snapshot(queue: queue.snapshot())) }

    /// Refuses new deliveries, loads what is pending and watches running loads, at most for `timeout`
    /// (queue.md Q7). A second call with a shorter timeout shortens the first.
    /// - Returns: every change that was accepted and not seen to be loaded.
    package func drain(timeout: Duration) async -> [LostChange] { await queue.drain(timeout: timeout) }

    /// Closes sockets and connections. Call it once, after `drain`.
    package func close() async {
        await publicServer.shutdown(within: .seconds(2))
        await adminServer.shutdown(within: .seconds(1))
        await celonis.shutdown()
    }
}

/// What is known beside the queue; filled while the service is being put together.
private final class ServiceState: Sendable {
    private struct Parts {
        var intake: Intake?
        var meters: [String: SourceMeter] = [:]
        var openConnections: @Sendable () -> Int = { 0 }
    }

    private let startedAt: WallTime
    private let parts = Mutex(Parts())

    init(startedAt: WallTime) { self.startedAt = startedAt }

    var intake: Intake? { parts.withLock(\.intake) }

    func setIntake(_ intake: Intake) { parts.withLock { $0.intake = intake } }

    func setOpenConnections(_ count: @escaping @Sendable () -> Int) { parts.withLock { $0.openConnections = count } }

    func meter(_ source: String) -> SourceMeter {
        parts.withLock { parts in
            if let meter = parts.meters[source] { return meter }
            let meter = SourceMeter(name: source)
            parts.meters[source] = meter
            return meter
        }
    }

    func snapshot(queue: QueueSnapshot) -> ServiceSnapshot {
        let (intake, openConnections) = parts.withLock { ($0.intake, $0.openConnections) }
        return ServiceSnapshot(
            version: reloaderVersion,
            startedAt: startedAt,
            configuration: ConfigurationSnapshot(loadedAt: startedAt),
            queue: queue,
            sources: intake?.sources ?? [],
            unknownPaths: intake?.unknownPathCount ?? 0,
            openConnections: openConnections()
        )
    }
}
