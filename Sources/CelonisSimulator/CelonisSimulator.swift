import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A Celonis on a loopback socket: a thin server around `SimulatorState`. The methods below do in process what
/// `/simulator/…` does over HTTP.
package final class CelonisSimulator: Sendable {
    private let core: SimulatorCore
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// Where it listens; port 0 was replaced by the one that the system chose.
    package let port: Int
    package let baseURL: String

    private init(
        core: SimulatorCore,
        channel: any Channel,
        group: MultiThreadedEventLoopGroup,
        scheme: String,
        host: String
    ) {
        self.core = core
        self.channel = channel
        self.group = group
        port = channel.localAddress?.port ?? 0
        baseURL = "\(scheme)://\(host):\(port)"
    }

    /// Starts listening. `onEvent` is called in the order in which things happen, from any thread; it must not block.
    /// Throws `SimulatorAddressError` when the address cannot be bound, and what the TLS library says of files that it
    /// cannot use.
    package static func start(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        host: String = "127.0.0.1",
        port: Int = 0,
        clock: any TimeSource = SystemClock(),
        onEvent: @escaping @Sendable (SimulatorEvent) -> Void = { _ in }
    ) async throws -> CelonisSimulator {
        let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0.serverConfiguration()) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let core = SimulatorCore(configuration, clock: clock, loop: group.next(), onEvent: onEvent)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                        try pipeline.configureHTTPServerPipeline()
                        try pipeline.addHandler(SimulatorHandler(core: core))
                    }
                }
                .bind(host: host, port: port).get()
            return CelonisSimulator(
                core: core,
                channel: channel,
                group: group,
                scheme: tls == nil ? "http" : "https",
                host: host
            )
        } catch {
            try? await group.shutdownGracefully()
            guard let error = error as? IOError else { throw error }
            throw SimulatorAddressError(address: "\(host):\(port)", reason: String(cString: strerror(error.errnoCode)))
        }
    }

    /// Waits until the listening socket is closed.
    package func untilClosed() async throws { try await channel.closeFuture.get() }

    /// Closes every socket. Once more does no harm.
    package func shutdown() async { try? await group.shutdownGracefully() }

    /// What it saw so far.
    package var report: SimulatorReport { core.change { state, _ in state.report } }

    /// The fault acts from now on.
    package func inject(_ fault: Fault) { core.change { state, _ in state.faults.append(fault) } }

    /// Every fault ends now.
    package func clearFaults() { core.change { state, _ in state.faults = [] } }

    /// Ends the running load of a model; without an outcome as its script says. False if none runs.
    @discardableResult
    package func finishLoad(
        _ model: SimulatedModelID = SimulatedModelID(),
        _ outcome: SimulatedOutcome? = nil
    ) -> Bool {
        core.change { state, now in state.finish(model, outcome: outcome, at: now) }
    }

    /// Starts a load that is not the client's; it ends after `loadTime`, else after the model's own time. False if one
    /// runs already.
    @discardableResult
    package func startExternalLoad(
        _ model: SimulatedModelID = SimulatedModelID(),
        loadTime: Duration? = nil
    ) -> Bool {
        core.change { state, now in state.startExternalLoad(model, loadTime: loadTime, at: now) }
    }

    /// Ends the running data job of a model; without a status as its script says. False if none runs.
    @discardableResult
    package func finishDataJob(_ model: SimulatedModelID = SimulatedModelID(), _ status: String? = nil) -> Bool {
        core.change { state, _ in state.finishDataJob(of: model, status: status) }
    }

    /// Starts a run of a model's data job that is not the client's. False if it runs already or there is none.
    @discardableResult
    package func startExternalDataJob(
        _ model: SimulatedModelID = SimulatedModelID(),
        runTime: Duration? = nil
    ) -> Bool {
        core.change { state, now in state.startDataJob(of: model, external: true, runTime: runTime, at: now) }
    }

    /// What the table list of a model holds from now on.
    package func setTables(_ tables: [SimulatedTable], of model: SimulatedModelID = SimulatedModelID()) {
        core.change { state, _ in state.models[model]?.tables = tables }
    }

    /// How the next loads of a model end, in order.
    package func setOutcomes(_ outcomes: [SimulatedOutcome], of model: SimulatedModelID = SimulatedModelID()) {
        core.change { state, _ in state.models[model]?.outcomes = outcomes }
    }

    /// Changes how the open questions are answered from now on.
    package func setBehaviour(_ change: (inout SimulatedBehaviour) -> Void) {
        core.change { state, _ in change(&state.behaviour) }
    }

    /// All tokens issued so far end now.
    package func endTokens() { core.change { state, now in state.endTokens(at: now) } }
}

extension SimulatedTLS {
    fileprivate func serverConfiguration() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: privateKey, format: .pem))
        )
    }
}

/// Why the simulator did not start.
package struct SimulatorAddressError: Error, CustomStringConvertible {
    let address: String
    /// What the system said.
    let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}

/// The state behind its lock, the events that come out of it, and the timer for the next load that ends by itself.
final class SimulatorCore: Sendable {
    private let state: Mutex<SimulatorState>
    private let clock: any TimeSource
    private let loop: any EventLoop
    private let onEvent: @Sendable (SimulatorEvent) -> Void
    /// Events that wait to be told, and whether somebody is telling: keeps their order without holding the state's lock.
    private let outbox = Mutex<(events: [SimulatorEvent], busy: Bool)>(([], false))
    private let timer = Mutex<MonotonicTime?>(nil)

    init(
        _ configuration: SimulatorConfiguration,
        clock: any TimeSource,
        loop: any EventLoop,
        onEvent: @escaping @Sendable (SimulatorEvent) -> Void
    ) {
        state = Mutex(SimulatorState(configuration))
        self.clock = clock
        self.loop = loop
        self.onEvent = onEvent
    }

    func handle(_ request: SimulatorRequest) -> SimulatorReply {
        change { state, now in state.handle(request, at: now) }
    }

    /// Brings the state up to now, changes it, and tells what happened.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout SimulatorState, Now) -> Result) -> Result {
        let now = clock.now()
        let (result, next) = state.withLock { state in
            state.advance(to: now)
            let result = body(&state, now)
            let events = state.takeEvents()
            outbox.withLock { $0.events += events }
            return (result, state.nextEnd)
        }
        tell()
        arm(next, now: now.monotonic)
        return result
    }

    private func tell() {
        while let event = takeNext() {
            onEvent(event)
            outbox.withLock { $0.busy = false }
        }
    }

    private func takeNext() -> SimulatorEvent? {
        outbox.withLock { outbox in
            guard !outbox.busy, !outbox.events.isEmpty else { return nil }
            outbox.busy = true
            return outbox.events.removeFirst()
        }
    }

    /// One timer for the earliest end; an earlier one that was overtaken finds nothing due and does no harm.
    private func arm(_ next: MonotonicTime?, now: MonotonicTime) {
        guard let next else { return }
        let isNew = timer.withLock { armed in
            if let current = armed, current <= next { return false }
            armed = next
            return true
        }
        guard isNew else { return }
        loop.scheduleTask(in: .nanoseconds(max(0, (next - now).nanoseconds))) {
            self.timer.withLock { $0 = nil }
            self.change { _, _ in }
        }
    }
}
