import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// queue.md S7: no secret, MAC, token or `Authorization` value in a log, metric, error, job, trail or page.
    @Suite("Canary")
    struct CanaryTests {
        private static let environment = [
            "CLIENT_ID": "demo-client", "CLIENT_SECRET": "demo-secret", "ADMIN": "canary-admin-token",
            "NEW": "canary-current-secret", "OLD": "canary-older-secret", "TOKEN": "canary-token-of-a-sender",
            "WHSEC": "whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5", "BROKEN": "whsec_canary-not-base64",
        ]
        private static let sources = ["fivetran", "stripe", "standard", "bearer", "basic", "header"]
        private static let pages = [
            "/", "/health", "/health/live", "/health/ready", "/metrics", "/openapi.yaml", "/nowhere", "/api/v1/models",
            "/api/v1/models/m", "/api/v1/jobs", "/api/v1/events",
        ]

        /// What must show nowhere, and what was there to be looked through.
        private struct Watch {
            private(set) var secrets: [String]
            private(set) var pages: [(place: String, text: String)] = []

            init(_ secrets: some Sequence<String>) { self.secrets = Array(secrets) }

            /// The parts of the header values that prove who sent this.
            mutating func add(proofs headers: HeaderList) {
                for field in headers.fields where field.name.lowercased() != "content-type" {
                    secrets += field.value.split { ",= ".contains($0) }.filter { $0.utf8.count >= 20 }.map(String.init)
                }
            }

            mutating func add(_ place: String, _ texts: String...) { for text in texts { pages.append((place, text)) } }

            func expectNothing() {
                for page in pages {
                    for secret in secrets + ["token-"] {
                        #expect(!page.text.contains(secret), "\(page.place) shows \(secret)")
                    }
                }
            }
        }

        private func configuration(celonis: String) -> String {
            """
            listen: { address: 127.0.0.1:0 }
            admin: { address: 127.0.0.1:0, token: env:ADMIN }
            celonis:
              base_url: \(celonis)
              auth: { type: oauth_client, client_id: env:CLIENT_ID, client_secret: env:CLIENT_SECRET }
              poll: { initial: 50ms, maximum: 200ms, start_within: 30s }
            models: { m: { pool_id: demo-pool, data_model_id: demo-model, debounce: 100ms } }
            sources:
              fivetran: { signature: fivetran, secrets: [env:NEW, env:OLD], expect_every: 1ms }
              stripe: { signature: stripe, secrets: [env:NEW] }
              standard: { signature: standard-webhooks, secrets: [env:WHSEC] }
              bearer: { signature: { bearer: true }, secrets: [env:TOKEN] }
              basic: { signature: { basic: true }, secrets: [env:TOKEN] }
              header: { signature: { header_token: X-Api-Key }, secrets: [env:TOKEN] }
            rules:
              - name: all
                source: [\(Self.sources.joined(separator: ", "))]
                reload: { model: m, tables: { from: $.table } }
              - name: by what proves who sent it
                source: [\(Self.sources.joined(separator: ", "))]
                when:
                  any:
                    - { "header:Authorization": x }
                    - { "header:X-Api-Key": x }
                    - { "header:X-Fivetran-Signature-256": x }
                reload: { model: m, tables: [EKPO] }
            notify: { url: "http://127.0.0.1:1/canary-path-of-notify", secret: env:WHSEC }
            log: { level: trace }
            """
        }

        private func sample(_ source: SourceSettings, _ base: String, _ body: String) throws -> SampleDelivery {
            let now = SystemClock().now().wall
            return try SampleDelivery(source: source, base: base, body: Array(body.utf8), now: now, messageID: "msg_1")
        }

        @Test("S7: no secret, MAC or token shows in logs at trace level, pages, metrics, problems or commands' output")
        func everywhere() async throws {
            var watch = Watch(Self.environment.filter { $0.key != "CLIENT_ID" }.values + ["canary-path-of-notify"])
            let simulator = try await CelonisSimulator.start(
                SimulatorConfiguration(models: [SimulatedModel(loadTime: .milliseconds(10))], faults: []),
                host: "127.0.0.1",
                port: 0,
                clock: SystemClock()
            ) { _ in }
            let folder = try TemporaryFolder()
            let text = configuration(celonis: simulator.baseURL)
            let path = try folder.file("canary.yaml", text)
            let secrets = FixedSecrets(variables: Self.environment)
            let loaded = SettingsLoader.load(text: text, file: path, secrets: secrets)
            let settings = try #require(loaded.configuration, "\(loaded.diagnostics)")
            let service = try Program("reloader", ["serve", "--config", path], environment: Self.environment)
            let line = try #require(await service.line(with: "listening"))
            func address(_ key: String) throws -> String {
                let word = try #require(line.split(separator: " ").first { $0.hasPrefix(key + "=") })
                return "http://" + word.dropFirst(key.count + 1)
            }
            let (base, admin) = (try address("address"), try address("admin"))

            for source in settings.sources {
                var delivery = try sample(source, base, #"{"table":"EKKO","id":"\#(source.name)"}"#)
                watch.add(proofs: delivery.headers)
                let accepted = try await delivery.post(with: .patient)
                #expect(accepted.status == 202, "\(source.name)")
                delivery.body.append(UInt8(ascii: " "))
                let altered = try await delivery.post(with: .patient)
                #expect(source.scheme.name == "custom" || altered.status != 400, "\(source.name)")
                delivery.headers = HeaderList(
                    delivery.headers.fields.map { field in
                        (field.name, field.name.lowercased() == "content-type" ? field.value : field.value + "canary-x")
                    }
                )
                let forged = try await delivery.post(with: .patient)
                #expect(forged.status == 401, "\(source.name)")
                for answer in [accepted, altered, forged] { watch.add(source.name, String(describing: answer)) }
                for answer in [accepted, altered, forged] {
                    watch.add(source.name, String(decoding: answer.body, as: UTF8.self))
                }
            }
            _ = try #require(await service.line(with: "outcome=succeeded"))
            _ = try #require(await service.line(with: "notification not delivered"))

            let token = HeaderList([("authorization", "Bearer canary-admin-token")])
            for page in Self.pages {
                for headers in [token, HeaderList(), HeaderList([("authorization", "Bearer canary-wrong-token")])] {
                    let answer = try await HTTPCaller.patient.get(admin + page, headers: headers)
                    watch.add("GET \(page)", String(decoding: answer.body, as: UTF8.self))
                }
            }
            try await commands(path: path, folder: folder, base: base, admin: admin, settings: settings, &watch)

            service.interrupt()
            let end = try await service.ended()
            await simulator.shutdown()
            watch.add("serve", end.output, end.errors)
            #expect(end.errors.contains("delivery refused"), "the log was on, so there was something to look through")
            watch.expectNothing()
        }

        /// Every command that has to do with secrets, with a delivery that verifies and one that does not; also those
        /// of later versions.
        private func commands(
            path: String,
            folder: TemporaryFolder,
            base: String,
            admin: String,
            settings: Configuration,
            _ watch: inout Watch
        ) async throws {
            let body = try folder.file("event.json", #"{"table":"EKPO","id":"command"}"#)
            var runs: [[String]] = [
                ["check", "--config", path], ["check", "--config", path, "--format", "json"],
                ["check", "--config", path, "--online"], ["status", "--url", admin],
                ["status", "--url", "http://127.0.0.1:1"], ["why", "EKKO", "--url", admin],
                ["hold", "m", "--url", admin], ["release", "m", "--url", admin], ["schema"],
            ]
            for source in settings.sources {
                let delivery = ["--config", path, "--source", source.name, "--body", body]
                runs.append(["explain"] + delivery)
                runs.append(["send"] + delivery + ["--url", base])
                let signed = try sample(source, base, #"{"table":"EKPO","id":"command"}"#)
                watch.add(proofs: signed.headers)
                let field = try #require(signed.headers.fields.first { $0.name.lowercased() != "content-type" })
                for value in ["0123456789abcdef", "Bearer x", "t=1,v1=00"] {
                    runs.append(["diagnose"] + delivery + ["--header", "\(field.name): \(value)"])
                }
            }
            let environment = Self.environment.merging(["RELOADER_ADMIN_TOKEN": "canary-admin-token"]) { $1 }
            for run in runs {
                let end = try await Program("reloader", run, environment: environment).ended()
                watch.add(run.prefix(1).joined(), end.output, end.errors)
            }
        }

        @Test(
            "S7: what is wrong with a secret is said without the secret",
            arguments: [
                ("env:WHSEC", "env:BROKEN"), ("env:TOKEN", "hex:env:TOKEN"), ("env:TOKEN", "base64:env:TOKEN"),
                ("env:TOKEN", "literal:canary-literal"), ("[env:TOKEN]", "[literal:canary-literal"),
                ("[env:TOKEN]", "literal:canary-literal"), ("env:TOKEN", "canary-literal"),
                ("token: env:ADMIN", "token: canary-literal"), ("[env:NEW]", "{ canary: canary-literal }"),
            ]
        )
        func mistakes(_ right: String, _ wrong: String) async throws {
            let folder = try TemporaryFolder()
            let text = configuration(celonis: "http://127.0.0.1:1").replacingOccurrences(of: right, with: wrong)
            let path = try folder.file("canary.yaml", text)
            var watch = Watch(Self.environment.filter { $0.key != "CLIENT_ID" }.values + ["canary-literal"])
            for command in [["check"], ["check", "--format", "json"]] {
                let run = command + ["--config", path]
                let end = try await Program("reloader", run, environment: Self.environment).ended()
                watch.add(wrong, end.output, end.errors)
            }
            watch.expectNothing()
        }
    }
}
