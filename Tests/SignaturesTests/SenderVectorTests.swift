import FoundationEssentials
import Testing
import Vocabulary

@testable import Signatures

/// One fact of `senderVectors`.
struct SenderVector: Decodable, CustomTestStringConvertible {
    var scheme: String
    var secret: String
    var secretEncoding: String?
    var headers: [String: String]
    var body: String
    var bodyEncoding: String?
    var now: Int64?
    var valid: Bool
    var source: String
    var note: String?

    var testDescription: String { "\(scheme), \(note ?? (valid ? "as published" : "tampered"))" }

    var bodyBytes: [UInt8] { get throws { try Self.bytes(body, encoding: bodyEncoding) } }
    var time: WallTime { WallTime(milliseconds: (now ?? 0) * 1000) }

    static func all() throws -> [Self] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([Self].self, from: Data(senderVectors.utf8))
    }

    static func bytes(_ text: String, encoding: String?) throws -> [UInt8] {
        switch encoding {
        case nil, "utf8": Array(text.utf8)
        case "hex": try #require(Encoding.hex.decode(text.utf8))
        default: try #require(nil, "unknown encoding \(encoding ?? "")")
        }
    }
}

@Suite struct SenderVectorTests {
    private static let presets = [
        "github-x-hub-256": "github", "standard-webhooks": "standard-webhooks", "stripe-v1": "stripe",
        "slack-v0": "slack", "shopify-base64": "shopify", "fivetran-256": "fivetran", "dbt-authorization": "dbt",
        "qlik-hmac": "qlik", "nango-hmac": "nango", "segment-sha1": "segment",
    ]

    @Test("Every fact about a preset's sender is verified or refused as it says", arguments: try SenderVector.all())
    func presets(_ vector: SenderVector) throws {
        guard vector.scheme != "raw-hmac-sha256" else { return }
        let name = try #require(Self.presets[vector.scheme], "no preset for \(vector.scheme)")
        let scheme = try #require(Scheme.preset(named: name))
        try check(vector, scheme: scheme, secret: try SecretDecoding.key(vector.secret, for: scheme))
    }

    @Test("Standard Webhooks and Svix are one scheme under two names", arguments: try SenderVector.all())
    func svix(_ vector: SenderVector) throws {
        guard vector.scheme == "standard-webhooks" else { return }
        let scheme = try #require(Scheme.preset(named: "svix"))
        try check(vector, scheme: scheme, secret: try SecretDecoding.key(vector.secret, for: scheme))
    }

    @Test("Every fact about HMAC itself holds; a truncated MAC is refused", arguments: try SenderVector.all())
    func rawHMAC(_ vector: SenderVector) throws {
        guard vector.scheme == "raw-hmac-sha256" else { return }
        let secret = try SenderVector.bytes(vector.secret, encoding: vector.secretEncoding)
        let mac = try #require(KeyedMAC(.sha256, key: secret)?.mac(of: try vector.bodyBytes))
        let published = try #require(vector.headers["signature"])
        #expect(Encoding.hex.encode(mac).hasPrefix(published))
        let scheme = try Scheme.custom(header: "signature", algorithm: .sha256, encoding: .hex)
        let verdict = try Verifier(scheme: scheme, secrets: [secret])
            .verify(headers: vector.headerList, body: try vector.bodyBytes, now: vector.time)
        #expect(verdict == (published.utf8.count == 64 ? .verified(secretPosition: 0) : .refused(.malformed)))
    }

    @Test("The facts are all there")
    func count() throws {
        #expect(try SenderVector.all().count == 51)
    }

    private func check(_ vector: SenderVector, scheme: Scheme, secret: [UInt8]) throws {
        let verifier = try Verifier(scheme: scheme, secrets: [secret])
        let verdict = verifier.verify(headers: vector.headerList, body: try vector.bodyBytes, now: vector.time)
        switch verdict {
        case .verified(let position):
            #expect(vector.valid, "\(vector.source)")
            #expect(position == 0)
        case .refused(let refusal):
            #expect(!vector.valid, "\(refusal): \(vector.source)")
        }
    }
}

extension SenderVector {
    var headerList: HeaderList { HeaderList(headers.map { ($0.key, $0.value) }) }
}
