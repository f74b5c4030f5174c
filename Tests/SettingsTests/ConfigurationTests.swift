import JSONPath
import ReloadQueue
import Rules
import Signatures
import Testing
import Vocabulary

@testable import Settings

private let exampleSecrets = FixedSecrets(
    variables: Dictionary(
        uniqueKeysWithValues: [
            "RELOADER_ADMIN_TOKEN", "CELONIS_CLIENT_ID", "CELONIS_CLIENT_SECRET", "FIVETRAN_SECRET",
            "FIVETRAN_SECRET_OLD",
        ].map { ($0, "value of " + $0) } + [("NOTIFY_SECRET", "whsec_a2V5")]
    )
)

@Suite("The whole file")
struct ConfigurationTests {
    @Test("The complete example of product.md §2 means what it says")
    func completeExampleIsRead() throws {
        let all = try load(completeExample, secrets: exampleSecrets)

        #expect(all.listen.address == .tcp(host: "127.0.0.1", port: 8080))
        #expect(all.listen.tls?.certificate == "/etc/reloader/tls.crt")
        #expect(all.listen.trustedProxies == [AddressRange("10.0.0.0/8")])
        #expect(all.listen.threads == 2)
        #expect(all.admin.token?.text == "value of RELOADER_ADMIN_TOKEN")
        guard case .oauthClient(let id, let secret, .basic) = all.celonis.auth else {
            Issue.record("not an OAuth client: \(all.celonis.auth)")
            return
        }
        #expect(id.text == "value of CELONIS_CLIENT_ID")
        #expect(secret.text == "value of CELONIS_CLIENT_SECRET")
        #expect(all.celonis.baseURL.text == "https://acme.eu-1.celonis.cloud")
        #expect(all.celonis.proxy?.port == 3128)

        let model = try #require(all.models.first)
        #expect(
            model.reference == ModelReference(name: "order-to-cash", poolID: "5ae5b9a6-…", dataModelID: "1c0d8d0e-…")
        )
        #expect(model.policy.start == .debounce(.seconds(30)))
        #expect(model.policy.waitForAll == [.init(tables: ["EKKO", "EKPO"], atMost: .seconds(4 * 3600))])
        #expect(model.policy.options.reloadTogether == [["VBAK", "VBAP"]])
        #expect(model.policy.options.completeLoadAbove == 0.8)
        #expect(model.policy.options.before == DataJob(id: "ID", mode: .delta))

        let source = all.sources[0]
        #expect(source.scheme == Scheme.preset(named: "fivetran"))
        #expect(source.secrets.map(\.text) == ["value of FIVETRAN_SECRET", "value of FIVETRAN_SECRET_OLD"])
        let ids = try ["$.connector_id", "$.sync_id", "$.event", "$.data.status"].map { Subject.path(try JSONPath($0)) }
        #expect(source.eventKey == EventKey(ids))
        #expect(source.duplicateWindow == .seconds(4 * 86_400))
        #expect(source.handshake == .eventGrid)
        #expect(source.rateLimit == RateLimit(perSecond: 50, burst: 100))
        #expect(source.expectEvery == .seconds(6 * 3600))
        #expect(source.onSilence == [Reload(model: "order-to-cash", tables: .all)])
        #expect(source.testDelivery == .fivetran)
        #expect(all.sources[1].eventKey == nil)
        #expect(all.sources[1].scheme.signs(header: "x-timestamp"))

        #expect(all.rules.map(\.name) == ["sap-orders", "from the event"])
        #expect(
            all.rules[0].condition
                == .all([
                    .test(.path(try JSONPath("$.event")), .value([.equals(Scalar("sync_end"))])),
                    .test(.path(try JSONPath("$.data.status")), .value([.equals(Scalar("SUCCESSFUL"))])),
                    .test(
                        .path(try JSONPath("$.connector_id")),
                        .value([.isIn([Scalar("gentle_yak"), Scalar("brave_fox")])])
                    ),
                ])
        )
        #expect(all.rules[0].reloads[0].tables == .fixed([.table("EKKO"), .table("EKPO")]))
        guard case .names(let names) = all.rules[1].reloads[0].tables else {
            Issue.record("not from names: \(all.rules[1].reloads[0].tables)")
            return
        }
        #expect(names.map == ["kna1_customers": "KNA1", "0123": "NO"])
        #expect(names.letterCase == .upper)
        #expect(names.unknown == .ignore)

        #expect(all.journal == JournalSettings(path: "/var/lib/reloader/journal.sqlite", sync: .full))
        #expect(all.limits.rememberedIDs == 100_000)
        #expect(all.notify?.on == [.failed, .degraded, .recovered])
        #expect(all.notify?.secret.bytes == Array("key".utf8))
        #expect(all.record == RecordSettings(path: "events.jsonl", maxSize: 64 << 20))
        #expect(all.queueSettings.models[model.reference] == model.policy)
        #expect(all.queueSettings.history == 10_000)
    }

    @Test("The example's only warning is its literal secret")
    func completeExampleWarnings() {
        let expected = ["47:15: warning: a secret written in the configuration"]
        #expect(findings(completeExample, secrets: exampleSecrets) == expected)
    }

    @Test("The example's own tests pass")
    func completeExampleTests() throws {
        let failures = try load(completeExample, secrets: exampleSecrets).testFailures()

        #expect(failures.map(\.message) == [])
    }

    @Test("A failing test is an error at its name, and says what differs")
    func failingTest() throws {
        let tests = "tests:\n  - name: t\n    source: etl\n    body: {}\n    expect: []"

        let failure = try #require(try load(file(more: tests)).testFailures().first)

        #expect(failure.place == Place(line: 9, column: 11))
        #expect(failure.message.hasPrefix("test \"t\" fails: model \"otc\": expected nothing, got [EKKO]"))
    }

    @Test("Everything that may be left out has the default of product.md §2")
    func defaults() throws {
        let all = try load(file())

        #expect(findings(file()) == [])
        #expect(all.listen == ListenSettings(address: .tcp(host: "127.0.0.1", port: 8080), trustedProxies: []))
        #expect(all.admin == AdminSettings(address: .tcp(host: "127.0.0.1", port: 9090)))
        #expect(all.celonis.requestTimeout == .seconds(30))
        #expect(all.celonis.maxConcurrentLoads == 4)
        #expect(all.celonis.tablesCache == .seconds(600))
        let poll = PollSettings(initial: .seconds(2), maximum: .seconds(60), startWithin: .seconds(120))
        #expect(all.celonis.poll == poll)
        #expect(!all.celonis.dryRun)
        #expect(all.celonis.caFile == nil)
        #expect(all.celonis.proxy == nil)
        let policy = all.models[0].policy
        #expect(policy.start == .debounce(.seconds(30)))
        #expect(policy.maxWait == .seconds(600))
        #expect(policy.minInterval == .zero)
        #expect(policy.confirm == .bestEffort)
        #expect(policy.options == LoadOptions(completeLoadAbove: nil, timeout: .seconds(7200)))
        #expect(policy.retry == ModelPolicy.Retry())
        #expect(policy.waitForAll == [])
        #expect(all.sources[0].allowFrom == [AddressRange("0.0.0.0/0"), AddressRange("::/0")])
        #expect(all.sources[0].maxBody == 1 << 20)
        #expect(all.sources[0].duplicateWindow == .seconds(345_600))
        #expect(all.sources[0].rateLimit == nil)
        #expect(all.rules[0].condition == .all([]))
        #expect(all.journal == JournalSettings(path: nil, sync: .full))
        #expect(all.limits.connections == 1024)
        #expect(all.limits.drainTimeout == .seconds(30))
        #expect(all.notify == nil)
        #expect(all.record == nil)
        #expect(all.log == LogSettings(level: .info, format: .text))
        #expect(all.tests.isEmpty)
    }

    @Test("An unwritten debounce is the smaller of 30s and max_wait")
    func defaultDebounce() throws {
        let models = "models:\n  otc: { pool_id: p, data_model_id: d, max_wait: 10s }"

        #expect(try load(file(models: models)).models[0].policy.start == .debounce(.seconds(10)))
    }

    @Test("Many mistakes are all found in one run, in the order of the file")
    func manyMistakes() {
        let text = """
            listen: { address: nowhere, threds: 2 }
            admin: { address: 0.0.0.0:9090 }
            celonis: { base_url: http://acme.celonis.cloud, auth: { type: api_key, key: env:MISSING } }
            models:
              otc: { pool_id: p, debounce: 5 }
              otc: { pool_id: p, data_model_id: d }
            sources:
              etl: { signature: fivetrn, secrets: [plain] }
            rules:
              - { name: r, source: elt, reload: { model: otc, tables: EKKO } }
              - { name: r, source: etl, when: { $.a.: 1 }, reload: { model: oct, tables: [EKKO] } }
            limits: { connections: 0 }
            surprise: 1
            """

        #expect(
            findings(text) == [
                "1:20: error: expected HOST:PORT, [V6]:PORT, unix:/PATH or systemd, found \"nowhere\"",
                "1:29: error: unknown key \"threds\" in listen",
                "2:19: error: 0.0.0.0:9090 can be reached from elsewhere, so admin needs a token",
                "3:22: error: http:// is allowed to a loopback address only",
                "3:77: error: environment variable MISSING is not set",
                "5:8: error: missing key \"data_model_id\" in a model",
                "5:32: error: expected a duration such as 30s, 10m or 1h30m, found \"5\"",
                "6:3: error: repeated key \"otc\"; it stands at 5:3 too",
                "8:21: error: there is no signature preset \"fivetrn\"",
                "8:40: error: a secret must say where it comes from",
                "10:24: error: there is no source \"elt\"",
                "10:59: error: expected a list of tables, all or a mapping, found \"EKKO\"",
                "11:13: error: repeated name \"r\" of a rule; it stands at 10:13 too",
                "11:41: error: a name or * must follow .",
                "11:65: error: there is no model \"oct\"",
                "12:24: error: expected a whole number from 1 to 1000000000, found \"0\"",
                "13:1: error: unknown key \"surprise\" in the configuration",
            ]
        )
    }

    @Test("Without a secret source nothing is looked up, and nothing about secrets is wrong but their form")
    func withoutSecrets() throws {
        let all = try load(file(), secrets: nil)

        #expect(all.sources[0].secrets.map(\.bytes) == [nil])
        let sources = "sources:\n  etl: { signature: fivetran, secrets: [plain] }"
        #expect(
            findings(file(sources: sources), secrets: nil) == ["5:41: error: a secret must say where it comes from"]
        )
    }
}
