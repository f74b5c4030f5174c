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
    /// What a new configuration may replace.
    struct InForce {
        var configuration: Configuration
        var publicServer: HTTPServer
        var adminServer: HTTPServer
        var adminHandler: AdminHandler
    }

    let parts: Parts
    /// What the service was started with: some keys hold until its end.
    let started: Configuration
    let inForce: Mutex<InForce>
    private let watching: Task<Void, Never>
    private let notifying: Task<Void, Never>
    private let streaming: Task<Void, Never>

    /// What stays as long as the service runs.
    struct Parts: Sendable {
        let queue: ReloadQueue
        let client: RenewableClient
        let intake: Intake
        let trail: Trail
        let notifier: Notifier
        let stream: StreamHub
        let state: ServiceState
        let environment: [String: String]
        let clock: any TimeSource
        let logger: Logger
        /// Event loops of the public server.
        let threads: Int
    }

    private init(parts: Parts, inForce: InForce) {
        self.parts = parts
        started = inForce.configuration
        self.inForce = Mutex(inForce)
        watching = Task { await ServiceWatch(parts: parts).run() }
        notifying = Task { await parts.notifier.run() }
        streaming = Task { await parts.runStream() }
        parts.state.setOpenConnections { [weak self] in self?.openConnections ?? 0 }
        parts.state.setModelSettings { [weak self] in self?.modelSettings ?? [:] }
    }

    /// Where deliveries come to, with the port that the system chose where 0 was asked for.
    package var listenAddress: ListenAddress { inForce.withLock(\.publicServer.address) }

    /// Where health and metrics are.
    package var adminAddress: ListenAddress { inForce.withLock(\.adminServer.address) }

    /// How long a drain may take (`limits.drain_timeout`).
    package var drainTimeout: Duration { inForce.withLock(\.configuration.limits.drainTimeout) }

    private var modelSettings: [ModelReference: [String: String]] {
        let models = inForce.withLock(\.configuration.models)
        return Dictionary(models.map { ($0.reference, $0.summary) }) { first, _ in first }
    }

    private var openConnections: Int { inForce.withLock(\.publicServer.openConnections) }

    /// Builds and starts everything. `environment` has the variables that matter beside the configuration
    /// (`HTTPS_PROXY`). `onTransition` is told of every change of state, after the log was; it must be quick, for it may
    /// run on an event loop. Without `keepsTrail` nobody can ask why: for measuring. A `ListenError` names the address
    /// that cannot be opened, a `CertificateError` the file. `journal` is what to use for the one that is configured, and
    /// `journalLimits` for its writer's own.
    package static func start(
        _ configuration: Configuration,
        environment: [String: String],
        clock: any TimeSource = SystemClock(),
        logger: Logger,
        keepsTrail: Bool = true,
        journal: (any QueueJournal)? = nil,
        journalLimits: JournalWriter.Limits = JournalWriter.Limits(),
        onTransition: @escaping @Sendable (Transition, Now) -> Void = { _, _ in }
    ) async throws -> RunningService {
        // The disk and the client's set-up do not wait for each other.
        async let opening = OpenedJournal(
            configuration.journal,
            instead: journal,
            limits: journalLimits,
            logger: logger
        )
        let celonis = try CelonisClient(
            ClientConfiguration(configuration.celonis, environment: environment),
            clock: clock,
            logger: logger
        )
        do {
            let plan = try IntakePlan(configuration, now: clock.now())
            let opened = try await opening
            async let check: Void? = opened?.writer.check()
            let client = RenewableClient(celonis)
            let state = ServiceState(startedAt: clock.now().wall)
            let trail = Trail(history: keepsTrail ? configuration.limits.history : nil)
            let notifier = Notifier(configuration.notify, clock: clock, logger: logger)
            let stream = StreamHub(startedAt: clock.now())
            let queue = ReloadQueue(
                settings: configuration.queueSettings,
                time: clock,
                runner: client,
                journal: opened.map { ($0.writer, $0.image) }
            ) { transition, now in
                state.intake?.note(transition)
                trail.note(transition, at: now.wall)
                notifier.note(transition, at: now)
                stream.note(transition, at: now.wall)
                logger.log(transition)
                onTransition(transition, now)
            }
            let intake = Intake(
                plan: plan,
                queue: queue,
                trail: trail,
                recorder: Recorder(configuration.record, clock: clock, logger: logger),
                clock: clock,
                logger: logger,
                rememberedIDs: configuration.limits.rememberedIDs,
                recovered: opened?.image ?? JournalImage()
            )
            state.setIntake(intake)
            let parts = Parts(
                queue: queue,
                client: client,
                intake: intake,
                trail: trail,
                notifier: notifier,
                stream: stream,
                state: state,
                environment: environment,
                clock: clock,
                logger: logger,
                threads: configuration.listen.threads ?? min(4, processorCount())
            )
            do {
                try await check
                let inForce = try await parts.openServers(configuration)
                opened?.log(queue, logger)
                queue.begin()
                return RunningService(parts: parts, inForce: inForce)
            } catch {
                await opened?.writer.finish(within: .zero)
                throw error
            }
        } catch {
            await celonis.shutdown()
            throw error
        }
    }

    /// What health shows now.
    package var health: HealthReport { HealthReport(parts.snapshot) }

    /// Refuses new deliveries, loads what is pending and watches running loads, at most for `timeout`
    /// (queue.md Q7). A second call with a shorter timeout shortens the first.
    ///
    /// A socket of the service manager outlives this process: who connects from now on waits for the next one, instead of
    /// being refused by this one.
    /// - Returns: every change that was accepted and not seen to be loaded.
    package func drain(timeout: Duration) async -> [LostChange] {
        let server = inForce.withLock(\.publicServer)
        if server.address == .systemd { await server.stop(within: min(timeout, .seconds(5))) }
        return await parts.queue.drain(timeout: timeout)
    }

    /// Closes sockets and connections. Call it once, after `drain` and after the last `reload` has returned.
    package func close() async {
        watching.cancel()
        await endNotifying(within: .seconds(2))
        streaming.cancel()
        await streaming.value
        let servers = inForce.withLock { ($0.publicServer, $0.adminServer) }
        await servers.0.shutdown(within: .seconds(2))
        await servers.1.shutdown(within: .seconds(1))
        await parts.intake.recorder.finish(within: .seconds(2))
        await parts.client.shutdown()
    }

    /// What failed in the drain is news too, but nobody waits long for a receiver that does not answer.
    private func endNotifying(within limit: Duration) async {
        parts.notifier.finish()
        let end = Task { [notifying] in
            try await Task.sleep(for: limit)
            notifying.cancel()
        }
        await notifying.value
        end.cancel()
        parts.notifier.logUnsent()
    }
}

extension RunningService.Parts {
    var snapshot: ServiceSnapshot { snapshot(naming: true) }

    /// See `QueueMachine.snapshot`.
    func snapshot(naming: Bool) -> ServiceSnapshot {
        state.snapshot(
            queue: queue.snapshot(naming: naming),
            journal: queue.journalReport,
            notifications: notifier.counts,
            recorded: intake.recorder.counts
        )
    }

    /// Sends what happened to those who follow the stream, until it is cancelled, and then what the drain brought.
    fileprivate func runStream() async {
        func turn(isLast: Bool = false) -> Bool {
            stream.turn(at: clock.now(), isLast: isLast, { snapshot }, settings: { state.modelSettings })
        }
        for await _ in stream.wakes {
            var isAwaited = true
            while isAwaited, !Task.isCancelled {
                isAwaited = turn()
                // What happens in a storm goes out together.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        _ = turn(isLast: true)
    }

    private var isReady: @Sendable () -> Bool {
        { [queue] in !queue.isDraining && queue.journal?.isAccepting ?? true }
    }

    fileprivate func openServers(_ configuration: Configuration) async throws -> RunningService.InForce {
        let handler = try adminHandler(configuration.admin)
        let adminServer = try await openAdminServer(configuration.admin.address, handler)
        do {
            let certificate = try configuration.listen.tls.map(ServerCertificate.init)
            let publicServer = try await openPublicServer(configuration, certificate)
            publicServer.accept()
            adminServer.accept()
            return RunningService.InForce(
                configuration: configuration,
                publicServer: publicServer,
                adminServer: adminServer,
                adminHandler: handler
            )
        } catch {
            await adminServer.shutdown(within: .zero)
            throw error
        }
    }

    func adminHandler(_ admin: AdminSettings) throws -> AdminHandler {
        AdminHandler(
            guards: try AdminHandler.guards(token: admin.token?.bytes),
            clock: clock,
            api: AdminAPI(
                queue: queue,
                trail: trail,
                clock: clock,
                isReady: isReady,
                snapshot: { [self] in snapshot },
                modelSettings: { [state] in state.modelSettings }
            ),
            stream: stream
        )
    }

    /// Open, and not accepting yet.
    func openAdminServer(_ address: ListenAddress, _ handler: AdminHandler) async throws -> HTTPServer {
        try await HTTPServer.open(ServerConfiguration(address: address), handler: handler)
    }

    /// Open, and not accepting yet.
    func openPublicServer(
        _ configuration: Configuration,
        _ certificate: ServerCertificate?
    ) async throws -> HTTPServer {
        try await HTTPServer.open(
            ServerConfiguration(
                address: configuration.listen.address,
                threads: threads,
                limits: ServerLimits(configuration.limits),
                certificate: certificate
            ),
            handler: HookHandler(intake: intake, loops: threads, isReady: isReady)
        )
    }
}
