import ReloadQueue
import Rules
import Signatures
import Testing
import Vocabulary

@testable import Settings

@Suite("listen, admin, celonis, limits, log")
struct ServiceSectionTests {
    @Test("An address that others can reach needs a token, a local one does not")
    func adminToken() throws {
        expectError(
            "0.0.0.0:9090 can be reached from elsewhere, so admin needs a token",
            in: file(more: "admin: { address: ▶0.0.0.0:9090 }")
        )
        for more in [
            "admin: { address: unix:/run/a }", "admin: { address: '[::1]:1' }",
            "admin: { address: 0.0.0.0:1, token: env:KEY }",
        ] {
            #expect(findings(file(more: more)) == [])
        }
        expectError(
            "expected HOST:PORT, [V6]:PORT or unix:/PATH, found \"systemd\"",
            in: file(more: "admin: { address: ▶systemd }")
        )
    }

    @Test("Plain http goes to this machine only")
    func baseURL() throws {
        func celonis(_ url: String) -> String {
            file(celonis: "celonis: { base_url: ▶\(url), auth: { type: api_key, key: env:KEY } }")
        }
        for url in ["http://127.0.0.1:1234", "http://localhost", "'http://[::1]:8'", "https://a.example/"] {
            #expect(findings(celonis(url).replacing("▶", with: "")) == [])
        }
        expectError("http:// is allowed to a loopback address only", hint: "use https://", in: celonis("http://a.example"))
        expectError("expected scheme and host only", hint: "write https://a.example", in: celonis("https://a.example/team"))
        expectError("expected scheme and host only", in: celonis("https://user:pw@a.example"))
        expectError("expected an address such as https://acme.eu-1.celonis.cloud", in: celonis("acme"))
    }

    @Test("Credentials have a type and its keys")
    func auth() throws {
        func celonis(_ auth: String) -> String { file(celonis: "celonis: { base_url: https://a, auth: \(auth) }") }
        expectError("missing key \"type\" in celonis.auth", in: celonis("▶{ key: env:KEY }"))
        expectError(
            "unknown type of credentials \"apikey\"",
            hint: "did you mean \"api_key\"?",
            in: celonis("{ type: ▶apikey, key: env:KEY }")
        )
        expectError("missing key \"key\" in celonis.auth", in: celonis("▶{ type: api_key }"))
        expectError(
            "unknown key \"key\" in celonis.auth",
            in: celonis("{ type: oauth_client, client_id: env:ID, client_secret: env:KEY, ▶key: env:KEY }")
        )
        let form = "{ type: oauth_client, client_id: env:ID, client_secret: env:KEY, client_authentication: form }"
        guard case .oauthClient(_, _, .form) = try load(celonis(form)).celonis.auth else {
            Issue.record("not form")
            return
        }
        guard case .applicationKey(let key) = try load(celonis("{ type: application_key, key: env:KEY }")).celonis.auth
        else {
            Issue.record("not an application key")
            return
        }
        #expect(key.text == "app-key")
    }

    @Test(
        "Values out of range are errors at the value",
        arguments: [
            ("limits: { connections: ▶0 }", "expected a whole number from 1 to 1000000000, found \"0\""),
            ("limits: { history: ▶1.5 }", "expected a whole number from 1 to 1000000000, found \"1.5\""),
            ("limits: { history: ▶'5' }", "expected a number, found text in quotes"),
            ("limits: { history: ▶99999999999999999999 }",
                "expected a whole number from 1 to 1000000000, found \"99999999999999999999\""),
            ("limits: { header_timeout: ▶0s }", "expected a duration longer than 0s"),
            ("limits: ▶5", "expected a mapping for limits, found a single value"),
            ("limits:▶", "expected a mapping for limits, found nothing"),
            ("limits: { ▶conections: 5 }", "unknown key \"conections\" in limits"),
            ("listen: { threads: ▶0 }", "expected a whole number from 1 to 1024, found \"0\""),
            ("listen: { address: ▶127.0.0.1:65536 }",
                "expected HOST:PORT, [V6]:PORT, unix:/PATH or systemd, found \"127.0.0.1:65536\""),
            ("listen: { trusted_proxies: [10.0.0.0/8, ▶10.0.0.1] }",
                "expected an address block such as 10.0.0.0/8 or ::1/128, found \"10.0.0.1\""),
            ("listen: { trusted_proxies: ▶10.0.0.0/8 }", "expected a list, found a single value"),
            ("listen: { tls: ▶{ certificate: /a } }", "missing key \"private_key\" in listen.tls"),
            ("log: { level: ▶loud }", "unknown log level \"loud\""),
            ("log: { format: ▶[json] }", "expected one of text, json, found a list"),
            ("journal: { sync: ▶ful }", "unknown value \"ful\""),
            ("record: { path: a, max_size: ▶64MB }", "expected a size such as 64KiB or 1MiB, found \"64MB\""),
            ("record: ▶{ max_size: 1MiB }", "missing key \"path\" in record"),
            ("notify: { url: ▶http://example.com, secret: env:KEY }", "http:// is allowed to a loopback address only"),
            ("notify: { url: https://a, secret: env:KEY, on: [failed, ▶fixed] }", "unknown occasion \"fixed\""),
            ("notify: { url: https://a, secret: env:KEY, on: ▶[] }", "expected at least one entry"),
        ]
    )
    func ranges(_ more: String, _ message: String) {
        expectError(message, in: file(more: more))
    }

    @Test("A block with host bits works, with a warning")
    func hostBits() {
        let text = file(more: "listen: { trusted_proxies: [10.1.2.3/8] }")
        let message = "10.1.2.3/8 has bits behind its prefix: it means the whole block around this address"
        #expect(findings(text) == ["7:29: warning: \(message)"])
    }

    @Test("What is required must be there", arguments: ["celonis", "models", "sources", "rules"])
    func required(_ section: String) {
        let text = file(
            celonis: section == "celonis" ? "" : "celonis: { base_url: https://a, auth: { type: api_key, key: env:KEY } }",
            models: section == "models" ? "" : "models: { otc: { pool_id: p, data_model_id: d } }",
            sources: section == "sources" ? "" : "sources: { etl: { signature: dbt, secrets: [env:KEY] } }",
            rules: section == "rules" ? "" : "rules: [{ name: r, source: etl, reload: { model: otc, tables: all } }]"
        )
        #expect(findings(text).map { String($0.drop { $0 != " " }.dropFirst()) } == [
            "error: missing key \"\(section)\" in the configuration"
        ])
    }

    @Test("One of each is required")
    func atLeastOne() {
        expectError("expected at least one model", in: file(models: "models: ▶{}", rules: "rules: [{ name: r, source: etl, reload: [] }]")
            .replacing("reload: []", with: "reload: { model: otc, tables: all }").replacing("models: ▶{}", with: "models: ▶{}"))
        expectError("expected at least one entry", in: file(rules: "rules: ▶[]"))
    }
}

@Suite("models")
struct ModelSettingsTests {
    private func models(_ keys: String) -> String {
        file(models: "models:\n  otc: { pool_id: p, data_model_id: d, \(keys) }")
    }

    @Test("Q12: max_wait below debounce is an error, also where one of them is the default")
    func waits() throws {
        expectError("max_wait (10s) is shorter than debounce (20s)", in: models("debounce: 20s, max_wait: ▶10s"))
        expectError("max_wait (10m) is shorter than debounce (11m)", in: models("debounce: ▶11m"))
        #expect(findings(models("max_wait: 5s")) == [])
        #expect(findings(models("debounce: 10m")) == [])
        #expect(try load(models("debounce: 0s")).models[0].policy.start == .debounce(.zero))
    }

    @Test("A wrong duration hides no other mistake and causes no second one")
    func wrongWait() {
        let message = "expected a duration such as 30s, 10m or 1h30m, found \"soon\""
        expectError(message, in: models("debounce: 20m, max_wait: ▶soon"))
    }

    @Test("Q26: load_cost stands in place of debounce")
    func loadCost() throws {
        #expect(try load(models("load_cost: 20m")).models[0].policy.start == .loadCost(.seconds(1200)))
        expectError(
            "\"debounce\" and \"load_cost\" exclude each other: each says when waiting changes are loaded",
            in: models("debounce: 20s, ▶load_cost: 20m")
        )
    }

    @Test("Two models cannot be one data model")
    func sameIdentity() {
        let same = "models:\n  otc: { pool_id: p, data_model_id: d }\n  ▶p2p: { pool_id: p, data_model_id: d }"
        expectError("model \"p2p\" has the same pool_id and data_model_id as \"otc\"", in: file(models: same))
    }

    @Test("Q27: wait_for_all waits at most max_wait unless it says more, and takes tables only")
    func waitForAll() throws {
        let policy = try load(models("max_wait: 1h, wait_for_all: [{ tables: [A, B] }]")).models[0].policy
        #expect(policy.waitForAll == [.init(tables: ["A", "B"], atMost: .seconds(3600))])
        expectError(
            "expected one table, found \"data_source:1\"",
            in: models("wait_for_all: [{ tables: [A, ▶data_source:1] }]")
        )
        expectError("expected at least 2 entries", in: models("reload_together: [▶[A]]"))
    }

    @Test(
        "Q27: rules of a model with wait_for_all name their tables",
        arguments: ["{ data_source: x }", "{ data_source: $.id }", "[A, data_source:x]", "{ from: $.a, map: { a: data_source:x } }"]
    )
    func waitForAllRules(_ tables: String) {
        let text = file(
            models: "models:\n  otc: { pool_id: p, data_model_id: d, wait_for_all: [{ tables: [A, B] }] }",
            rules: "rules: [{ name: r, source: etl, reload: { model: otc, tables: ▶\(tables) } }]"
        )
        expectError("model \"otc\" has wait_for_all, which cannot wait for the tables of a data_source", in: text)
    }

    @Test("Shares lie from 0 to 1", arguments: ["1.1", "-0.1", "nan", "0x1", "80%"])
    func shares(_ share: String) {
        expectError("expected a share from 0 to 1, found \"\(share)\"", in: models("complete_load_above: ▶\(share)"))
    }

    @Test("Retries grow from initial to maximum")
    func retry() throws {
        expectError("maximum (1s) is shorter than initial (5s)", in: models("retry: { maximum: ▶1s }"))
        let retry = try load(models("retry: { give_up_after: 1h }")).models[0].policy.retry
        #expect(retry == ModelPolicy.Retry(giveUpAfter: .seconds(3600)))
    }

    @Test("The queue polls as celonis.poll says")
    func poll() throws {
        let celonis = "celonis: { base_url: https://a, auth: { type: api_key, key: env:KEY }, poll: { initial: 1s } }"
        let policy = try load(file(celonis: celonis)).models[0].policy
        #expect(policy.poll == ModelPolicy.Poll(initial: .seconds(1)))
    }
}

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
        expectError("missing key \"signature\" in a source", in: file(sources: "sources:\n  etl: ▶{ secrets: [env:KEY] }"))
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
        expectError("missing key \"header\" in signature", in: source("signature: ▶{ algorithm: sha1 }, secrets: [env:KEY]"))
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
        let key = try load(svix, secrets: FixedSecrets(variables: ["KEY": "k", "SECRETS64": "aGk="])).sources[0].eventKey
        #expect(key == EventKey([.header("SVIX-ID")]))
        expectError("a query begins with $", in: source("signature: dbt, secrets: [env:KEY], event_id: ▶id"))
    }

    @Test("A rate limit's burst is twice a second's unless written")
    func rateLimit() throws {
        let limit = try load(source("signature: dbt, secrets: [env:KEY], rate_limit: { per_second: 0.2 }")).sources[0].rateLimit
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
        expectError("there is no model \"otd\"", hint: "did you mean \"otc\"?", in: source(
            "signature: dbt, secrets: [env:KEY], expect_every: 1h, on_silence: { reload: { model: ▶otd, tables: all } }"
        ))
    }
}

@Suite("rules and tests")
struct RuleSettingsTests {
    private func rule(_ keys: String) -> String {
        file(rules: "rules:\n  - { name: r, source: etl, reload: { model: otc, tables: [A] }, \(keys) }")
    }

    @Test(
        "Conditions that mean nothing are errors where they stand",
        arguments: [
            ("{ ▶event: x }", "expected a JSONPath, header:NAME, any, all or none, found \"event\""),
            ("{ ▶header:: x }", "\":\" is not the name of a header"),
            ("{ $.a: ▶[x] }", "expected a condition, found a list"),
            ("{ $.a: ▶{} }", "expected a condition, found an empty mapping"),
            ("{ $.a: { ▶equals: x } }", "unknown key \"equals\" in a condition"),
            ("{ $.a: { in: ▶x } }", "expected a list, found a single value"),
            ("{ $.a: { in: ▶[] } }", "expected at least one entry"),
            ("{ $.a: { in: [▶[x]] } }", "expected a single value, found a list"),
            ("{ $.a: { above: ▶x } }", "expected a number, found \"x\""),
            ("{ $.a: { exists: ▶maybe } }", "expected true or false, found \"maybe\""),
            ("{ any: ▶{ $.a: 1 } }", "expected a list of mappings from JSONPaths to conditions, found a mapping"),
            ("{ none: ▶[] }", "expected a list of mappings from JSONPaths to conditions, found a list"),
            ("▶[$.a]", "expected a mapping from JSONPaths to conditions, found a list"),
            ("{ all: [{ $.a: x }], ▶nonne: [] }",
                "expected a JSONPath, header:NAME, any, all or none, found \"nonne\""),
        ]
    )
    func conditions(_ when: String, _ message: String) {
        expectError(message, in: rule("when: \(when)"))
    }

    @Test("A path's own mistake is placed at the character, in quotes too")
    func pathPlaces() {
        expectError("a name or * must follow .", in: rule("when: { $.a.▶: x }"))
        expectError("a name or * must follow .", in: rule("when: { '$.a.▶': x }"))
    }

    @Test(
        "One path that must equal two scalars is an error at the second",
        arguments: [
            "{ $.a: x, all: [{ $.a: ▶y }] }", "{ all: [{ $.a: x }, { $.b: 1, $.a: ▶y }] }",
            "{ $.a: x, any: [{ $.a: ▶y }, { $.b: 1 }] }", "{ none: [{ $.a: x, all: [{ $.a: ▶y }] }] }",
        ]
    )
    func contradictions(_ when: String) {
        expectError("$.a can never equal both \"x\" and \"y\"", in: rule("when: \(when)"))
    }

    @Test(
        "What can hold at the same time is no contradiction",
        arguments: [
            "{ $.a: x, all: [{ $.a: x }] }", "{ $.a: 1, all: [{ $.a: 1.0 }] }", "{ any: [{ $.a: x }, { $.a: y }] }",
            "{ $.a[*]: x, all: [{ $.a[*]: y }] }", "{ $.a: x, none: [{ $.a: y }] }",
            "{ $.a: x, all: [{ $.a: { not: y } }] }",
        ]
    )
    func noContradictions(_ when: String) {
        #expect(findings(rule("when: \(when)")) == [])
    }

    @Test("Operators of one mapping test one value; not and exists stand beside it")
    func predicates() throws {
        func predicate(_ text: String) throws -> Predicate? {
            guard case .all(let all) = try load(rule("when: { $.a: \(text) }")).rules[0].condition,
                case .test(_, let predicate)? = all.first
            else { return nil }
            return predicate
        }
        let above = try #require(Number("1")), below = try #require(Number("5.5"))
        #expect(try predicate("{ above: 1, below: 5.5 }") == .value([.above(above), .below(below)]))
        #expect(try predicate("{ exists: false }") == .exists(false))
        #expect(try predicate("{ not: x }") == .not(.value([.equals(Scalar("x"))])))
        #expect(try predicate("{ not: { not: { in: [a, 1, ~, ] } } }")
            == .not(.not(.value([.isIn([Scalar("a"), Scalar("1"), .init("~")])]))))
        #expect(try predicate("{ glob: 'a*', not: ab }")
            == .every([.value([.glob(try Glob("a*"))]), .not(.value([.equals(Scalar("ab"))]))]))
        #expect(try predicate("") == .value([.equals(.null)]))
        #expect(try predicate("''") == .value([.equals(Scalar(""))]))
    }

    @Test(
        "Table mappings are checked",
        arguments: [
            ("▶EKKO", "expected a list of tables, all or a mapping, found \"EKKO\""),
            ("▶[]", "expected at least one entry"), ("[A, ▶'']", "expected a table, found an empty text"),
            ("▶{ case: upper }", "missing key \"from\" in tables"),
            ("{ from: $.a, case: ▶camel }", "unknown value \"camel\""),
            ("{ from: $.a, unknown: ▶drop }", "expected fail or ignore, found \"drop\""),
            ("{ from: $.a, map: ▶[x] }", "expected a mapping from text to text, found a list"),
            ("{ data_source: x, ▶from: $.a }", "unknown key \"from\" in tables"),
            ("{ from: $.a, replace: { pattern: '(a)', with: ▶$2 } }",
                "`$2` names a group that the pattern does not have; it has 1"),
        ]
    )
    func tables(_ tables: String, _ message: String) {
        let text = "rules: [{ name: r, source: etl, reload: { model: otc, tables: \(tables) } }]"
        expectError(message, in: file(rules: text))
    }

    @Test("A pattern's own mistake is found")
    func patterns() {
        #expect(findings(rule("when: { $.a: { matches: '(a' } }")).count == 1)
        #expect(findings(rule("when: { $.a: { glob: '[a' } }")).count == 1)
    }

    @Test("Rules and tests have names that no two share")
    func uniqueNames() {
        let entry = "name: r, source: etl, reload: { model: otc, tables: all }"
        expectError(
            "repeated name \"r\" of a rule; it stands at 7:11 too",
            in: file(rules: "rules:\n  - { \(entry) }\n  - { \(entry.replacing("name: r", with: "name: ▶r")) }")
        )
        expectError(
            "repeated name \"t\" of a test; it stands at 8:11 too",
            in: file(more: """
                tests:
                  - { name: t, source: etl, body: {}, expect: [] }
                  - { name: ▶t, source: etl, body: {}, expect: [] }
                """)
        )
    }

    @Test("References to a section that is itself wrong are not reported on top")
    func referencesIntoBrokenSections() {
        expectError("expected a mapping from names to models, found a list", in: file(models: "models: ▶[a]"))
        let models = "models:\n  otc: ▶{ pool_id: p }"
        expectError("missing key \"data_model_id\" in a model", in: file(models: models))
    }

    @Test(
        "Tests refer to what exists",
        arguments: [
            ("{ name: t, source: ▶elt, body: {}, expect: [] }", "there is no source \"elt\""),
            ("{ name: t, source: etl, body: {}, expect: [{ model: ▶otd, tables: all }] }", "there is no model \"otd\""),
            ("▶{ name: t, source: etl, expect: [] }", "missing key \"body\" in a test"),
            ("{ name: t, source: etl, body: { a: ▶18446744073709551616 }, expect: [] }",
                "no delivery can hold an integer beyond 64 bits"),
        ]
    )
    func testReferences(_ test: String, _ message: String) {
        expectError(message, in: file(more: "tests: [\(test)]"))
    }

    @Test("A test's body and headers become a delivery")
    func delivery() throws {
        let test = "{ name: t, source: etl, headers: { X-A: 0123 }, body: { a: [1, NO, ~] }, expect: [{ model: otc, tables: all }] }"
        let read = try load(file(more: "tests: [\(test)]")).tests[0].test
        #expect(String(decoding: read.body, as: UTF8.self) == #"{"a":[1,"NO",null]}"#)
        #expect(read.headers.values(named: "x-a") == ["0123"])
        #expect(read.expect == [.init(model: "otc", tables: [.everything])])
    }
}
