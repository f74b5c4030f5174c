import Admin
import Listener
import ReloadQueue
import Rules
import Settings
import Signatures
import Vocabulary

/// What one version of the configuration means for deliveries. A delivery sees one plan from its head to its answer
/// (queue.md Q24). A class, like `SourcePlan`, so that nothing of it is copied for a delivery.
final class IntakePlan: Sendable {
    /// By name, which is also the last segment of its URL.
    let sources: [String: SourcePlan]
    let rules: RuleSet
    /// By name.
    let models: [String: ModelReference]
    /// What the queue is to know of them, should a newer version have taken one away while a delivery was under way.
    let policies: [ModelReference: ModelPolicy]
    /// Whose `X-Forwarded-For` is believed; a unix socket's peer always is.
    let trustedProxies: [AddressRange]

    /// The plan that a configuration describes. What `Settings` has checked cannot fail here but for libcrypto refusing
    /// an algorithm. Sources that `former` has too keep their counters, rate limit and use of secrets.
    init(_ configuration: Configuration, after former: IntakePlan? = nil, now: Now) throws {
        let models = Dictionary(uniqueKeysWithValues: configuration.models.map { ($0.reference.name, $0.reference) })
        self.models = models
        policies = configuration.queueSettings.models
        rules = configuration.ruleSet
        trustedProxies = configuration.listen.trustedProxies
        var sources: [String: SourcePlan] = [:]
        for source in configuration.sources {
            sources[source.name] = try SourcePlan(
                source,
                models,
                rules,
                after: former?.sources[source.name],
                now: now
            )
        }
        self.sources = sources
    }

    /// Who really sent a request: behind trusted proxies, the last address in `X-Forwarded-For` that is none of them.
    /// What stands before it was written by that sender and proves nothing. A proxy that names nobody speaks for itself;
    /// nil where it names somebody in a way that cannot be read, or has no address of its own.
    func sender(peer: PeerAddress, headers: RequestHeaders) -> IPAddress? {
        switch peer {
        case .ip(let address):
            guard trustedProxies.contains(where: { $0.contains(address) }) else { return address }
            return forwarded(headers, by: address)
        case .unixSocket:
            return forwarded(headers, by: nil)
        }
    }

    private func forwarded(_ headers: RequestHeaders, by proxy: IPAddress?) -> IPAddress? {
        let hops = headers.values(named: "x-forwarded-for").flatMap { $0.split(separator: ",") }
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else { return nil }
            if !trustedProxies.contains(where: { $0.contains(address) }) { return address }
        }
        return proxy
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
final class SourcePlan: Sendable {
    let name: String
    let verifier: Verifier
    /// See `Scheme.refusesArrays`; here, since every delivery asks.
    let refusesArrays: Bool
    private let allowFrom: [AddressRange]
    /// Bytes.
    let maxBody: Int
    /// nil: nothing is a duplicate.
    let eventKey: EventKey?
    let duplicateWindow: Duration
    let handshake: Handshake?
    let rateLimiter: RateLimiter?
    let meter: SourceMeter
    /// A silence longer than this is too long; nil: none is.
    private let expectEvery: Duration?
    /// What such a silence loads.
    let onSilence: [ModelChanges]
    /// nil: no rule is for it.
    let rules: SourceRules?
    /// Names of the header fields that any of the source's rules looks at.
    let headersOfRules: [String]
    /// Names of the header fields that a recorded event keeps: those of rules, but none that may hold a proof or a login.
    let recordedHeaders: [String]
    /// One for each secret, in the order of the configuration.
    private let secretUses: [SecretUse]

    fileprivate init(
        _ settings: SourceSettings,
        _ models: [String: ModelReference],
        _ rules: RuleSet,
        after former: SourcePlan?,
        now: Now
    ) throws {
        name = settings.name
        verifier = try Verifier(scheme: settings.scheme, secrets: settings.secrets.compactMap(\.bytes))
        refusesArrays = settings.scheme.refusesArrays
        allowFrom = settings.allowFrom
        maxBody = settings.maxBody
        eventKey = settings.eventKey
        duplicateWindow = settings.duplicateWindow
        handshake = Handshake(settings)
        rateLimiter = settings.rateLimit.map { limit in
            RateLimiter(limit, after: former?.rateLimiter, now: now.monotonic)
        }
        meter = former?.meter ?? SourceMeter(name: settings.name, at: now.monotonic)
        expectEvery = settings.expectEvery
        onSilence = settings.onSilence.compactMap { reload in
            guard let model = models[reload.model], let selectors = reload.tables.selectors else { return nil }
            return ModelChanges(model: model, selectors: selectors)
        }
        self.rules = rules.rules(of: settings.name)
        headersOfRules = rules.headerNames(source: settings.name)
        let secret = settings.scheme.secretHeaders
        recordedHeaders = headersOfRules.filter { name in !secret.contains { isSameHeaderName($0, name) } }
        secretUses = settings.secrets.map { secret in
            former?.secretUses.first { $0.secret.bytes == secret.bytes } ?? SecretUse(secret)
        }
    }

    /// What is shown of it.
    func snapshot(at now: MonotonicTime) -> SourceSnapshot {
        meter.snapshot(secretLastUsed: secretUses.map(\.lastUsed), expectEvery: expectEvery, at: now)
    }

    /// A delivery verified, by the secret at this position; nil for an unsigned source.
    func recordVerified(secretPosition: Int?, at now: Now) {
        meter.recordVerified(at: now)
        if let secretPosition { secretUses[secretPosition].record(now.wall) }
    }

    /// Whether a delivery from this address may come here; nil is a local proxy that does not say whom it speaks for,
    /// whom only a list of all addresses lets in.
    func allows(_ sender: IPAddress?) -> Bool {
        guard let sender else { return allowFrom.contains(where: \.isEverything) }
        return allowFrom.contains { $0.contains(sender) }
    }
}
