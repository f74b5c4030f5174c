import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Vocabulary

/// An HTTP/1.1 server on one address, with event loops of its own.
///
/// It holds no request: bodies go to their receivers as they come, and a peer that is slow, idle or silent loses its
/// connection, not others their service (queue.md S5, S9).
package final class HTTPServer: Sendable {
    /// Where it listens, with the port that it got.
    package let address: ListenAddress

    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let registry: ConnectionRegistry
    private let pipeline: ConnectionPipeline

    private init(
        address: ListenAddress,
        channel: any Channel,
        group: MultiThreadedEventLoopGroup,
        registry: ConnectionRegistry,
        pipeline: ConnectionPipeline
    ) {
        self.address = address
        self.channel = channel
        self.group = group
        self.registry = registry
        self.pipeline = pipeline
    }

    /// Connections that are open now.
    package var openConnections: Int { registry.count }

    /// Other limits for the connections that come; open ones keep theirs.
    package func setLimits(_ limits: ServerLimits) {
        pipeline.setLimits(limits)
        registry.setMaximum(limits.connections)
    }

    /// Another certificate, or none, for the connections that come; open ones keep theirs.
    package func setCertificate(_ certificate: ServerCertificate?) { pipeline.setCertificate(certificate) }

    /// Opens the address and begins to answer.
    /// - Throws: `ListenError`, which names the address.
    package static func start(
        _ configuration: ServerConfiguration,
        handler: any RequestHandler
    ) async throws -> HTTPServer {
        let server = try await open(configuration, handler: handler)
        server.accept()
        return server
    }

    /// Opens the address; who connects waits in the system's queue until `accept`.
    /// - Throws: `ListenError`, which names the address.
    package static func open(
        _ configuration: ServerConfiguration,
        handler: any RequestHandler
    ) async throws -> HTTPServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        do {
            let registry = ConnectionRegistry(maximum: configuration.limits.connections)
            let pipeline = ConnectionPipeline(
                handler: handler,
                registry: registry,
                limits: configuration.limits,
                certificate: configuration.certificate
            )
            let bootstrap = Self.bootstrap(group, pipeline)
            let channel: any Channel
            switch configuration.address {
            case .tcp(let host, let port):
                channel = try await bootstrap.bind(host: host, port: port).get()
            case .unix(let path):
                try await SocketFile.removeStale(path, group: group)
                channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
                try SocketFile.openToGroup(path)
            case .systemd:
                channel = try await bootstrap.withBoundSocket(HandedOverSocket.take()).get()
            }
            switch channel.localAddress {
            // Connections have it from the socket that they came to.
            case .v4, .v6: try await channel.setOption(.tcpOption(.tcp_nodelay), value: 1).get()
            case .unixDomainSocket, nil: break
            }
            return HTTPServer(
                address: Self.bound(configuration.address, channel),
                channel: channel,
                group: group,
                registry: registry,
                pipeline: pipeline
            )
        } catch {
            try? await group.shutdownGracefully()
            throw ListenError(address: configuration.address, cause: error)
        }
    }

    /// Begins to answer.
    package func accept() { channel.setOption(.autoRead, value: true).whenComplete { _ in } }

    /// Stops accepting, closes what is idle, lets requests in flight end, and closes what is left after `grace`. A
    /// socket file is removed; who connects to a handed-over socket from now on waits for its next owner. A second call
    /// with a shorter grace shortens the first.
    package func stop(within grace: Duration) async {
        await stopAccepting()
        registry.stop()
        let registry = registry
        let last = group.next().scheduleTask(in: TimeAmount(grace)) { registry.closeAll() }
        await registry.waitUntilEmpty()
        last.cancel()
    }

    /// Stops, and ends the event loops. Call it once.
    package func shutdown(within grace: Duration) async {
        await stop(within: grace)
        try? await group.shutdownGracefully()
    }

    /// A connection that is accepted already goes from our loop to its own and back, and NIO drops it where this channel
    /// has closed meanwhile. So first no more are accepted; then every loop is waited for, twice; then it closes.
    private func stopAccepting() async {
        try? await channel.setOption(.autoRead, value: false).get()
        for _ in 0..<2 {
            for loop in group.makeIterator() { try? await loop.submit {}.get() }
        }
        try? await channel.close().get()
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup,
        _ pipeline: ConnectionPipeline
    ) -> ServerBootstrap {
        var indexes: [ObjectIdentifier: Int] = [:]
        for (index, loop) in group.makeIterator().enumerated() { indexes[ObjectIdentifier(loop)] = index }
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
            .childChannelInitializer { [indexes] channel in
                do {
                    try setUp(channel, loop: indexes[ObjectIdentifier(channel.eventLoop)] ?? 0, pipeline)
                    return channel.eventLoop.makeSucceededVoidFuture()
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
    }

    private static func setUp(_ channel: any Channel, loop: Int, _ pipeline: ConnectionPipeline) throws {
        if try hasGone(channel) { throw ConnectionHasGone() }
        // Set here and not as the bootstrap's own, which takes a fifth of what a connection costs.
        let options = channel.syncOptions
        // Whoever floods us with bytes has one buffer's turn, and then the others have theirs. It is also the number of
        // buffers that a connection keeps.
        try options?.setOption(.maxMessagesPerRead, value: 1)
        try options?.setOption(.allowRemoteHalfClosure, value: true)
        try pipeline.install(on: channel, loop: loop)
    }

    /// Whether the peer has closed the connection and sent nothing, before it was its turn: where many wait, which is so
    /// in a flood, the others wait a third as long for each that goes at once.
    private static func hasGone(_ channel: any Channel) throws -> Bool {
        var byte: UInt8 = 0
        return try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            socket in
            recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
        } ?? false
    }

    /// Nobody has to hear of it.
    private struct ConnectionHasGone: Error {}

    /// The address with what the system filled in.
    private static func bound(_ address: ListenAddress, _ channel: any Channel) -> ListenAddress {
        guard case .tcp(let host, _) = address, let port = channel.localAddress?.port else { return address }
        return .tcp(host: host, port: port)
    }
}

/// The handlers of every connection of a server.
final class ConnectionPipeline: Sendable {
    private let handler: any RequestHandler
    private let registry: ConnectionRegistry
    private let turns = Mutex<[Int: NIOLoopBound<LoopTurn>]>([:])
    private let settings: Mutex<(limits: ServerLimits, certificate: ServerCertificate?)>

    init(
        handler: any RequestHandler,
        registry: ConnectionRegistry,
        limits: ServerLimits,
        certificate: ServerCertificate? = nil
    ) {
        self.handler = handler
        self.registry = registry
        settings = Mutex((limits, certificate))
    }

    func setLimits(_ limits: ServerLimits) { settings.withLock { $0.limits = limits } }

    func setCertificate(_ certificate: ServerCertificate?) { settings.withLock { $0.certificate = certificate } }

    func install(on channel: any Channel, loop: Int) throws {
        let (limits, certificate) = settings.withLock(\.self)
        let connection = ConnectionHandler(
            handler: handler,
            loop: loop,
            turn: turn(of: loop, channel.eventLoop),
            registry: registry,
            limits: limits
        )
        // Who does not end the handshake has not sent anything, and goes after `header_timeout`.
        if let certificate {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
        }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    private func turn(of number: Int, _ loop: any EventLoop) -> LoopTurn {
        turns.withLock { turns in
            if let turn = turns[number] { return turn.value }
            let turn = LoopTurn(on: loop)
            turns[number] = NIOLoopBound(turn, eventLoop: loop)
            return turn
        }
    }
}
