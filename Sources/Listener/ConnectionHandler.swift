import NIOCore
import NIOSSL

/// Carries out what `ConnectionStateMachine` decides on one channel; decides nothing itself.
///
/// What was read waits in `unread` until the loop has read from all its connections: `LoopTurn`.
///
/// Answers leave in the order of their requests because a request is parsed only when the one before it is answered.
/// While an answer is awaited or the peer does not read its answers, nothing more is read or parsed: what is unread then
/// is bounded by two read buffers.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What may follow the last bytes.
    private enum Ending {
        case error
        /// The peer closed its half of the connection.
        case inputClosed
    }

    private let handler: any RequestHandler
    private let loop: Int
    private let registry: ConnectionRegistry
    private let limits: ConnectionLimits
    private let turn: LoopTurn
    private let parser: RequestParser
    private var machine: ConnectionStateMachine<any BodyReceiver>
    private let entry: ConnectionRegistry.Entry
    private var stream: AnswerStream?

    private var unread = ByteBuffer()
    private var endings: [Ending] = []
    private var isHandling = false
    /// The turn will come to what is unread.
    private var awaitsTurn = false
    private var hasUnflushed = false
    /// Of the complete request of this connection that the turn works on.
    private var receiverAtHand: (any BodyReceiver)?
    /// Where the turn finds the way to the channel; nil once it is gone.
    private var context: ChannelHandlerContext?
    /// How the answer that is encoded is to be written.
    private var encoded: AnswerForm?
    /// A read that the channel asked for while nothing could be handled.
    private var readIsDue = false
    private var hasRead = false
    /// As the channel said last: to ask it costs more than to remember.
    private var isActive = false
    private var isWritable = true
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?
    /// How much of a body is here, of how much at most.
    private var body = (size: 0, limit: 0)
    /// The last answer. Once the system has it, the next one is encoded in its place.
    private var written = ByteBuffer()

    /// Of an entry that the registry has admitted.
    init(
        _ entry: ConnectionRegistry.Entry,
        handler: any RequestHandler,
        loop: Int,
        turn: LoopTurn,
        registry: ConnectionRegistry,
        limits: ServerLimits
    ) {
        self.entry = entry
        self.turn = turn
        self.handler = handler
        self.loop = loop
        self.registry = registry
        self.limits = ConnectionLimits(limits)
        parser = RequestParser(limit: limits.headerSize)
        machine = ConnectionStateMachine(limits: self.limits, now: entry.began)
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        isActive = true
        isWritable = context.channel.isWritable
        // The rank stays what it is: nobody knows yet what was sent.
        if let deadline = machine.deadline { arm(deadline, context) }
        if let command = entry.open(on: context.channel) { obey(command, context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Who sends and goes has sent.
        handleUnread(context)
        isActive = false
        machine.abandoned()?.abandoned()
        bodyEnded()
        stream?.closed()
        stream = nil
        timer?.task.cancel()
        timer = nil
        unread = ByteBuffer()
        endings = []
        registry.remove(entry)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let command as ConnectionCommand: obey(command, context)
        case ChannelEvent.inputClosed: end(.inputClosed)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func obey(_ command: ConnectionCommand, _ context: ChannelHandlerContext) {
        handleUnread(context)
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
        hasRead = true
        var bytes = unwrapInboundIn(data)
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.writeBuffer(&bytes)
        }
        awaitTurn()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The end of a TLS connection without a goodbye: the socket's own follows, and what is complete is known from its
        // length.
        if case NIOSSLError.uncleanShutdown = error { return }
        end(.error)
    }

    private func end(_ ending: Ending) {
        endings.append(ending)
        awaitTurn()
    }

    private func awaitTurn() {
        guard !awaitsTurn else { return }
        awaitsTurn = true
        turn.add(self)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        handleUnread(context)
        settle(context)
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if goesOn {
            context.read()
        } else {
            readIsDue = true
        }
    }

    /// Whether more can be handled.
    private var goesOn: Bool { isWritable && !machine.isAnswering }

    /// The turn has come to what is unread.
    func takeTurn() {
        awaitsTurn = false
        // Before it went all was handled.
        guard let context else { return }
        handleUnread(context)
        if !isAtHand { settle(context) }
    }

    /// Handles what is unread, up to a request whose answer has to be awaited, and flushes what was written. A flush can
    /// make the channel writable and so call this again from within; the outer call's loop goes on then.
    private func handleUnread(_ context: ChannelHandlerContext) {
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        while goesOn, handleNext(context) {}
        // What is at hand is flushed with its own answer.
        while hasUnflushed, !isAtHand {
            hasUnflushed = false
            context.flush()
            while goesOn, handleNext(context) {}
        }
        // The channel reads into the same memory again if nobody else holds it.
        if unread.readableBytes == 0 { unread = ByteBuffer() }
        guard goesOn else { return }
        if parser.isInsideHead { machine.partialHeadReceived(now: context.eventLoop.now) }
        if readIsDue {
            readIsDue = false
            context.read()
        }
    }

    /// - Returns: false if there is nothing.
    private func handleNext(_ context: ChannelHandlerContext) -> Bool {
        switch parser.next(in: &unread) {
        case .head(let head): headReceived(head, context)
        case .body(let bytes): bodyReceived(bytes, context)
        case .end: requestEnded()
        case .failed(let failure): failed(failure, context)
        case nil where endings.isEmpty: return false
        case nil:
            switch endings.removeFirst() {
            case .error: close(context)
            case .inputClosed: inputClosed(context)
            }
        }
        return true
    }

    private func headReceived(_ head: ParsedHead, _ context: ChannelHandlerContext) {
        guard machine.takesRequests else { return }
        let rules: MessageRules
        let target: RequestTarget
        do throws(ProtocolFailure) {
            rules = try MessageRules(head)
            target = try RequestTarget(head.target, method: head.method)
        } catch {
            refuse(error, context)
            return
        }
        switch handler.receive(RequestHead(head, target, peer: entry.peer), onLoop: loop) {
        case .answer(let response):
            answer(response, machine.answered(rules), context)
        case .receive(let limit, let receiver):
            bodyEnded()
            body.limit = limit
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
        case .deliver(let receiver):
            bytes.withUnsafeReadableBytes { receiver.received($0) }
            body.size += bytes.readableBytes
            if isBodyCounted { turn.bodyGrew(of: self, to: body.size, limit: body.limit) }
        case .refuse(let receiver, let form): answer(receiver.failed(.tooLarge), form, context)
        case .ignore: break
        case .close: close(context)
        }
    }

    private var isBodyCounted: Bool { body.size > BodyRoom<ConnectionHandler>.uncounted }

    private func bodyEnded() {
        if isBodyCounted { turn.bodyEnded(of: self) }
        body.size = 0
    }

    /// Others' bodies need the room of this connection's.
    func giveBodyUp() {
        guard let context, let (receiver, form) = machine.bodyCrowdedOut() else { return }
        answer(receiver.failed(.crowdedOut), form, context)
        settle(context)
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
        // Taken out of here, not copied: it would be counted twice at each step.
        guard let receiver = receiverAtHand.take() else { return false }
        guard let answer = receiver.finished(step: step) else {
            receiverAtHand = receiver
            return false
        }
        switch answer {
        case .now(let response):
            // nil where the connection has gone.
            encoded = machine.answerKnown()
            if let encoded { response.encode(as: encoded, to: &written) }
        case .later(let late): awaitAnswer(late)
        }
        return true
    }

    /// Writes what was made ready, and goes on with what is unread. Where that is another complete request, both answers are
    /// flushed together.
    func send() {
        guard let context else { return }
        if let form = encoded {
            encoded = nil
            writeEncoded(form, context)
        }
        handleUnread(context)
        if !isAtHand { settle(context) }
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
        handleUnread(context)
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

    private func failed(_ failure: RequestParser.Failure, _ context: ChannelHandlerContext) {
        switch failure {
        case .headTooLarge: refuse(.headTooLarge, context)
        case .malformed: refuse(.malformed("This is not a valid HTTP/1.1 request."), context)
        case .unknownMethod(let request): unknownMethod(request, context)
        }
    }

    /// The handler says what a method that nobody knows gets at this path. Nothing after it was understood, not even
    /// where its body ends: the answer is the last.
    private func unknownMethod(_ request: UnknownMethod, _ context: ChannelHandlerContext) {
        guard machine.takesRequests else { return }
        do throws(ProtocolFailure) {
            let target = try RequestTarget(request.target, method: request.method)
            let head = ParsedHead(method: request.method, target: request.target)
            switch handler.receive(RequestHead(head, target, peer: entry.peer), onLoop: loop) {
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
        case .refuse(let form): answer(handler.refused(failure, from: entry.peer), form, context)
        case .failBody(let receiver, let form): answer(receiver.failed(.malformed), form, context)
        case .close: close(context)
        case .ignore: break
        }
    }

    // MARK: Answers

    /// Written now, flushed when what is unread is handled; the last one goes out at once.
    private func answer(_ response: Response, _ form: AnswerForm, _ context: ChannelHandlerContext) {
        response.encode(as: form, to: &written)
        writeEncoded(form, context)
    }

    private func writeEncoded(_ form: AnswerForm, _ context: ChannelHandlerContext) {
        if form.closes {
            writeLast(written, context)
        } else {
            hasUnflushed = true
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
        if !machine.isReceivingBody { bodyEnded() }
        entry.setRank(machine.evictionRank)
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
        if !hasRead, entry.hasSent.load(ordering: .relaxed) {
            // The loop comes late to it: first it is read what was sent in time.
            arm(context.eventLoop.now + .milliseconds(1), context)
            return
        }
        handleUnread(context)
        switch machine.deadlineReached(now: context.eventLoop.now) {
        case .wait: break
        case .refuse(let form): answer(handler.refused(.headTooSlow, from: entry.peer), form, context)
        case .failBody(let receiver, let form): answer(receiver.failed(.tooSlow), form, context)
        case .close: close(context)
        }
        settle(context)
    }
}
