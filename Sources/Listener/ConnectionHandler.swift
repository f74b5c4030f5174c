import NIOCore
import NIOHTTP1
import NIOSSL

/// Carries out what `ConnectionStateMachine` decides on one channel; decides nothing itself.
///
/// What the decoder makes of a read waits in `held` until the loop has read from all its connections: `LoopTurn`.
///
/// Answers leave in the order of their requests because a request is handled only when the one before it is answered.
/// While an answer is awaited or the peer does not read its answers, nothing more is read or handled: what is held then
/// is bounded by two read buffers.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the decoder hands up.
    private enum Arrival {
        case part(HTTPServerRequestPart)
        case error(any Error)
        /// The peer closed its half of the connection.
        case inputClosed
    }

    private let handler: any RequestHandler
    private let loop: Int
    private let registry: ConnectionRegistry
    private let limits: ConnectionLimits
    private let turn: LoopTurn
    private var machine: ConnectionStateMachine<any BodyReceiver>
    private var peer = PeerAddress.unixSocket
    private var entry: ConnectionRegistry.Entry?
    private var stream: AnswerStream?

    private var held = CircularBuffer<Arrival>(initialCapacity: 0)
    private var isHandlingHeld = false
    /// The turn will come to what is held.
    private var awaitsTurn = false
    /// Of the complete request of this connection that the turn works on.
    private var receiverAtHand: (any BodyReceiver)?
    /// Where the turn finds the way to the channel; nil once it is gone.
    private var context: ChannelHandlerContext?
    /// How the answer that is encoded is to be written.
    private var encoded: AnswerForm?
    /// A read that the channel asked for while arrivals were held.
    private var readIsDue = false
    private var arrivedInThisRead = false
    /// As the channel said last: to ask it costs more than to remember.
    private var isActive = false
    private var isWritable = true
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?
    /// The last answer. Once the system has it, the next one is encoded in its place.
    private var written = ByteBuffer()

    init(
        handler: any RequestHandler,
        loop: Int,
        turn: LoopTurn,
        registry: ConnectionRegistry,
        limits: ConnectionLimits
    ) {
        self.turn = turn
        self.handler = handler
        self.loop = loop
        self.registry = registry
        self.limits = limits
        machine = ConnectionStateMachine(limits: limits, now: .uptimeNanoseconds(0))
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        isActive = true
        isWritable = context.channel.isWritable
        machine = ConnectionStateMachine(limits: limits, now: context.eventLoop.now)
        peer = PeerAddress(context.remoteAddress)
        let entry = ConnectionRegistry.Entry(channel: context.channel, rank: machine.evictionRank)
        self.entry = entry
        guard registry.admit(entry) else {
            context.close(promise: nil)
            return
        }
        settle(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Who sends and goes has sent.
        handleHeld(context)
        isActive = false
        machine.abandoned()?.abandoned()
        stream?.closed()
        stream = nil
        timer?.task.cancel()
        timer = nil
        held.removeAll()
        if let entry { registry.remove(entry) }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let command as ConnectionCommand: obey(command, context)
        case ChannelEvent.inputClosed: arrive(.inputClosed, context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func obey(_ command: ConnectionCommand, _ context: ChannelHandlerContext) {
        handleHeld(context)
        switch command {
        case .close: close(context)
        case .finish:
            switch machine.stopRequested(now: context.eventLoop.now) {
            case .closeWhenWritten: closeWhenWritten(context)
            case .finishFirst: break
            }
            settle(context)
        }
    }

    private func close(_ context: ChannelHandlerContext) {
        machine.abandoned()?.abandoned()
        context.close(promise: nil)
    }

    // MARK: What arrives

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrive(.part(unwrapInboundIn(data)), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { arrive(.error(error), context) }

    private func arrive(_ arrival: Arrival, _ context: ChannelHandlerContext) {
        arrivedInThisRead = true
        held.append(arrival)
        guard !awaitsTurn else { return }
        awaitsTurn = true
        turn.add(self)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !arrivedInThisRead {
            machine.partialHeadReceived(now: context.eventLoop.now)
            settle(context)
        }
        arrivedInThisRead = false
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        handleHeld(context)
        settle(context)
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if held.isEmpty || awaitsTurn, goesOn {
            context.read()
        } else {
            readIsDue = true
        }
    }

    /// Whether more can be handled.
    private var goesOn: Bool { isWritable && !machine.isAnswering }

    /// The turn has come to what is held.
    func takeTurn() {
        awaitsTurn = false
        // Before it went all was handled.
        guard let context else { return }
        handleHeld(context)
        if !isAtHand { settle(context) }
    }

    /// Handles what is held, up to a request whose answer has to be awaited. A flush can make the channel writable and so
    /// call this again from within; the outer call's loop goes on then.
    private func handleHeld(_ context: ChannelHandlerContext) {
        guard !isHandlingHeld else { return }
        isHandlingHeld = true
        defer { isHandlingHeld = false }
        while goesOn, let arrival = held.popFirst() {
            handle(arrival, context)
            // What is at hand is flushed with its own answer.
            if !isAtHand, held.isEmpty || !goesOn { context.flush() }
        }
        if readIsDue, held.isEmpty, goesOn {
            readIsDue = false
            context.read()
        }
    }

    private func handle(_ arrival: consuming Arrival, _ context: ChannelHandlerContext) {
        switch consume arrival {
        case .part(.head(let head)): headReceived(head, context)
        case .part(.body(let bytes)): bodyReceived(bytes, context)
        case .part(.end): requestEnded()
        case .error(let error): failed(error, context)
        case .inputClosed: inputClosed(context)
        }
    }

    private func headReceived(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard machine.takesRequests else { return }
        let headers = RequestHeaders(head.headers)
        let rules: MessageRules
        let target: RequestTarget
        do throws(ProtocolFailure) {
            rules = try MessageRules(head, headers)
            target = try RequestTarget(head.uri, method: head.method.rawValue)
        } catch {
            refuse(error, context)
            return
        }
        switch handler.receive(RequestHead(head, headers: headers, target: target, peer: peer), onLoop: loop) {
        case .answer(let response):
            answer(response, machine.answered(rules), context)
        case .receive(let limit, let receiver):
            switch machine.accepted(rules, limit: limit, receiver: receiver) {
            case .read: break
            case .askForBody:
                context.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")),
                    promise: nil
                )
            case .refuse(let form): answer(receiver.failed(.tooLarge), form, context)
            }
        case .stream(let response, let stream): begin(stream, response, machine.streamBegan(rules), context)
        }
    }

    private func begin(
        _ stream: AnswerStream,
        _ response: Response,
        _ start: (form: AnswerForm, ends: Bool),
        _ context: ChannelHandlerContext
    ) {
        self.stream = stream
        response.encode(as: start.form, to: &written)
        context.writeAndFlush(wrapOutboundOut(written), promise: nil)
        stream.open(on: context.channel)
        if start.ends { obey(.finish, context) }
    }

    private func bodyReceived(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        switch machine.bodyReceived(count: bytes.readableBytes) {
        case .deliver(let receiver): bytes.withUnsafeReadableBytes { receiver.received($0) }
        case .refuse(let receiver, let form): answer(receiver.failed(.tooLarge), form, context)
        case .ignore: break
        case .close: close(context)
        }
    }

    private func requestEnded() {
        switch machine.requestEnded() {
        case .finish(let receiver, let form):
            machine.answerDelayed(form)
            receiverAtHand = receiver
            turn.complete(self)
        case .ignore: break
        }
    }

    /// Whether a complete request of this connection waits for its answer in the turn.
    private var isAtHand: Bool { receiverAtHand != nil }

    /// Brings the request that is at hand, if one is, one step further.
    /// - Returns: whether that brought its answer: made ready to be written, or awaited.
    func advance(_ step: Int) -> Bool {
        guard let answer = receiverAtHand?.finished(step: step) else { return false }
        receiverAtHand = nil
        switch answer {
        case .now(let response):
            // nil where the connection has gone.
            encoded = machine.answerKnown()
            if let encoded { response.encode(as: encoded, to: &written) }
        case .later(let late): awaitAnswer(late)
        }
        return true
    }

    /// Writes what was made ready, and goes on with what is held. Where that is another complete request, both answers are
    /// flushed together.
    func send() {
        guard let context else { return }
        if let form = encoded {
            encoded = nil
            writeEncoded(form, context)
            handleHeld(context)
        }
        guard !isAtHand else { return }
        context.flush()
        settle(context)
    }

    private func awaitAnswer(_ late: LateAnswer) {
        let onLoop = NIOLoopBound((connection: self, late), eventLoop: turn.loop)
        late.whenKnown {
            onLoop.eventLoop.execute {
                let (connection, late) = onLoop.value
                connection.answerKnown(late.response())
            }
        }
    }

    private func answerKnown(_ response: Response) {
        guard let form = machine.answerKnown(), let context else { return }
        answer(response, form, context)
        handleHeld(context)
        if !isAtHand { context.flush() }
        settle(context)
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        switch machine.inputClosed() {
        case .closeWhenWritten: closeWhenWritten(context)
        case .abandonBody(let receiver):
            receiver.abandoned()
            closeWhenWritten(context)
        case .close: close(context)
        case .wait: break
        }
    }

    /// The decoder gave up on what was sent, or the socket did.
    private func failed(_ error: any Error, _ context: ChannelHandlerContext) {
        switch error {
        case HTTPParserError.headerOverflow, is ByteToMessageDecoderError.PayloadTooLargeError:
            refuse(.headTooLarge, context)
        // The end came in the middle of a request; `inputClosed` follows and says it better.
        case HTTPParserError.invalidEOFState: break
        // So does a TLS connection that ends without a goodbye: what is complete is known from its length.
        case NIOSSLError.uncleanShutdown: break
        case let error as UnknownMethod: unknownMethod(error, context)
        case is HTTPParserError:
            refuse(.malformed("This is not a valid HTTP/1.1 request."), context)
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes):
            bodyReceived(bytes, context)
        default: close(context)
        }
    }

    /// The handler says what a method that nobody knows gets at this path. Nothing after it was understood, not even
    /// where its body ends: the answer is the last.
    private func unknownMethod(_ request: UnknownMethod, _ context: ChannelHandlerContext) {
        guard machine.takesRequests else { return }
        let head = HTTPRequestHead(version: .http1_1, method: .RAW(value: request.method), uri: request.target)
        do throws(ProtocolFailure) {
            let target = try RequestTarget(request.target, method: request.method)
            let request = RequestHead(head, headers: RequestHeaders(head.headers), target: target, peer: peer)
            switch handler.receive(request, onLoop: loop) {
            case .answer(let response):
                if case .refuse(let form) = machine.malformedReceived() { answer(response, form, context) }
            case .stream(_, let stream):
                stream.closed()
                fallthrough
            case .receive: throw .malformed("This method has no body that could be read.")
            }
        } catch {
            refuse(error, context)
        }
    }

    private func refuse(_ failure: ProtocolFailure, _ context: ChannelHandlerContext) {
        switch machine.malformedReceived() {
        case .refuse(let form): answer(handler.refused(failure, from: peer), form, context)
        case .failBody(let receiver, let form): answer(receiver.failed(.malformed), form, context)
        case .close: close(context)
        case .ignore: break
        }
    }

    // MARK: Answers

    /// Written now, flushed when what is held is handled; the last one goes out at once.
    private func answer(_ response: Response, _ form: AnswerForm, _ context: ChannelHandlerContext) {
        response.encode(as: form, to: &written)
        writeEncoded(form, context)
    }

    private func writeEncoded(_ form: AnswerForm, _ context: ChannelHandlerContext) {
        if form.closes {
            writeLast(written, context)
        } else {
            context.write(wrapOutboundOut(written), promise: nil)
        }
        // The answer to a delivery is small; what a large one took is not kept for as long as the connection lives.
        if written.capacity > Self.keptCapacity { written = ByteBuffer() }
    }

    private static let keptCapacity = 1024

    private func closeWhenWritten(_ context: ChannelHandlerContext) { writeLast(ByteBuffer(), context) }

    private func writeLast(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                switch self.machine.lastAnswerWritten(now: context.eventLoop.now) {
                case .closeOutput: context.close(mode: .output, promise: nil)
                case .close: self.close(context)
                case .ignore: break
                }
                self.settle(context)
            case .failure: self.close(context)
            }
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    }

    // MARK: Time

    /// Sets the deadline of the state that was reached, and tells the registry.
    private func settle(_ context: ChannelHandlerContext) {
        machine.settle(now: context.eventLoop.now)
        entry?.setRank(machine.evictionRank)
        guard isActive, let deadline = machine.deadline else { return }
        arm(deadline, context)
    }

    /// One task at a time: a deadline that moved back is looked up when the earlier one comes, so that a connection
    /// which is busy schedules next to nothing.
    private func arm(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        if let timer {
            guard deadline < timer.due else { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.deadlineReached(context)
        }
        timer = (task, deadline)
    }

    private func deadlineReached(_ context: ChannelHandlerContext) {
        handleHeld(context)
        switch machine.deadlineReached(now: context.eventLoop.now) {
        case .wait: break
        case .refuse(let form): answer(handler.refused(.headTooSlow, from: peer), form, context)
        case .failBody(let receiver, let form): answer(receiver.failed(.tooSlow), form, context)
        case .close: close(context)
        }
        settle(context)
    }
}
