import Glibc
import NIOCore
import NIOPosix
import Vocabulary

/// An HTTP/1.1 server on one address, with event loops of its own.
///
/// It holds no request: bodies go to their receivers as they come, and a peer that is slow, idle or silent loses its
/// connection, not others their service (queue.md S5, S9).
package final class HTTPServer: Sendable {
    /// Where it listens, with the port that it got.
    package let address: ListenAddress

    /// The listening socket's.
    private let channel: any Channel
    private let acceptor: Acceptor
    private let group: MultiThreadedEventLoopGroup
    private let registry: ConnectionRegistry
    private let pipeline: ConnectionPipeline

    private init(
        address: ListenAddress,
        channel: any Channel,
        acceptor: Acceptor,
        group: MultiThreadedEventLoopGroup,
        registry: ConnectionRegistry,
        pipeline: ConnectionPipeline
    ) {
        self.address = address
        self.channel = channel
        self.acceptor = acceptor
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
            let channel = try await bind(configuration.address, group)
            let channels = ChannelMaker(loops: Array(group.makeIterator()), pipeline, registry)
            return HTTPServer(
                address: Self.bound(configuration.address, channel),
                channel: channel,
                acceptor: try Acceptor(
                    listening: try await socket(of: channel),
                    registry: registry,
                    patience: { pipeline.patience },
                    handOver: { channels.receive($0) }
                ),
                group: group,
                registry: registry,
                pipeline: pipeline
            )
        } catch {
            try? await group.shutdownGracefully()
            throw ListenError(address: configuration.address, cause: error)
        }
    }

    /// Begins to answer. Call it once.
    package func accept() { acceptor.start(on: channel.eventLoop) }

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

    /// Whoever is accepted already has a channel when this returns.
    private func stopAccepting() async {
        await acceptor.stop()
        for loop in group.makeIterator() { try? await loop.submit {}.get() }
        try? await channel.close().get()
    }

    private static func bind(_ address: ListenAddress, _ group: MultiThreadedEventLoopGroup) async throws -> any Channel
    {
        let backlog: CInt = 4096
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // What it accepts is the acceptor's.
            .serverChannelOption(.autoRead, value: false)
        let channel: any Channel
        switch address {
        case .tcp(let host, let port):
            channel = try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            try await SocketFile.removeStale(path, group: group)
            channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
            try SocketFile.openToGroup(path)
        case .systemd:
            channel = try await bootstrap.withBoundSocket(HandedOverSocket.take()).get()
            // NIO has set its default of 128, whatever the service manager's was.
            guard try await listen(socket(of: channel), backlog) == 0 else {
                throw IOError(errnoCode: errno, reason: "listen")
            }
        }
        switch channel.localAddress {
        // Connections have it from the socket that they came to.
        case .v4, .v6: try await channel.setOption(.tcpOption(.tcp_nodelay), value: 1).get()
        case .unixDomainSocket, nil: break
        }
        return channel
    }

    private static func socket(of channel: any Channel) async throws -> CInt {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        }.get() ?? -1
    }

    /// The address with what the system filled in.
    private static func bound(_ address: ListenAddress, _ channel: any Channel) -> ListenAddress {
        guard case .tcp(let host, _) = address, let port = channel.localAddress?.port else { return address }
        return .tcp(host: host, port: port)
    }
}
