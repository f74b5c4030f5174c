import NIOCore
import NIOPosix
import NIOSSL

@testable import Listener

/// A peer that sends bytes as they are, over a real socket.
struct Client {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var received = ""

    /// Connects, over TLS if there is a context for it, runs `body`, closes.
    static func connect<Result>(
        to server: HTTPServer,
        tls: NIOSSLContext? = nil,
        _ body: (inout Client) async throws -> Result
    ) async throws -> Result {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            // Of a busy machine, and of one that watches threads, ten seconds are not enough.
            .connectTimeout(.hours(1))
            .channelOption(.allowRemoteHalfClosure, value: true)
        @Sendable func wrap(_ channel: any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
                return try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        switch server.address {
        case .tcp(let host, let port): channel = try await bootstrap.connect(host: host, port: port) { wrap($0) }
        case .unix(let path): channel = try await bootstrap.connect(unixDomainSocketPath: path) { wrap($0) }
        case .systemd: throw SocketProblem.notHandedOver
        }
        return try await channel.executeThenClose { inbound, outbound in
            var client = Client(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&client)
        }
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    /// Sends no more, but still reads.
    func finish() { outbound.finish() }

    /// - Returns: false if the peer has closed.
    mutating func readMore() async throws -> Bool {
        guard let bytes = try await inbound.next() else { return false }
        received += String(buffer: bytes)
        return true
    }

    /// - Returns: all that was received, from when `text` is in it.
    mutating func read(until text: String) async throws -> String {
        while !received.contains(text), try await readMore() {}
        return received
    }

    /// - Returns: all that was received until the peer closed.
    mutating func readToEnd() async throws -> String {
        while try await readMore() {}
        return received
    }

    /// - Returns: how many bytes came until the peer closed; they are not kept.
    mutating func countToEnd() async throws -> Int {
        var count = received.utf8.count
        while let bytes = try await inbound.next() { count += bytes.readableBytes }
        return count
    }
}
