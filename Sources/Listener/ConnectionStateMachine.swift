import NIOCore

/// One connection's side of HTTP, without the connection: what was received goes in, what is to be done comes out.
///
/// One request at a time: idle → receivingHead → (receivingBody → answering? | discardingBody) → idle, and from anywhere
/// to lingering, in which the answer is out, our half of the connection is closed, and what the peer still sends is
/// thrown away for a while, since closing on unread bytes would destroy the answer on its way (RFC 9112 §9.6).
///
/// A deadline belongs to a state. It is set by `settle`, once after each batch of reads, so that a request which
/// arrives in one piece costs no timer.
struct ConnectionStateMachine<Receiver> {
    enum State {
        /// Connected; the peer has not sent anything.
        case fresh
        /// Between two requests.
        case idle
        /// A part of a head is here.
        case receivingHead
        case receivingBody(Receiver, remaining: Int, AnswerForm)
        /// Answered already; the rest of a small body is read away, for the connection's sake.
        case discardingBody
        /// The answer goes on until one side ends it, which ends the connection too.
        case streaming
        /// The request is complete and its answer comes later. What the peer sends meanwhile waits.
        case answering(AnswerForm)
        /// Answered for the last time; `remaining` bytes more are thrown away. First the answer has to get out.
        case lingering(remaining: Int, isWritten: Bool)
        case closed
    }

    private(set) var state = State.fresh
    /// When the state's patience ends; nil until `settle`.
    private(set) var deadline: NIODeadline?
    /// Since when we wait for the peer: the end of its last request, or of the head of this one.
    private var waitingSince: NIODeadline
    private var isStopping = false
    /// The peer closed its half, or what it may still send does not matter: there is nothing to linger for.
    private var inputEnded = false
    private let limits: ConnectionLimits

    /// `now` is the connection's start. A peer that sends nothing has as long as for a head.
    init(limits: ConnectionLimits, now: NIODeadline) {
        self.limits = limits
        waitingSince = now
        deadline = now + limits.headerTimeout
    }

    private mutating func enter(_ state: State) {
        self.state = state
        deadline = nil
    }

    private mutating func linger() { enter(.lingering(remaining: limits.linger, isWritten: false)) }

    // MARK: What the peer sent

    /// Bytes came and completed nothing, not even a head.
    mutating func partialHeadReceived(now: NIODeadline) {
        switch state {
        case .fresh: state = .receivingHead  // The patience that began with the connection goes on.
        case .idle:
            state = .receivingHead
            deadline = now + limits.headerTimeout
        case .receivingHead, .receivingBody, .answering, .discardingBody, .streaming, .lingering, .closed: break
        }
    }

    /// Whether a head that arrives now is to be looked at.
    var takesRequests: Bool {
        switch state {
        case .fresh, .idle, .receivingHead: true
        case .receivingBody, .answering, .discardingBody, .streaming, .lingering, .closed: false
        }
    }

    var isReceivingBody: Bool {
        if case .receivingBody = state { true } else { false }
    }

    /// Whether what arrives has to wait for an answer.
    var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    /// The head was answered at once. Returns how the answer is to be written.
    mutating func answered(_ rules: MessageRules) -> AnswerForm {
        var form = rules.answer
        switch rules.body {
        case .none: break
        // A peer that waits for 100 sends its body or does not: the connection cannot be used again.
        case .length(let length) where length > limits.discard || rules.expectsContinue: form.close()
        case .length: break
        case .chunked: form.close()
        }
        if isStopping { form.close() }
        if form.closes {
            linger()
        } else {
            enter(.discardingBody)
        }
        return form
    }

    /// The head is answered at once, and the answer goes on. Returns how it is to be written, and whether it is to end
    /// at once, since the server stops.
    mutating func streamBegan(_ rules: MessageRules) -> (form: AnswerForm, ends: Bool) {
        enter(.streaming)
        var form = rules.answer.closing
        form.goesOn = true
        return (form, isStopping)
    }

    enum BodyStart: Equatable {
        case read
        /// Write `100 Continue`, then read.
        case askForBody
        /// The receiver answers `failed(.tooLarge)`; the body is not read.
        case refuse(AnswerForm)
    }

    /// The head was accepted and its body, at most `limit` bytes, goes to `receiver`.
    mutating func accepted(_ rules: MessageRules, limit: Int, receiver: Receiver) -> BodyStart {
        if case .length(let length) = rules.body, length > limit {
            linger()
            return .refuse(rules.answer.closing)
        }
        enter(.receivingBody(receiver, remaining: limit, rules.answer))
        return rules.expectsContinue && rules.body != .none ? .askForBody : .read
    }

    enum BodyAction {
        case deliver(Receiver)
        /// The receiver answers `failed(.tooLarge)`.
        case refuse(Receiver, AnswerForm)
        case ignore
        case close
    }

    mutating func bodyReceived(count: Int) -> BodyAction {
        switch state {
        case .receivingBody(let receiver, let remaining, let form):
            guard count <= remaining else {
                linger()
                return .refuse(receiver, form.closing)
            }
            state = .receivingBody(receiver, remaining: remaining - count, form)
            return .deliver(receiver)
        case .lingering(let remaining, let isWritten):
            guard count <= remaining else {
                enter(.closed)
                return .close
            }
            state = .lingering(remaining: remaining - count, isWritten: isWritten)
            return .ignore
        case .streaming:
            enter(.closed)
            return .close
        case .fresh, .idle, .receivingHead, .answering, .discardingBody, .closed:
            return .ignore
        }
    }

    enum EndAction {
        /// The receiver answers `finished()`; if that is for later, `answerDelayed` comes next.
        case finish(Receiver, AnswerForm)
        case ignore
    }

    /// The request is complete, its body included.
    mutating func requestEnded() -> EndAction {
        switch state {
        case .receivingBody(let receiver, _, var form):
            if isStopping { form.close() }
            if form.closes {
                linger()
            } else {
                enter(.idle)
            }
            return .finish(receiver, form)
        case .discardingBody:
            enter(.idle)
            return .ignore
        case .fresh, .idle, .receivingHead, .answering, .streaming, .lingering, .closed:
            return .ignore
        }
    }

    /// The answer of the request that just ended comes later.
    mutating func answerDelayed(_ form: AnswerForm) { enter(.answering(form)) }

    /// The answer is there. Returns how it is to be written; nil where the connection is gone.
    mutating func answerKnown() -> AnswerForm? {
        guard case .answering(var form) = state else { return nil }
        if isStopping { form.close() }
        if form.closes {
            linger()
        } else {
            enter(.idle)
        }
        return form
    }

    /// The body has to make room for others'. Returns the receiver, which answers `failed(.crowdedOut)`; nil where no body
    /// is under way.
    mutating func bodyCrowdedOut() -> (receiver: Receiver, form: AnswerForm)? {
        guard case .receivingBody(let receiver, _, let form) = state else { return nil }
        linger()
        return (receiver, form.closing)
    }

    enum FailureAction {
        /// The request handler answers `refused`.
        case refuse(AnswerForm)
        /// The receiver answers `failed(.malformed)`.
        case failBody(Receiver, AnswerForm)
        case close
        case ignore
    }

    /// What came is not HTTP, or too much of it. Nothing after it can be understood.
    mutating func malformedReceived() -> FailureAction {
        switch state {
        case .fresh, .idle, .receivingHead:
            linger()
            return .refuse(AnswerForm(closes: true))
        case .receivingBody(let receiver, _, let form):
            linger()
            return .failBody(receiver, form.closing)
        case .discardingBody, .streaming:
            // The one answer of this request is out.
            enter(.closed)
            return .close
        case .answering, .lingering, .closed:
            return .ignore
        }
    }

    // MARK: Time

    /// A batch of reads is done. Gives the state the patience that it has not got yet.
    mutating func settle(now: NIODeadline) {
        guard deadline == nil else { return }
        waitingSince = now
        switch state {
        case .fresh, .receivingHead: deadline = now + limits.headerTimeout
        // While lingering this is for the answer to get out; `lastAnswerWritten` shortens it.
        case .idle, .lingering: deadline = now + limits.idleTimeout
        case .receivingBody, .discardingBody: deadline = now + limits.bodyTimeout
        // A stream has no deadline: who follows it says nothing; and a late answer keeps the peer waiting, not it us.
        case .answering, .streaming, .closed: break
        }
    }

    enum DeadlineAction {
        /// Nothing is due before then; nil: ask again after `settle`.
        case wait(until: NIODeadline?)
        /// The request handler answers `refused(.headTooSlow)`.
        case refuse(AnswerForm)
        /// The receiver answers `failed(.tooSlow)`.
        case failBody(Receiver, AnswerForm)
        case close
    }

    mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        guard let deadline, deadline <= now else { return .wait(until: deadline) }
        switch state {
        case .fresh, .idle, .discardingBody, .lingering:
            enter(.closed)
            return .close
        case .receivingHead:
            linger()
            return .refuse(AnswerForm(closes: true))
        case .receivingBody(let receiver, _, let form):
            linger()
            return .failBody(receiver, form.closing)
        case .answering, .streaming, .closed:
            return .wait(until: nil)
        }
    }

    // MARK: Ends

    enum WrittenAction: Equatable {
        /// Close our half and wait for the peer to close its own.
        case closeOutput
        case close
        case ignore
    }

    /// The answer that was to be the last has been handed to the system, down to its last byte.
    mutating func lastAnswerWritten(now: NIODeadline) -> WrittenAction {
        guard case .lingering(let remaining, _) = state else { return .ignore }
        if inputEnded {
            enter(.closed)
            return .close
        }
        state = .lingering(remaining: remaining, isWritten: true)
        deadline = now + limits.lingerTimeout
        return .closeOutput
    }

    enum InputEndAction {
        /// Report `lastAnswerWritten` when all that was answered so far is written.
        case closeWhenWritten
        /// The same, and the receiver hears `abandoned()`.
        case abandonBody(Receiver)
        case close
        /// `lastAnswerWritten` will come.
        case wait
    }

    /// The peer closed its half: what is complete has its answer, what is not will never be.
    mutating func inputClosed() -> InputEndAction {
        inputEnded = true
        switch state {
        // Who says nothing is owed nothing: a flood of such connections costs half as much so.
        case .fresh:
            enter(.closed)
            return .close
        case .idle, .receivingHead, .discardingBody:
            linger()
            return .closeWhenWritten
        case .receivingBody(let receiver, _, _):
            linger()
            return .abandonBody(receiver)
        case .answering, .lingering(_, isWritten: false):
            return .wait
        // Nobody reads on behind a half that is closed.
        case .streaming, .lingering(_, isWritten: true), .closed:
            enter(.closed)
            return .close
        }
    }

    enum StopAction: Equatable {
        /// Report `lastAnswerWritten` when all that was answered so far is written.
        case closeWhenWritten
        /// The request at hand is answered first, and says that it was the last.
        case finishFirst
    }

    /// The server stops: what is idle goes, what is in flight ends. Of a peer that has just connected the request may be
    /// on its way, and nobody would send it again: it has a moment.
    mutating func stopRequested(now: NIODeadline) -> StopAction {
        isStopping = true
        switch state {
        case .fresh:
            deadline = min(deadline ?? .distantFuture, now + limits.lastCall)
            return .finishFirst
        case .receivingHead:
            return .finishFirst
        case .idle:
            inputEnded = true
            linger()
            return .closeWhenWritten
        case .discardingBody, .streaming:
            linger()
            return .closeWhenWritten
        case .receivingBody, .answering, .lingering, .closed:
            return .finishFirst
        }
    }

    /// The connection is gone, or is to go now. Returns the receiver that has to hear of it.
    mutating func abandoned() -> Receiver? {
        defer { enter(.closed) }
        switch state {
        case .receivingBody(let receiver, _, _): return receiver
        case .fresh, .idle, .receivingHead, .answering, .discardingBody, .streaming, .lingering, .closed: return nil
        }
    }

    /// When a connection is needed for somebody else, the one with the lowest rank goes: first what only lingers, then
    /// what has waited longest for its peer. Who is sending a body goes a moment later than one that is idle since then,
    /// and no more than a moment: a thousand bodies that were begun and never end must not outrank everybody who comes.
    /// nil: not now.
    var evictionRank: UInt64? {
        switch state {
        case .lingering: return 0
        case .fresh, .idle, .receivingHead, .discardingBody: return Listener.evictionRank(waitingSince: waitingSince)
        case .receivingBody: return Listener.evictionRank(waitingSince: waitingSince + limits.bodyHeadStart)
        case .streaming: return UInt64.max / 2 + Listener.evictionRank(waitingSince: waitingSince)
        // Its request may be taken in already, and the answer comes soon.
        case .answering, .closed: return nil
        }
    }
}

/// The rank of a connection that waits for its peer.
func evictionRank(waitingSince began: NIODeadline) -> UInt64 { began.uptimeNanoseconds / 2 }

extension ConnectionStateMachine.State: Equatable where Receiver: Equatable {}
extension ConnectionStateMachine.BodyAction: Equatable where Receiver: Equatable {}
extension ConnectionStateMachine.EndAction: Equatable where Receiver: Equatable {}
extension ConnectionStateMachine.FailureAction: Equatable where Receiver: Equatable {}
extension ConnectionStateMachine.InputEndAction: Equatable where Receiver: Equatable {}
extension ConnectionStateMachine.DeadlineAction: Equatable where Receiver: Equatable {}
