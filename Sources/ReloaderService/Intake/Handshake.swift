import JSONPath
import Listener
import Settings
import Vocabulary

/// How senders ask whether a URL is ours (senders.md §5). An answer shows that it is, and proves nothing about who asks:
/// each is given on sources of that kind only, after the proof that the source demands.
enum Handshake: Hashable, Sendable {
    /// `url_verification`: the challenge comes back.
    case slack
    /// `SubscriptionValidationEvent`: the code comes back with 200; 202 would be refused.
    case eventGrid
    /// `OPTIONS` with `WebHook-Request-Origin` (CloudEvents webhooks, abuse protection).
    case cloudEvents

    /// The source's own; nil where it has none.
    init?(_ settings: SourceSettings) {
        switch settings.handshake {
        case .eventGrid: self = .eventGrid
        case .cloudEvents: self = .cloudEvents
        case nil where settings.scheme.name == "slack": self = .slack
        case nil: return nil
        }
    }

    /// The answer's body where this delivery is the handshake; nil where it is an event.
    func answer(to root: JSONNode) -> String? {
        switch self {
        case .slack:
            guard root.member("type")?.string == "url_verification", let challenge = root.member("challenge")?.string
            else { return nil }
            return "{\"challenge\":\(JSONText.quoted(challenge))}"
        case .eventGrid:
            guard let event = root.element(0),
                event.member("eventType")?.string == "Microsoft.EventGrid.SubscriptionValidationEvent",
                let code = event.member("data")?.member("validationCode")?.string
            else { return nil }
            return "{\"validationResponse\":\(JSONText.quoted(code))}"
        case .cloudEvents:
            return nil
        }
    }

    /// The answer to the `OPTIONS` request of CloudEvents' abuse protection.
    static func cloudEventsAnswer(_ head: RequestHead) -> Response {
        var headers: [(name: String, value: String)] = [("allow", "POST")]
        if let origin = head.headers.only("webhook-request-origin"), !origin.isEmpty {
            headers.append(("webhook-allowed-origin", origin))
            headers.append(("webhook-allowed-rate", "*"))
        }
        return Response(status: 200, headers: headers)
    }
}
