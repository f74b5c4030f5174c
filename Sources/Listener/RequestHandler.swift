/// What answers requests: the seam between this room and the ones that use it. Every call is synchronous and made on
/// the connection's event loop, so an implementation must not block.
package protocol RequestHandler: Sendable {
    /// A request's head is complete and valid. `loop` is the number of the event loop that calls, from 0 to below
    /// `threads`; all requests of a connection have the same.
    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception

    /// A request was refused before its head could be handed to `receive`. Called for the count's sake; the answer is
    /// `failure.response` unless there is a better one.
    func refused(_ failure: ProtocolFailure, from peer: PeerAddress) -> Response
}

extension RequestHandler {
    package func refused(_ failure: ProtocolFailure, from peer: PeerAddress) -> Response { failure.response }
}

/// What a handler decides from the head alone.
package enum Reception {
    /// Answer now. The body, if one is coming, is not wanted.
    case answer(Response)
    /// Hand the body over as it comes, at most `limit` bytes of it.
    case receive(limit: Int, any BodyReceiver)
    /// Answer with this head now and with what the stream is sent from now on; the connection closes at its end. No body
    /// may come with such a request.
    case stream(Response, AnswerStream)
}

/// Takes in one request's body. After `received` any number of times one of the others is called, once; `finished` until it
/// has an answer.
package protocol BodyReceiver: AnyObject {
    /// The next bytes of the body; valid during the call only. Never more than the limit in sum.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The body is complete. `step` counts from 0; nil asks for the next one. All requests that the loop has read are
    /// brought through one step before the next: work that uses much code is cut where its code changes.
    func finished(step: Int) -> Answer?
    /// The body will not be complete; the connection is closed after the answer.
    func failed(_ failure: BodyFailure) -> Response
    /// The peer went away, or its connection had to make room: nobody reads an answer.
    func abandoned()
}

/// An answer, or when there will be one.
package enum Answer {
    case now(Response)
    /// Nothing more of the connection is handled until then, so answers stay in the order of their requests.
    case later(LateAnswer)
}

/// An answer that something outside the connection has to happen for, within a bounded time.
package struct LateAnswer {
    /// Calls back once, from any thread, when the answer is known.
    let whenKnown: (@escaping @Sendable () -> Void) -> Void
    /// Called once after that, on the connection's event loop, even where nobody is left to read it.
    let response: () -> Response

    package init(
        whenKnown: @escaping (@escaping @Sendable () -> Void) -> Void,
        response: @escaping () -> Response
    ) {
        self.whenKnown = whenKnown
        self.response = response
    }
}

/// Why a body was not taken in (product.md §3).
package enum BodyFailure: Hashable, Sendable {
    /// Over the limit, by its `Content-Length` or as it came: 413. Nothing beyond the limit was handed over.
    case tooLarge
    /// Not complete within `limits.body_timeout`: 408.
    case tooSlow
    /// Its chunks are not HTTP: 400.
    case malformed
    /// All that is under way is more than the server has room for, and no body is larger than this one: 503.
    case crowdedOut

    /// The usual answer.
    package var response: Response {
        switch self {
        case .tooLarge: .problem(status: 413, detail: "The body is larger than this address takes.")
        case .tooSlow: .problem(status: 408, detail: "The body did not arrive in time.")
        case .malformed: .problem(status: 400, detail: "The body is not valid HTTP chunked coding.")
        case .crowdedOut:
            .problem(
                status: 503,
                detail: "More bodies are on their way than there is room for; send this again.",
                headers: [("retry-after", "30")]
            )
        }
    }
}

/// Why a request ended before it had a head (product.md §3). The connection is closed after the answer.
package enum ProtocolFailure: Error, Hashable, Sendable {
    /// Not valid HTTP: 400. The text says what is wrong and holds nothing that the peer sent.
    case malformed(String)
    /// The head did not arrive within `limits.header_timeout`: 408.
    case headTooSlow
    /// The head is larger than `limits.headerSize`: 431.
    case headTooLarge

    /// The usual answer.
    package var response: Response {
        switch self {
        case .malformed(let detail): .problem(status: 400, detail: detail)
        case .headTooSlow: .problem(status: 408, detail: "The request's head did not arrive in time.")
        case .headTooLarge: .problem(status: 431, detail: "The request's head is too large.")
        }
    }
}
