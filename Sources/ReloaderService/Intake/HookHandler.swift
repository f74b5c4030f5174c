import Admin
import Listener
import Synchronization
import Vocabulary

/// Answers the public address: `POST /hooks/{source}` and the two probes. Decides from the head alone, in the order of
/// product.md §3: 404, 405, 403, 429, 415, then the body (413, 408), then what `DeliveryReceiver` finds.
///
/// Each server has one of its own, since event loops are numbered by server.
final class HookHandler: RequestHandler {
    private let intake: Intake
    private let parsers: LoopParsers
    private let isReady: @Sendable () -> Bool

    /// `loops` is how many event loops the server has.
    init(intake: Intake, loops: Int, isReady: @escaping @Sendable () -> Bool) {
        self.intake = intake
        parsers = LoopParsers(loops: loops)
        self.isReady = isReady
    }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        if let source = head.segment(below: "/hooks/") { return receiveDelivery(head, source: source, loop: loop) }
        if let probe = head.segment(below: "/health/") { return .answer(self.probe(head, probe)) }
        return .answer(notFound())
    }

    func refused(_ failure: ProtocolFailure, from peer: PeerAddress) -> Response { failure.response }

    private func receiveDelivery(_ head: RequestHead, source name: String, loop: Int) -> Reception {
        let plan = intake.plan
        guard let source = plan.sources[name] else { return .answer(notFound()) }
        func answer(_ outcome: DeliveryOutcome, _ response: Response) -> Reception {
            source.meter.record(outcome)
            return .answer(response)
        }
        let isHandshake = head.method == "OPTIONS" && source.handshake == .cloudEvents
        guard head.method == "POST" || isHandshake else {
            let allowed = source.handshake == .cloudEvents ? "POST, OPTIONS" : "POST"
            return answer(
                .invalid,
                .problem(status: 405, detail: "Deliveries are sent with POST.", headers: [("allow", allowed)])
            )
        }
        let sender = plan.sender(peer: head.peer, headers: head.headers)
        guard source.allows(sender) else {
            intake.logRefusal(
                source: source.name,
                reason: "not_in_allow_from",
                sender: sender,
                peer: head.peer
            )
            return answer(.forbidden, .problem(status: 403, detail: "This address may not deliver here."))
        }
        if let seconds = source.rateLimiter?.take(at: intake.clock.now().monotonic) {
            return answer(
                .rateLimited,
                .problem(
                    status: 429,
                    detail: "More deliveries than this source may send.",
                    headers: [("retry-after", String(seconds))]
                )
            )
        }
        if isHandshake { return answer(.handshake, Handshake.cloudEventsAnswer(head)) }
        guard ContentType.isAccepted(head.headers) else {
            intake.logRefusal(source: source.name, reason: "content_type", sender: sender, peer: head.peer)
            let accepted = "application/json, any +json, or text/plain, without a Content-Encoding"
            return answer(.unsupported, .problem(status: 415, detail: "The body must be JSON: \(accepted)."))
        }
        return .receive(
            limit: source.maxBody,
            DeliveryReceiver(
                intake: intake,
                plan: plan,
                source: source,
                head: head,
                parsers: parsers,
                loop: loop
            )
        )
    }

    private func probe(_ head: RequestHead, _ name: String) -> Response {
        let isWell: Bool
        switch name {
        case "live": isWell = true
        case "ready": isWell = isReady()
        default: return notFound()
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .problem(status: 405, headers: [("allow", "GET, HEAD")])
        }
        return probeResponse(isWell: isWell)
    }

    private func notFound() -> Response {
        intake.recordUnknownPath()
        return .problem(status: 404, detail: "There is nothing at this path.")
    }
}

/// The answer of `/health/live` and `/health/ready`, with no detail (product.md §3).
func probeResponse(isWell: Bool) -> Response {
    Response(
        status: isWell ? 200 : 503,
        contentType: "application/json",
        body: (isWell ? #"{"status":"ok"}"# : #"{"status":"unavailable"}"#).utf8
    )
}
