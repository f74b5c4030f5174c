import ReloadQueue
import Testing

@testable import Settings

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
        expectError(
            "repeated table \"A\"; it stands at 3:66 too",
            in: models("wait_for_all: [{ tables: [A, ▶A] }]")
        )
        expectError("expected at least 2 entries", in: models("reload_together: [▶[A]]"))
    }

    @Test(
        "Q27: rules of a model with wait_for_all name their tables",
        arguments: [
            "{ data_source: x }", "{ data_source: $.id }", "[A, data_source:x]",
            "{ from: $.a, map: { a: data_source:x } }",
        ]
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
