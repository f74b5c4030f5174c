import NIOCore

/// What one turn of an event loop has read, on all of its connections, worked through step by step: each step for all of
/// them before the next one.
///
/// The code of a delivery, from its bytes to its answer, is several times as large as a processor's first-level
/// instruction cache. Delivery by delivery all of it is fetched anew for each one; step by step, once for all that are
/// there. Under load this saves half of the processor time (`make bench`), and one connection at a time costs
/// next to nothing.
final class LoopTurn {
    /// A request that is complete.
    struct Request {
        let connection: ConnectionHandler
        let context: ChannelHandlerContext
        let receiver: any BodyReceiver
    }

    private let loop: any EventLoop
    private var connections: [(handler: ConnectionHandler, context: ChannelHandlerContext)] = []
    private var requests: [Request] = []
    private var isScheduled = false

    init(on loop: any EventLoop) { self.loop = loop }

    /// Something has arrived on the connection.
    func add(_ connection: ConnectionHandler, _ context: ChannelHandlerContext) {
        connections.append((connection, context))
        schedule()
    }

    func complete(_ request: Request) {
        requests.append(request)
        schedule()
    }

    /// Tasks run when the loop has read from every connection that had something.
    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute { self.run() }
    }

    private func run() {
        let connections = self.connections
        self.connections = []
        for index in connections.indices { connections[index].handler.takeTurn(connections[index].context) }
        let requests = self.requests
        self.requests = []
        // From here on, what arrives or is complete has a turn of its own.
        isScheduled = false
        Self.answer(requests)
        for index in requests.indices { requests[index].connection.send(requests[index].context) }
    }

    private static func answer(_ requests: [Request]) {
        var left = requests.count
        var step = 0
        while left > 0 {
            for index in requests.indices where requests[index].connection.isAtHand {
                guard let answer = requests[index].receiver.finished(step: step) else { continue }
                requests[index].connection.encode(answer, requests[index].context)
                left -= 1
            }
            step += 1
        }
    }
}
