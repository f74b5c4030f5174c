import Testing
import Vocabulary

@testable import Signatures

@Suite struct SchemeTests {
    @Test(
        "Every preset has the headers and the event id of the contract",
        arguments: [
            ("fivetran", ["X-Fivetran-Signature-256"], ["$.connector_id", "$.sync_id", "$.event", "$.data.status"]),
            ("dbt", ["Authorization"], ["$.eventId"]),
            ("qlik", ["Qlik-Signature"], ["$.source", "$.id"]),
            ("nango", ["X-Nango-Hmac-Sha256"], []),
            ("segment", ["X-Signature"], ["$.messageId"]),
            ("github", ["X-Hub-Signature-256"], []),
            ("stripe", ["Stripe-Signature"], ["$.id"]),
            ("slack", ["X-Slack-Signature"], ["$.event_id"]),
            ("shopify", ["X-Shopify-Hmac-SHA256", "Shopify-Hmac-Sha256"], []),
            ("standard-webhooks", ["webhook-signature", "svix-signature"], ["header:webhook-id"]),
            ("svix", ["svix-signature", "webhook-signature"], ["header:svix-id"]),
        ]
    )
    func presets(name: String, headers: [String], eventID: [String]) throws {
        let scheme = try #require(Scheme.preset(named: name))
        #expect(scheme.name == name)
        #expect(scheme.form?.headers == headers)
        #expect(scheme.eventID == eventID)
        #expect(scheme.refusesArrays == (name == "segment"))
    }

    @Test("There are eleven presets, each under its own name")
    func names() {
        #expect(Set(Scheme.presetNames).count == 11)
        #expect(Scheme.preset(named: "Fivetran") == nil)
        #expect(Scheme.preset(named: "none") == nil)
    }

    @Test("Only what the signature covers counts as signed")
    func signedHeaders() throws {
        let svix = try #require(Scheme.preset(named: "svix"))
        for name in ["svix-id", "Webhook-ID", "webhook-timestamp", "svix-timestamp"] {
            #expect(svix.signs(header: name), "\(name)")
        }
        #expect(!svix.signs(header: "svix-signature"))
        let github = try #require(Scheme.preset(named: "github"))
        #expect(!github.signs(header: "X-GitHub-Delivery"))
        #expect(!Scheme.bearer.signs(header: "Authorization"))
        #expect(!Scheme.unsigned.signs(header: "X-Id"))
    }

    @Test("A signed header is read under whichever name it came")
    func signedValue() throws {
        let standard = try #require(Scheme.preset(named: "standard-webhooks"))
        #expect(standard.signedValue(ofHeader: "webhook-id", in: ["svix-id": " msg_1 "] as HeaderList) == "msg_1")
        #expect(standard.signedValue(ofHeader: "webhook-id", in: ["webhook-id": "msg_2"] as HeaderList) == "msg_2")
        #expect(standard.signedValue(ofHeader: "webhook-id", in: HeaderList()) == nil)
        #expect(standard.signedValue(ofHeader: "x-id", in: ["x-id": "1"] as HeaderList) == nil)
    }

    @Test("Q17: a signed header that is no UTF-8 names no event: read as text, two different ones would look the same")
    func signedBytes() throws {
        let standard = try #require(Scheme.preset(named: "standard-webhooks"))
        for last: UInt8 in [0xFE, 0xFF] {
            let headers = RawHeader(name: "webhook-id", value: Array("msg_".utf8) + [last])
            #expect(standard.signedValue(ofHeader: "webhook-id", in: headers) == nil)
        }
        let headers = RawHeader(name: "webhook-id", value: Array("\t msg_ä ".utf8))
        #expect(standard.signedValue(ofHeader: "webhook-id", in: headers) == "msg_ä")
    }

    /// One field, as a connection brings it: any bytes.
    private struct RawHeader: HeaderFields {
        let name: String
        let value: [UInt8]

        func forEachValue(named name: String, _ visit: (String) -> Void) {
            forEachValueBytes(named: name) { visit(String(decoding: $0, as: UTF8.self)) }
        }

        func forEachValueBytes(named name: String, _ visit: (ArraySlice<UInt8>) -> Void) {
            if isSameHeaderName(name, self.name) { visit(value[...]) }
        }
    }

    private func custom(
        header: String = "X-Signature",
        signed: String = "{body}",
        timestamp: (header: String, tolerance: Duration)? = nil
    ) throws(SchemeError) -> Scheme {
        try .custom(header: header, algorithm: .sha256, encoding: .hex, signed: signed, timestamp: timestamp)
    }

    @Test("A custom mapping reads its template")
    func template() throws {
        let scheme = try custom(signed: "v1:{header:X-Timestamp}.{body}!", timestamp: ("x-timestamp", .seconds(60)))
        #expect(scheme.form?.signed == ["v1:", .header(["X-Timestamp"]), ".", .body, "!"])
        #expect(scheme.form?.timestamp == .header(["x-timestamp"]))
        #expect(scheme.form?.tolerance == .seconds(60))
        #expect(scheme.signs(header: "X-TIMESTAMP"))
        #expect(scheme.eventID.isEmpty)
        #expect(try custom().form?.signed == [.body])
    }

    @Test("GitHub's SHA-1 header verifies for who asks for it")
    func githubSHA1() throws {
        let scheme = try Scheme.custom(header: "X-Hub-Signature", algorithm: .sha1, encoding: .hex, prefix: "sha1=")
        #expect(try Delivery.signed(scheme).verdict() == .verified(secretPosition: 0))
    }

    @Test("A custom mapping that would sign too little is refused, and says where")
    func refused() {
        #expect(throws: SchemeError.headerName("", field: "header")) { try custom(header: "") }
        #expect(throws: SchemeError.headerName("X Y", field: "header")) { try custom(header: "X Y") }
        #expect(throws: SchemeError.headerName("X:", field: "timestamp")) {
            try custom(timestamp: ("X:", .seconds(1)))
        }
        #expect(throws: SchemeError.headerName("é", field: "header_token")) { try Scheme.headerToken("é") }
        #expect(throws: SchemeError.bodyNotSigned) { try custom(signed: "{header:X-Timestamp}") }
        #expect(throws: SchemeError.bodyNotSigned) { try custom(signed: "") }
        #expect(throws: SchemeError.bodyTwice) { try custom(signed: "{body}{body}") }
        #expect(throws: SchemeError.timestampNotSigned("X-Timestamp")) {
            try custom(timestamp: ("X-Timestamp", .seconds(1)))
        }
        for tolerance in [Duration.zero, .seconds(-1)] {
            #expect(throws: SchemeError.tolerance) {
                try custom(signed: "{header:T}{body}", timestamp: ("T", tolerance))
            }
        }
        for (template, part) in [
            ("{bodi}", "{bodi}"), ("{header:}{body}", "{header:}"), ("{header:A B}{body}", "{header:A B}"),
            ("{body", "{body"), ("body}", "}"), ("{{body}}", "{{body}"), ("{Body}", "{Body}"), ("{body}}", "}"),
        ] {
            #expect(throws: SchemeError.placeholder(part)) { try custom(signed: template) }
        }
    }
}
