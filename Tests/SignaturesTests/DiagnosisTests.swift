import Testing
import Vocabulary

@testable import Signatures

@Suite struct DiagnosisTests {
    private func findings(_ delivery: Delivery, others: [Diagnosis.Source] = []) throws -> [Finding] {
        try Diagnosis.findings(
            source: .init(name: "main", scheme: delivery.scheme, secrets: [delivery.secret]),
            others: others,
            headers: delivery.headers,
            body: delivery.body,
            now: delivery.now
        )
    }

    private func signed(_ scheme: Scheme, key: [UInt8], body: [UInt8]) throws -> HeaderList {
        try Delivery.signed(scheme, secret: key, body: body).headers
    }

    @Test("What verifies is said to", arguments: try Delivery.everyScheme)
    func verified(_ scheme: Scheme) throws {
        #expect(try findings(Delivery.signed(scheme)) == [.verified(secretPosition: 0)])
    }

    @Test("Another encoding, prefix, algorithm or header is named")
    func form() throws {
        let github = try Delivery.signed("github")
        let value = try github.value("X-Hub-Signature-256")
        let digits = String(value.dropFirst(7))
        let mac = try #require(Encoding.hex.decode(digits.utf8))
        let name = "X-Hub-Signature-256"
        func expect(_ changed: Delivery, _ expected: Finding..., line: SourceLocation = #_sourceLocation) throws {
            #expect(try findings(changed) == [.refused(try refusal(changed))] + expected, sourceLocation: line)
        }
        try expect(github.with(name, digits), .prefixMissing)
        try expect(github.with(name, "v1=" + digits), .otherPrefix)
        try expect(github.with(name, "\"\(value)\""), .otherPrefix, .somethingBehind)
        try expect(github.with(name, "sha256=" + Encoding.base64.encode(mac)), .otherEncoding(.base64))
        try expect(github.with(name).with("X-Signature", value), .otherHeader("X-Signature"))
        let sha1 = try #require(KeyedMAC(.sha1, key: github.secret)?.mac(of: github.body))
        try expect(github.with(name, "sha256=" + Encoding.hex.encode(sha1)), .otherAlgorithm(.sha1))
        let dbt = try Delivery.signed("dbt")
        try expect(dbt.with("Authorization", "Bearer " + (try dbt.value("Authorization"))), .otherPrefix)
        let standard = try Delivery.signed("standard-webhooks")
        let bare = String(try standard.value("webhook-signature").dropFirst(3))
        try expect(standard.with("webhook-signature", bare), .prefixMissing)
        try expect(standard.with("webhook-id"))
    }

    private func refusal(_ delivery: Delivery) throws -> Refusal {
        guard case .refused(let refusal) = try delivery.verdict() else { throw Unexpected() }
        return refusal
    }
    private struct Unexpected: Error {}

    @Test("A changed body is named by what changed it")
    func body() throws {
        var delivery = try Delivery.signed("fivetran")
        let sent = delivery.body
        delivery.body = sent + Array("\n".utf8)
        #expect(try findings(delivery) == [.refused(.mismatch), .newlineAdded])
        delivery.headers = try signed(delivery.scheme, key: delivery.secret, body: sent + Array("\r\n".utf8))
        delivery.body = sent
        #expect(try findings(delivery) == [.refused(.mismatch), .newlineLost])
        for (sent, arrived) in [("{\r\n}\r\n", "{\n}\n"), ("{\n\"a\":\n1}", "{\r\n\"a\":\r\n1}")] {
            delivery.headers = try signed(delivery.scheme, key: delivery.secret, body: Array(sent.utf8))
            delivery.body = Array(arrived.utf8)
            #expect(try findings(delivery) == [.refused(.mismatch), .otherLineEnds])
        }
        delivery.headers = try signed(delivery.scheme, key: delivery.secret, body: Array("{\"a\":1}\n".utf8))
        delivery.body = Array("{ \"a\": 1 }".utf8)
        #expect(try findings(delivery) == [.refused(.mismatch), .bodyWrittenAnew, .newlineLost])
        delivery.body = Array(#"{"event":"sync_start"}"#.utf8)
        #expect(try findings(delivery) == [.refused(.mismatch), .unexplained])
    }

    @Test(
        "JSON that was written anew is recognised",
        arguments: [
            (#"{"b": [1, 2.50, {}], "a": "x"}"#, #"{"b":[1,2.50,{}],"a":"x"}"#),
            (#"{"a":"x","b":[1,{"c":null}]}"#, #"{ "b" : [ 1, {"c":null} ] , "a":"x" }"#),
            (#"{"a":"\u00fcber \ud83d\ude00"}"#, #"{"a": "über 😀"}"#),
            (#"{"a":"über 😀"}"#, #"{"a":"\u00fcber \ud83d\ude00"}"#),
            (#"{"a":"http:\/\/x"}"#, #"{"a":"http://x"}"#),
            ("{\n  \"a\": [\n    true\n  ],\n  \"b\": {}\n}", #"{"b":{},"a":[true]}"#),
        ]
    )
    func writtenAnew(sent: String, arrived: String) throws {
        var delivery = try Delivery.signed("fivetran")
        delivery.headers = try signed(delivery.scheme, key: delivery.secret, body: Array(sent.utf8))
        delivery.body = Array(arrived.utf8)
        #expect(try findings(delivery) == [.refused(.mismatch), .bodyWrittenAnew])
    }

    @Test(
        "A body that is not JSON is no trouble",
        arguments: ["", "{", "[1,", "\"", "nul", "{\"a\" 1}", "[1 2]", "{}x"]
    )
    func notJSON(text: String) throws {
        var delivery = try Delivery.signed("fivetran")
        delivery.body = Array(text.utf8)
        #expect(try findings(delivery) == [.refused(.mismatch), .unexplained])
    }

    @Test("Nesting as deep as anybody likes does no harm")
    func deep() throws {
        var delivery = try Delivery.signed("fivetran")
        delivery.body = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(try findings(delivery) == [.refused(.mismatch), .unexplained])
    }

    @Test("A secret that the sender reads otherwise, and one of another source, is named")
    func secrets() throws {
        var delivery = try Delivery.signed("fivetran")
        let decoded = try #require(Encoding.base64.decode(delivery.secret))
        delivery.headers = try signed(delivery.scheme, key: decoded, body: delivery.body)
        #expect(
            try findings(delivery) == [.refused(.mismatch), .secretReadAs(.decoded(.base64), position: 0)]
        )
        delivery.headers = try signed(delivery.scheme, key: delivery.secret + [10], body: delivery.body)
        #expect(try findings(delivery) == [.refused(.mismatch), .secretReadAs(.withNewline, position: 0)])

        var svix = try Delivery.signed("svix")
        let text = Array("whsec_".utf8) + Array(Encoding.base64.encode(svix.secret).utf8)
        svix.headers = try signed(svix.scheme, key: text, body: svix.body)
        #expect(try findings(svix) == [.refused(.mismatch), .secretReadAs(.text, position: 0)])

        let other = Array("another".utf8)
        delivery.headers = try signed(delivery.scheme, key: other, body: delivery.body)
        let source = Diagnosis.Source(name: "staging", scheme: delivery.scheme, secrets: [[1], other])
        #expect(
            try findings(delivery, others: [source]) == [.refused(.mismatch), .otherSource("staging", position: 1)]
        )
    }

    @Test("A clock that is wrong is told by how much; a wrong signature besides is not hidden by it")
    func clock() throws {
        let delivery = try Delivery.signed("stripe")
        let late = try findings(delivery.at(3600))
        #expect(late == [.refused(.timestampOutOfTolerance), .clockSkew(seconds: -3600)])
        let early = try findings(delivery.at(-400))
        #expect(early == [.refused(.timestampOutOfTolerance), .clockSkew(seconds: 400)])
        var wrong = delivery.at(3600)
        wrong.secret = [1]
        #expect(try findings(wrong) == [.refused(.timestampOutOfTolerance)])
        let value = try delivery.value("Stripe-Signature")
        let twice = delivery.with("Stripe-Signature", value, value)
        #expect(try findings(twice) == [.refused(.repeated), .signatureRight])
    }

    @Test("A sender that signs the body alone is recognised")
    func bodyAlone() throws {
        var delivery = try Delivery.signed("slack")
        let mac = try #require(KeyedMAC(.sha256, key: delivery.secret)?.mac(of: delivery.body))
        delivery = delivery.with("X-Slack-Signature", "v0=" + Encoding.hex.encode(mac))
        #expect(try findings(delivery) == [.refused(.mismatch), .onlyBodySigned])
    }

    @Test("A token in another header or form is recognised")
    func tokens() throws {
        let bearer = try Delivery.signed(.bearer)
        let secret = String(decoding: bearer.secret, as: UTF8.self)
        #expect(
            try findings(bearer.with("Authorization", secret)) == [.refused(.malformed), .otherTokenForm]
        )
        #expect(
            try findings(bearer.with("Authorization").with("X-Api-Key", "Bearer " + secret))
                == [.refused(.missing), .otherHeader("X-Api-Key")]
        )
        #expect(try findings(bearer.with("Authorization", "Bearer x")) == [.refused(.mismatch), .unexplained])
    }

    @Test("S7: no finding holds a secret or the expected signature", arguments: try Delivery.everyScheme)
    func nothingSecret(_ scheme: Scheme) throws {
        let good = try Delivery.signed(scheme)
        let sentBody = good.body
        var delivery = good
        delivery.body = sentBody + [10]
        var texts = try findings(delivery).map(\.description)
        for (name, _) in good.headers.fields { texts += try findings(good.with(name, "x")).map(\.description) }
        let secret = String(decoding: good.secret, as: UTF8.self)
        for text in texts {
            #expect(!text.contains(secret))
            for (name, value) in good.headers.fields where name != "Authorization" && value.utf8.count > 20 {
                #expect(!text.contains(value.suffix(20)), "\(name)")
            }
        }
    }
}
