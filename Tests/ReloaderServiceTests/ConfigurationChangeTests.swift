import Settings
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("What a new configuration asks of a running service")
struct ConfigurationChangeTests {
    private let secrets = FixedSecrets(variables: ["NEW": "new", "OLD": "old"])

    private func configuration(
        _ top: String = "",
        key: String = "OLD",
        secrets list: String = "[env:OLD]",
        source: String = ""
    ) throws -> Configuration {
        let text = """
            \(top)
            celonis: { base_url: https://acme.eu-1.celonis.cloud, auth: { type: api_key, key: env:\(key) } }
            models: { orders: { pool_id: p, data_model_id: m } }
            sources: { etl: { signature: fivetran, secrets: \(list)\(source) } }
            rules: [{ name: r, source: etl, reload: { model: orders, tables: [EKKO] } }]
            """
        let (configuration, diagnostics) = SettingsLoader.load(text: text, file: "f.yaml", secrets: secrets)
        return try #require(configuration, "\(diagnostics)")
    }

    private func change(
        from old: Configuration,
        to new: Configuration,
        started: Configuration? = nil
    ) -> ConfigurationChange {
        ConfigurationChange(from: old, to: new, startedWith: started ?? old, environment: [:])
    }

    @Test("nothing, where only what is swapped as a whole differs")
    func nothing() throws {
        let change = change(from: try configuration(), to: try configuration(source: ", max_body: 2KiB"))
        #expect(change.listenAddress == nil && change.adminAddress == nil)
        #expect(change.client == nil && change.nextStart.isEmpty)
    }

    @Test("a new address, a new client for another credential, and what holds from the next start on")
    func something() throws {
        let old = try configuration()
        let moved = change(from: old, to: try configuration("listen: { address: 127.0.0.1:1, threads: 3 }"))
        #expect(moved.listenAddress == .tcp(host: "127.0.0.1", port: 1) && moved.adminAddress == nil)
        #expect(moved.nextStart == ["listen.threads"])
        let admin = change(from: old, to: try configuration("admin: { address: 127.0.0.1:2 }"))
        #expect(admin.adminAddress == .tcp(host: "127.0.0.1", port: 2) && admin.listenAddress == nil)
        #expect(change(from: old, to: try configuration(key: "NEW")).client != nil)
    }

    @Test("what holds from the next start on is measured by what the service was started with")
    func started() throws {
        let first = try configuration()
        let second = try configuration("listen: { threads: 3 }")
        #expect(change(from: second, to: second, started: first).nextStart == ["listen.threads"])
        #expect(change(from: second, to: first, started: first).nextStart == [])
    }

    @Test("a source that stays keeps its counters, what its rate limit has left, and when each secret was used last")
    func sources() throws {
        let now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 5000))
        let limit = ", rate_limit: { per_second: 1, burst: 2 }"
        let old = try IntakePlan(try configuration(source: limit), now: now)
        let former = try #require(old.sources["etl"])
        former.meter.record(.accepted)
        former.recordVerified(secretPosition: 0, at: now)
        #expect(former.rateLimiter?.take(at: now.monotonic) == nil)
        #expect(former.rateLimiter?.take(at: now.monotonic) == nil)

        let rotated = try configuration(secrets: "[env:NEW, env:OLD]", source: limit)
        let plan = try IntakePlan(rotated, after: old, now: now)
        let source = try #require(plan.sources["etl"])
        let snapshot = source.snapshot(at: now.monotonic + .seconds(9))
        #expect(snapshot.outcomes == [.accepted: 1])
        #expect(snapshot.secretLastUsed == [nil, now.wall], "the use follows the secret")
        #expect(snapshot.quietFor == .seconds(9))
        #expect(source.rateLimiter?.take(at: now.monotonic) == 1)
    }
}
