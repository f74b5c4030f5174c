import Rules
import Signatures
import Vocabulary

/// One entry of `sources`: a sender of webhooks, at `POST /hooks/NAME`.
package struct SourceSettings: Hashable, Sendable {
    package var name: String
    package var scheme: Scheme
    /// The first is the current one; none where the scheme is `none`. Their bytes are keys for a `Verifier` as they are.
    package var secrets: [Secret]
    package var allowFrom: [AddressRange]
    /// Bytes.
    package var maxBody: Int
    /// What tells a repeated delivery; nil: nothing is a duplicate.
    package var eventKey: EventKey?
    package var duplicateWindow: Duration
    package var handshake: Handshake?
    package var rateLimit: RateLimit?
    /// A silence longer than this is `degraded`.
    package var expectEvery: Duration?
    /// What a silence loads, to be safe.
    package var onSilence: [Reload]

    /// By which a sender asks whether the URL is ours (senders.md §5).
    package enum Handshake: String, Hashable, Sendable, CaseIterable {
        case eventGrid = "event_grid"
        case cloudEvents = "cloud_events"
    }

    /// How this source's test deliveries look.
    package var testDelivery: TestDelivery {
        switch scheme.name {
        case "fivetran": .fivetran
        case "github": .github
        // Both sign only where they were given a secret.
        case "none": .any
        default: .none
        }
    }
}

/// `sources.*.rate_limit`: a token bucket.
package struct RateLimit: Hashable, Sendable {
    package var perSecond: Double
    /// How many may come at once; unwritten twice what a second brings.
    package var burst: Int

    package init(perSecond: Double, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }
}

extension Reader where Value == [SourceSettings] {
    static func sources(_ names: RuleNames) -> Self {
        .named("source") { .source($0, names) }
    }
}

extension Reader where Value == SourceSettings {
    fileprivate static func source(_ name: Placed<String>, _ names: RuleNames) -> Self {
        .mapping("a source") { keys in
            let scheme = keys.required("signature", .signature)
            let secrets = keys.optional("secrets", .secrets(.key(for: scheme))) ?? []
            let allowFrom = keys.value("allow_from", .list(of: .addressRange, atLeast: 1), default: AddressRange.all)
            let eventID = keys.optional("event_id", .eventID(scheme)) ?? presetEventID(keys, scheme)
            checkSecrets(keys, scheme)
            let onSilence = keys.optional("on_silence", .onSilence(names))
            if keys.has("on_silence"), !keys.has("expect_every") {
                keys.report.error(
                    "on_silence needs expect_every",
                    at: keys.span(of: "on_silence"),
                    hint: "expect_every says how long a silence is too long"
                )
            }
            let source = SourceSettings(
                name: name.value,
                scheme: scheme ?? .unsigned,
                secrets: secrets,
                allowFrom: allowFrom,
                maxBody: keys.value("max_body", .bodySize, default: 1 << 20),
                eventKey: eventID.isEmpty ? nil : EventKey(eventID),
                duplicateWindow: keys.value("duplicate_window", .duration, default: .seconds(4 * 86_400)),
                handshake: keys.optional("handshake", .oneOf("handshake")),
                rateLimit: keys.optional("rate_limit", .rateLimit),
                expectEvery: keys.optional("expect_every", .positiveDuration),
                onSilence: onSilence ?? []
            )
            return scheme == nil ? nil : source
        }
    }

    private static func presetEventID(_ keys: Keys, _ scheme: Scheme?) -> [Subject] {
        let parts = scheme?.eventID ?? []
        return parts.compactMap { part in
            Compiler(text: part, span: keys.span(of: "signature"), report: keys.report).subject()
        }
    }

    private static func checkSecrets(_ keys: Keys, _ scheme: Scheme?) {
        guard let scheme else { return }
        guard scheme == .unsigned else {
            if !keys.has("secrets") {
                keys.report.error(
                    "missing key \"secrets\" in a source",
                    at: keys.span(of: "signature"),
                    hint: "add secrets: [env:NAME], with the secret that the sender signs with"
                )
            }
            return
        }
        let signature = keys.span(of: "signature")
        if keys.has("secrets") {
            keys.report.error("signature: none uses no secrets", at: keys.span(of: "secrets"))
        }
        if keys.has("allow_from") {
            keys.report.warning(
                "nothing proves who sends here: whoever reaches this source from allow_from can start loads",
                at: signature,
                hint: "use a signature, or { bearer: true }, wherever the sender can"
            )
        } else {
            keys.report.error(
                "signature: none needs a written allow_from",
                at: signature,
                hint: "add allow_from: with the sender's addresses"
            )
        }
    }
}

extension AddressRange {
    /// Every address of both families.
    fileprivate static var all: [Self] { ["0.0.0.0/0", "::/0"].compactMap { Self($0) } }
}

extension Reader where Value == Secret {
    /// A secret as the key that the scheme makes of it. An explicit `base64:` or `hex:` says all there is to say.
    static func key(for scheme: Scheme?) -> Self {
        Self(Reader.secret.schema) { node, reading in
            guard let secret = Reader.secret.read(node, reading) else { return nil }
            guard let scheme, let bytes = secret.bytes, secret.reference.encoding == nil,
                let text = String(validating: bytes, as: UTF8.self)
            else { return secret }
            do throws(SecretError) {
                return Secret(reference: secret.reference, bytes: try SecretDecoding.key(text, for: scheme))
            } catch {
                reading.report.error("\(error)", at: node.span)
                return nil
            }
        }
    }
}

extension Reader where Value == RateLimit {
    fileprivate static var rateLimit: Self {
        .mapping("rate_limit") { keys in
            let expected = "a number from 0.001 to 1000000"
            let perSecond = keys.required("per_second", Reader<Double>.number(0.001...1_000_000, expected))
            let burst = keys.optional("burst", .count)
            return perSecond.map { RateLimit(perSecond: $0, burst: burst ?? max(1, Int($0 * 2))) }
        }
    }
}

extension Schema {
    fileprivate static var subject: Self { .text(pattern: "^(\\$|header:)", examples: ["$.id", "header:webhook-id"]) }
}

extension Reader where Value == [Subject] {
    /// The parts of one key, which only signed bytes may make up (queue.md Q17).
    fileprivate static func eventID(_ scheme: Scheme?) -> Self {
        .oneOrMore(
            Reader<Subject>.compiled("a JSONPath or header:NAME", .subject) { $0.subject() }.and { part, span, report in
                guard let scheme, case .header(let name) = part, !scheme.signs(header: name) else { return true }
                report.error(
                    "header \(name) is not signed, so anybody could change it",
                    at: span,
                    hint: "use a JSONPath into the body, or a header that the signature covers"
                )
                return false
            }
        )
    }
}

extension Reader where Value == [Reload] {
    fileprivate static func onSilence(_ names: RuleNames) -> Self {
        .mapping("on_silence") { keys in keys.required("reload", .oneOrMore(safetyLoad(names))) }
    }

    /// As in a rule, but that there is no event to take names from.
    private static func safetyLoad(_ names: RuleNames) -> Reader<Reload> {
        Reader<Reload>.reload(names).and { reload, span, report in
            if reload.tables.selectors != nil { return true }
            report.error(
                "a silence brings no event to take table names from",
                at: span,
                hint: "name the tables, or write all"
            )
            return false
        }
    }
}
