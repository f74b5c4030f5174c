import Testing
import Vocabulary

@testable import Signatures

@Suite struct SignerTests {
    private let now = WallTime(milliseconds: 1_614_265_330_999)

    private func headers(
        _ scheme: Scheme,
        secret: [UInt8],
        body: String,
        others: HeaderList = HeaderList()
    ) throws -> [String] {
        try Signer.headers(
            scheme: scheme,
            secret: secret,
            body: Array(body.utf8),
            now: now,
            messageID: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            others: others
        ).fields.map { "\($0.name): \($0.value)" }
    }

    @Test("A delivery is signed as its sender's documentation has it")
    func published() throws {
        let standard = try #require(Scheme.preset(named: "standard-webhooks"))
        let secret = try SecretDecoding.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", for: standard)
        #expect(
            try headers(standard, secret: secret, body: #"{"test": 2432232314}"#) == [
                "webhook-timestamp: 1614265330", "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ]
        )
        let github = try #require(Scheme.preset(named: "github"))
        #expect(
            try headers(github, secret: Array("It's a Secret to Everybody".utf8), body: "Hello, World!") == [
                "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ]
        )
    }

    @Test("A sender that cannot sign sends the secret, an unsigned one nothing")
    func tokens() throws {
        let secret = Array("pass:word".utf8)
        #expect(try headers(.bearer, secret: secret, body: "") == ["Authorization: Bearer pass:word"])
        let pair = Encoding.base64.encode("reloader:pass:word".utf8)
        #expect(try headers(.basic, secret: secret, body: "") == ["Authorization: Basic \(pair)"])
        #expect(try headers(.headerToken("X-Api-Key"), secret: secret, body: "") == ["X-Api-Key: pass:word"])
        #expect(try headers(.unsigned, secret: [], body: "") == [])
    }

    @Test("What cannot be sent or signed is an error")
    func refused() throws {
        #expect(throws: SignerError.secretIsNotText) { try headers(.bearer, secret: [0xff], body: "") }
        let github = try #require(Scheme.preset(named: "github"))
        #expect(throws: SignerError.secretRefused) { try headers(github, secret: [], body: "") }
    }

    @Test("Other headers go beside the signature, which is made of their values where the scheme signs one")
    func others() throws {
        let standard = try #require(Scheme.preset(named: "standard-webhooks"))
        let secret = try SecretDecoding.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", for: standard)
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
        let signature = "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        let body = #"{"test": 2432232314}"#
        for name in ["Webhook-Id", "svix-id"] {
            let others = HeaderList([("X-Tenant", "t"), (name, id)])
            #expect(
                try headers(standard, secret: secret, body: body, others: others)
                    == ["webhook-timestamp: 1614265330", signature, "X-Tenant: t", "\(name): \(id)"]
            )
        }
        let other = try headers(standard, secret: secret, body: body, others: ["webhook-id": "msg_2"])
        #expect(!other.contains(signature) && other.contains("webhook-id: msg_2"))
    }

    @Test("A header that signing makes cannot be another", arguments: ["Webhook-Signature", "webhook-timestamp"])
    func madeHeader(name: String) throws {
        let standard = try #require(Scheme.preset(named: "standard-webhooks"))
        #expect(throws: SignerError.headerIsMade(name.lowercased())) {
            try headers(standard, secret: Array("secret".utf8), body: "", others: HeaderList([(name, "1")]))
        }
    }
}
