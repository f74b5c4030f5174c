import Admin
import Listener
import ReloadQueue
import Rules
import Signatures
import Vocabulary

/// What one version of the configuration means for deliveries. A delivery sees one plan from its head to its answer
/// (queue.md Q24).
struct IntakePlan: Sendable {
    /// By name, which is also the last segment of its URL.
    var sources: [String: SourcePlan]
    var rules: RuleSet
    /// By name.
    var models: [String: ModelReference]
    /// What the queue is to know of them, should a newer version have taken one away while a delivery was under way.
    var queueSettings: QueueSettings
    /// Whose `X-Forwarded-For` is believed; a unix socket's peer always is.
    var trustedProxies: [AddressRange]

    /// Who really sent a request: behind trusted proxies, the last address in `X-Forwarded-For` that is none of them.
    /// What stands before it was written by that sender and proves nothing. Nil where a proxy names no address.
    func sender(peer: PeerAddress, headers: RequestHeaders) -> IPAddress? {
        switch peer {
        case .ip(let address):
            guard trustedProxies.contains(where: { $0.contains(address) }) else { return address }
            return forwarded(headers) ?? address
        case .unixSocket:
            return forwarded(headers)
        }
    }

    private func forwarded(_ headers: RequestHeaders) -> IPAddress? {
        let hops = headers.values(named: "x-forwarded-for").flatMap { $0.split(separator: ",") }
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else { return nil }
            if !trustedProxies.contains(where: { $0.contains(address) }) { return address }
        }
        return nil
    }

    /// An address, also as some proxies write it: with its port, a v6 one then in brackets.
    private static func address(_ hop: Substring) -> IPAddress? {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = hop.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return IPAddress(text) ?? Authority(text).flatMap { IPAddress($0.host) }
    }
}

/// One source of the plan.
struct SourcePlan: Sendable {
    var name: String
    var verifier: Verifier
    var allowFrom: [AddressRange]
    /// Bytes.
    var maxBody: Int
    /// nil: nothing is a duplicate.
    var eventKey: EventKey?
    var duplicateWindow: Duration
    var handshake: Handshake?
    var rateLimiter: RateLimiter?
    var meter: SourceMeter
    /// One for each secret, in the order of the configuration.
    var secretUses: [SecretUse]

    /// The counters as they are shown.
    var snapshot: SourceSnapshot { meter.snapshot(secretLastUsed: secretUses.map(\.lastUsed)) }

    /// A delivery verified, by the secret at this position; nil for an unsigned source.
    func recordVerified(secretPosition: Int?, at time: WallTime) {
        meter.recordVerified(at: time)
        if let secretPosition { secretUses[secretPosition].record(time) }
    }

    /// Whether a delivery from this address may come here; nil is a local proxy that does not say whom it speaks for,
    /// whom only a list of all addresses lets in.
    func allows(_ sender: IPAddress?) -> Bool {
        guard let sender else { return allowFrom.contains(where: \.isEverything) }
        return allowFrom.contains { $0.contains(sender) }
    }
}
