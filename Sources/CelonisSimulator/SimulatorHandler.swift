import NIOCore
import NIOHTTP1
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Collects one request, asks the state, and delivers the answer as slowly or badly as it says.
final class SimulatorHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let core: SimulatorCore
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(core: SimulatorCore) { self.core = core }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer):
            body += buffer.readableBytesView
        case .end:
            guard let head else { return }
            let request = SimulatorRequest(
                method: head.method.rawValue,
                target: head.uri,
                headers: HeaderList(head.headers.map { ($0.name, $0.value) }),
                body: body
            )
            deliver(core.handle(request), keepAlive: head.isKeepAlive, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func deliver(_ reply: SimulatorReply, keepAlive: Bool, context: ChannelHandlerContext) {
        guard reply.delay > .zero else {
            write(reply, keepAlive: keepAlive, context: context)
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .nanoseconds(reply.delay.nanoseconds)) {
            let (handler, context) = bound.value
            handler.write(reply, keepAlive: keepAlive, context: context)
        }
    }

    private func write(_ reply: SimulatorReply, keepAlive: Bool, context: ChannelHandlerContext) {
        switch reply.delivery {
        case .hang:
            return
        case .reset:
            reset(context)
        case .whole:
            writeHead(of: reply, keepAlive: keepAlive, context: context)
            var buffer = context.channel.allocator.buffer(capacity: reply.body.count)
            buffer.writeBytes(reply.body)
            if !reply.body.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil) }
            writeEnd(keepAlive: keepAlive, context: context)
        case .slow(let interval):
            writeHead(of: reply, keepAlive: keepAlive, context: context)
            context.flush()
            drip(reply.body[...], every: interval, keepAlive: keepAlive, context: context)
        }
    }

    private func writeHead(of reply: SimulatorReply, keepAlive: Bool, context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status))
        for (name, value) in reply.headers { head.headers.replaceOrAdd(name: name, value: value) }
        if reply.status != 204 { head.headers.replaceOrAdd(name: "content-length", value: "\(reply.body.count)") }
        if !keepAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func writeEnd(keepAlive: Bool, context: ChannelHandlerContext) {
        let channel = context.channel
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepAlive { end.whenComplete { _ in channel.close(promise: nil) } }
    }

    /// Stops when the client has gone.
    private func drip(
        _ rest: ArraySlice<UInt8>,
        every interval: Duration,
        keepAlive: Bool,
        context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        guard let byte = rest.first else {
            writeEnd(keepAlive: keepAlive, context: context)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: [byte])))), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .nanoseconds(interval.nanoseconds)) {
            let (handler, context) = bound.value
            handler.drip(rest.dropFirst(), every: interval, keepAlive: keepAlive, context: context)
        }
    }

    /// With a linger time of zero, closing sends RST instead of FIN.
    private func reset(_ context: ChannelHandlerContext) {
        let channel = context.channel
        let set = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        (set ?? channel.eventLoop.makeSucceededVoidFuture()).whenComplete { _ in channel.close(promise: nil) }
    }
}
