import Testing

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

    @Test("The record is no file that is something else")
    func recordInJournal() throws {
        expectError(
            "the record would be written into the journal: both have the path a.sqlite",
            hint: "give the record a file of its own, such as /var/lib/reloader/events.jsonl",
            in: file(more: "journal: { path: a.sqlite }\nrecord: ▶{ path: a.sqlite }")
        )
        #expect(findings(file(more: "journal: { path: a.sqlite }\nrecord: { path: a.jsonl }")) == [])
    }

    @Test("Plain http goes to this machine only")
    func baseURL() throws {
        func celonis(_ url: String) -> String {
            file(celonis: "celonis: { base_url: ▶\(url), auth: { type: api_key, key: env:KEY } }")
        }
        for url in ["http://127.0.0.1:1234", "http://localhost", "'http://[::1]:8'", "https://a.example/"] {
            #expect(findings(celonis(url).replacing("▶", with: "")) == [])
        }
        expectError(
            "http:// is allowed to a loopback address only",
            hint: "use https://",
            in: celonis("http://a.example")
        )
        expectError(
            "expected scheme and host only",
            hint: "write https://a.example",
            in: celonis("https://a.example/team")
        )
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
        "Whole numbers are those of YAML's core schema",
        arguments: [("0x10", 16), ("0o17", 15), ("+7", 7), ("010", 10)]
    )
    func wholeNumbers(text: String, value: Int) throws {
        #expect(try load(file(more: "limits: { history: \(text) }")).limits.history == value)
    }

    @Test(
        "Values out of range are errors at the value",
        arguments: [
            ("limits: { connections: ▶0 }", "expected a whole number from 1 to 1000000000, found \"0\""),
            ("limits: { history: ▶1.5 }", "expected a whole number from 1 to 1000000000, found \"1.5\""),
            ("limits: { history: ▶'5' }", "expected a number, found text in quotes"),
            (
                "limits: { history: ▶99999999999999999999 }",
                "expected a whole number from 1 to 1000000000, found \"99999999999999999999\""
            ),
            ("limits: { header_timeout: ▶0s }", "expected a duration longer than 0s"),
            ("listen: { threads: ▶0x0 }", "expected a whole number from 1 to 1024, found \"0x0\""),
            ("limits: ▶5", "expected a mapping for limits, found a single value"),
            ("limits:▶", "expected a mapping for limits, found nothing"),
            ("limits: { ▶conections: 5 }", "unknown key \"conections\" in limits"),
            ("listen: { threads: ▶0 }", "expected a whole number from 1 to 1024, found \"0\""),
            (
                "listen: { address: ▶127.0.0.1:65536 }",
                "expected HOST:PORT, [V6]:PORT, unix:/PATH or systemd, found \"127.0.0.1:65536\""
            ),
            (
                "listen: { trusted_proxies: [10.0.0.0/8, ▶10.0.0.1] }",
                "expected an address block such as 10.0.0.0/8 or ::1/128, found \"10.0.0.1\""
            ),
            ("listen: { trusted_proxies: ▶10.0.0.0/8 }", "expected a list, found a single value"),
            ("listen: { tls: ▶{ certificate: /a } }", "missing key \"private_key\" in listen.tls"),
            ("log: { level: ▶loud }", "unknown log level \"loud\""),
            ("log: { format: ▶[json] }", "expected one of text, json, found a list"),
            ("journal: { sync: ▶ful }", "unknown value \"ful\""),
            ("record: { path: a, max_size: ▶64MB }", "expected a size such as 64KiB or 1MiB, found \"64MB\""),
            ("record: ▶{ max_size: 1MiB }", "missing key \"path\" in record"),
            (
                "notify: { url: ▶http://example.com, secret: 'literal:a2V5' }",
                "http:// is allowed to a loopback address only"
            ),
            ("notify: { url: https://a, secret: 'literal:a2V5', on: [failed, ▶fixed] }", "unknown occasion \"fixed\""),
            ("notify: { url: https://a, secret: 'literal:a2V5', on: ▶[] }", "expected at least one entry"),
            (
                "notify: { url: https://a, secret: ▶'literal:no base64' }",
                "the secret is not base64, as this signature's secrets are (after 'whsec_')"
            ),
        ]
    )
    func ranges(_ more: String, _ message: String) {
        expectError(message, in: file(more: more))
    }

    @Test("A journal without a path is none: a warning where it is written", arguments: ["{}", "{ sync: normal }"])
    func journalWithoutPath(_ section: String) {
        let message = "this journal has no path: the queue is in memory only, and a crash loses what was accepted"
        #expect(findings(file(more: "journal: \(section)")) == ["8:10: warning: \(message)"])
        #expect(findings(file(more: "journal: { path: a.sqlite }")) == [])
        #expect(findings(file(more: "")) == [])
    }

    @Test("A block with host bits works, with a warning")
    func hostBits() {
        let text = file(more: "listen: { trusted_proxies: [10.1.2.3/8] }")
        let message = "10.1.2.3/8 has bits behind its prefix: it means the whole block around this address"
        #expect(findings(text) == ["8:29: warning: \(message)"])
    }

    @Test("What is required must be there", arguments: ["celonis", "models", "sources", "rules"])
    func required(_ section: String) {
        let text = file(
            celonis: section == "celonis"
                ? "" : "celonis: { base_url: https://a, auth: { type: api_key, key: env:KEY } }",
            models: section == "models" ? "" : "models: { otc: { pool_id: p, data_model_id: d } }",
            sources: section == "sources" ? "" : "sources: { etl: { signature: dbt, secrets: [env:KEY] } }",
            rules: section == "rules" ? "" : "rules: [{ name: r, source: etl, reload: { model: otc, tables: all } }]"
        )
        #expect(
            findings(text).map { String($0.drop { $0 != " " }.dropFirst()) } == [
                "error: missing key \"\(section)\" in the configuration"
            ]
        )
    }

    @Test("One of each is required")
    func atLeastOne() {
        expectError("expected at least one model", in: file(models: "models: ▶{}"))
        expectError("expected at least one source", in: file(sources: "sources: ▶{}"))
        expectError("expected at least one entry", in: file(rules: "rules: ▶[]"))
    }

    @Test("listen and admin cannot have the same address")
    func sameAddress() {
        func message(_ listen: String, _ admin: String) -> String {
            "listen (\(listen)) and admin (\(admin)) cannot have the same address"
        }
        for (listen, admin) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("0.0.0.0:8080", "127.0.0.1:8080"), ("localhost:1", "127.0.0.1:1"),
            ("unix:/run/a", "unix:/run/a"), ("'[::]:8080'", "'[::1]:8080'"),
        ] {
            expectError(
                message(listen.replacing("'", with: ""), admin.replacing("'", with: "")),
                in: file(more: "listen: { address: \(listen) }\nadmin: { address: ▶\(admin) }")
            )
        }
        expectError(message("127.0.0.1:8080", "127.0.0.1:8080"), in: file(more: "admin: { address: ▶127.0.0.1:8080 }"))
        expectError(message("0.0.0.0:9090", "127.0.0.1:9090"), in: file(more: "listen: { address: ▶0.0.0.0:9090 }"))
        for more in [
            "listen: { address: 127.0.0.1:0 }\nadmin: { address: 127.0.0.1:0 }",
            "listen: { address: 10.0.0.1:9090 }", "listen: { address: unix:/run/a }\nadmin: { address: unix:/run/b }",
            "listen: { address: systemd }",
        ] {
            #expect(findings(file(more: more)) == [])
        }
    }
}
