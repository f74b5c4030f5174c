import Rules
import Signatures
import Testing

@testable import Settings

@Suite("sources")
struct SourceSettingsTests {
    private func source(_ keys: String) -> String { file(sources: "sources:\n  etl: { \(keys) }") }

    @Test("Every preset is known by its name", arguments: Scheme.presetNames)
    func presets(_ name: String) throws {
        let secret = "base64:literal:aGVsbG8="
        let all = try load(source("signature: \(name), secrets: ['\(secret)']"))
        #expect(all.sources[0].scheme.name == name)
        #expect((all.sources[0].eventKey == nil) == all.sources[0].scheme.eventID.isEmpty)
    }

    @Test("There is no default signature, and none needs a written allow_from")
    func unsigned() {
        expectError(
            "missing key \"signature\" in a source",
            in: file(sources: "sources:\n  etl: ▶{ secrets: [env:KEY] }")
        )
        expectError("signature: none needs a written allow_from", in: source("signature: ▶none"))
        expectError(
            "signature: none uses no secrets",
            in: source("signature: none, allow_from: [10.0.0.0/8], secrets: ▶[env:KEY]")
        )
        let warning = "nothing proves who sends here: whoever reaches this source from allow_from can start loads"
        #expect(findings(source("signature: none, allow_from: [10.0.0.0/8]")) == ["5:21: warning: \(warning)"])
        expectError("missing key \"secrets\" in a source", in: source("signature: ▶fivetran"))
        expectError("expected at least one entry", in: source("signature: fivetran, secrets: ▶[]"))
    }

    @Test("Senders that cannot sign show a token")
    func tokens() throws {
        #expect(try load(source("signature: { bearer: true }, secrets: [env:KEY]")).sources[0].scheme == .bearer)
        #expect(try load(source("signature: { basic: true }, secrets: [env:KEY]")).sources[0].scheme == .basic)
        let header = try load(source("signature: { header_token: X-Api-Key }, secrets: [env:KEY]")).sources[0].scheme
        #expect(header == (try Scheme.headerToken("X-Api-Key")))
        expectError("expected true", in: source("signature: { bearer: ▶false }, secrets: [env:KEY]"))
        expectError(
            "unknown key \"prefix\" in signature",
            in: source("signature: { bearer: true, ▶prefix: x }, secrets: [env:KEY]")
        )
        expectError(
            "'X Key' is not the name of a header",
            in: source("signature: { header_token: ▶X Key }, secrets: [env:KEY]")
        )
    }

    @Test("A custom signature is checked as a whole")
    func custom() throws {
        func custom(_ keys: String) -> String { source("signature: { \(keys) }, secrets: [env:KEY]") }
        let minimal = try load(custom("header: X-Sig")).sources[0].scheme
        #expect(minimal == (try Scheme.custom(header: "X-Sig", algorithm: .sha256, encoding: .hex)))
        expectError(
            "missing key \"header\" in signature",
            in: source("signature: ▶{ algorithm: sha1 }, secrets: [env:KEY]")
        )
        expectError("unknown algorithm \"md5\"", in: custom("header: X, algorithm: ▶md5"))
        expectError(
            "'signed' must contain {header:X-T}: a timestamp that is not signed can be renewed by anybody",
            in: custom("header: X, timestamp: ▶{ header: X-T }")
        )
        expectError(
            "'signed' must contain {body}: what is not signed cannot be trusted",
            in: custom("header: X, signed: ▶'{header:X-T}'")
        )
    }

    @Test("Q17: an event id is made of signed bytes")
    func eventID() throws {
        expectError(
            "header X-Id is not signed, so anybody could change it",
            in: source("signature: github, secrets: [env:KEY], event_id: [$.id, ▶header:X-Id]")
        )
        expectError(
            "header X-Id is not signed, so anybody could change it",
            in: source("signature: { bearer: true }, secrets: [env:KEY], event_id: ▶header:X-Id")
        )
        let svix = source("signature: svix, secrets: [env:SECRETS64], event_id: header:SVIX-ID")
        let key = try load(svix, secrets: FixedSecrets(variables: ["KEY": "k", "SECRETS64": "aGk="])).sources[0]
            .eventKey
        #expect(key == EventKey([.header("SVIX-ID")]))
        expectError("a path begins with $", in: source("signature: dbt, secrets: [env:KEY], event_id: ▶id"))
    }

    @Test("A body may have as much as the JSON parser takes")
    func largestBody() throws {
        #expect(try load(source("signature: dbt, secrets: [env:KEY], max_body: 64MiB")).sources[0].maxBody == 64 << 20)
        expectError("expected at most 64MiB", in: source("signature: dbt, secrets: [env:KEY], max_body: ▶65537KiB"))
    }

    @Test("A rate limit's burst is twice a second's unless written")
    func rateLimit() throws {
        let limit = try load(source("signature: dbt, secrets: [env:KEY], rate_limit: { per_second: 0.2 }")).sources[0]
            .rateLimit
        #expect(limit == RateLimit(perSecond: 0.2, burst: 1))
        expectError(
            "expected a number from 0.001 to 1000000, found \"0\"",
            in: source("signature: dbt, secrets: [env:KEY], rate_limit: { per_second: ▶0 }")
        )
    }

    @Test("A safety load needs to know what a silence is")
    func onSilence() {
        expectError(
            "on_silence needs expect_every",
            in: source("signature: dbt, secrets: [env:KEY], on_silence: ▶{ reload: { model: otc, tables: all } }")
        )
        expectError(
            "there is no model \"otd\"",
            hint: "did you mean \"otc\"?",
            in: source(
                "signature: dbt, secrets: [env:KEY], expect_every: 1h, on_silence: { reload: { model: ▶otd, tables: all } }"
            )
        )
        expectError(
            "a silence brings no event to take table names from",
            hint: "name the tables, or write all",
            in: source(
                "signature: dbt, secrets: [env:KEY], expect_every: 1h, on_silence: { reload: ▶{ model: otc, tables: { from: $.t } } }"
            )
        )
    }
}
