import NIOCore
import NIOSSL
import Synchronization

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

    /// How long a connection may take for its first head before it has a channel: the other half of `header_timeout` is
    /// the channel's, which answers when it is over.
    var patience: TimeAmount { settings.withLock { TimeAmount($0.limits.headerTimeout / 2) } }

    // Of an entry that the registry has admitted.
    func install(on channel: any Channel, loop: Int, _ entry: ConnectionRegistry.Entry) throws {
        let (limits, certificate) = settings.withLock(\.self)
        let connection = ConnectionHandler(
            entry,
            handler: handler,
            loop: loop,
            turn: turn(of: loop, channel.eventLoop),
            registry: registry,
            limits: limits
        )
        // Who does not end the handshake has not sent anything, and goes after `header_timeout`.
        if let certificate {
            // What it has sent is a greeting; no request is here that would have to be read first.
            entry.setRank(evictionRank(waitingSince: entry.began))
            entry.hasSent.store(false, ordering: .relaxed)
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
