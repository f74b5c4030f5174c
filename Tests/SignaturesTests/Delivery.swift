import Testing
import Vocabulary

@testable import Signatures

/// A source and one delivery that its sender signed, for tests to break.
struct Delivery: CustomTestStringConvertible {
    var scheme: Scheme
    var secret = Array("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8)
    var body = Array(#"{"event":"sync_end","connector_id":"gentle_yak"}"#.utf8)
    var now = WallTime(milliseconds: 1_700_000_000_000)
    var headers = HeaderList()

    var testDescription: String { scheme.name }

    /// The delivery of a scheme, signed by `Signer`.
    static func signed(_ scheme: Scheme, secret: [UInt8]? = nil, body: [UInt8]? = nil) throws -> Self {
        var delivery = Self(scheme: scheme)
        delivery.secret = secret ?? delivery.secret
        delivery.body = body ?? delivery.body
        delivery.headers = try Signer.headers(
            scheme: scheme,
            secret: delivery.secret,
            body: delivery.body,
            now: delivery.now,
            messageID: "msg_1"
        )
        return delivery
    }

    static func signed(_ preset: String) throws -> Self { try signed(try #require(Scheme.preset(named: preset))) }

    /// Every preset, every algorithm and encoding of the custom mapping, and everything that carries a token.
    static var everyScheme: [Scheme] {
        get throws {
            var schemes = Scheme.presetNames.compactMap(Scheme.preset(named:)) + [.bearer, .basic]
            schemes.append(try .headerToken("X-Api-Key"))
            for algorithm in HashAlgorithm.allCases {
                for encoding in Encoding.allCases {
                    schemes.append(
                        try .custom(
                            header: "X-Signature",
                            algorithm: algorithm,
                            encoding: encoding,
                            prefix: "sig=",
                            signed: "{header:X-Id}/{header:X-Timestamp}.{body}.end{header:X-Id}",
                            timestamp: ("X-Timestamp", .seconds(60))
                        )
                    )
                }
            }
            return schemes
        }
    }

    static var everySignature: [Scheme] { get throws { try everyScheme.filter { $0.form != nil } } }

    func verdict(secrets: [[UInt8]]? = nil) throws -> Verdict {
        try Verifier(scheme: scheme, secrets: secrets ?? [secret]).verify(headers: headers, body: body, now: now)
    }

    func value(_ name: String) throws -> String { try #require(headers.values(named: name).first) }

    func with(_ name: String, _ values: String...) -> Self {
        var changed = self
        changed.headers.fields.removeAll { isSameHeaderName($0.name, name) }
        changed.headers.fields += values.map { (name, $0) }
        return changed
    }

    func at(_ seconds: Double) -> Self {
        var changed = self
        changed.now = WallTime(milliseconds: now.milliseconds + Int64(seconds * 1000))
        return changed
    }
}

extension Scheme {
    var form: SignatureForm? {
        switch proof {
        case .signature(let form): form
        case .token, .unsigned: nil
        }
    }
}
