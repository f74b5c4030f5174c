import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// What single senders need: handshakes, test deliveries, tokens, limits (product.md §2.2, senders.md §5).
    @Suite("Senders")
    struct SenderTests {
        private static let text = """
            listen: { address: 127.0.0.1:0, trusted_proxies: [127.0.0.1/32] }
            admin: { address: 127.0.0.1:0 }
            celonis:
              base_url: http://127.0.0.1:1
              auth: { type: api_key, key: env:KEY }
            models: { m: { pool_id: p, data_model_id: d, debounce: 9m } }
            sources:
              slack: { signature: slack, secrets: [env:KEY] }
              github: { signature: github, secrets: [env:KEY] }
              grid: { signature: { bearer: true }, secrets: [env:KEY], handshake: event_grid }
              clouds: { signature: { bearer: true }, secrets: [env:KEY], handshake: cloud_events }
              inside: { signature: none, allow_from: [10.0.0.0/8] }
              slow: { signature: { header_token: X-Api-Key }, secrets: [env:KEY], rate_limit: { per_second: 0.001, burst: 2 } }
              svix: { signature: svix, secrets: [env:WHSEC] }
            rules:
              - { name: all, source: [slack, github, grid, clouds, inside, slow, svix], reload: { model: m, tables: [A] } }
            limits: { drain_timeout: 1ms }
            """
        private static let environment = ["KEY": "canary-key", "WHSEC": "whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5"]

        private struct Service {
            var program: Program
            var base: String
            var settings: Configuration
            var folder: TemporaryFolder

            func post(
                _ source: String,
                _ body: String,
                headers: [(String, String)] = [],
                sign: Bool = true
            ) async throws -> (status: Int, text: String) {
                let settings = try #require(settings.sources.first { $0.name == source })
                var sample = try SampleDelivery(
                    source: settings,
                    base: base,
                    body: Array(body.utf8),
                    now: SystemClock().now().wall,
                    messageID: "msg_1"
                )
                if !sign { sample.headers = HeaderList([("content-type", "application/json")]) }
                sample.headers.fields += headers.map { (name: $0.0, value: $0.1) }
                let answer = try await sample.post()
                return (answer.status, String(decoding: answer.body, as: UTF8.self))
            }

            func stop() async throws {
                program.interrupt()
                _ = try await program.ended()
            }
        }

        private func start() async throws -> Service {
            let folder = try TemporaryFolder()
            let path = try folder.file("senders.yaml", Self.text)
            let program = try Program("reloader", ["serve", "--config", path], environment: Self.environment)
            let line = try #require(await program.line(with: "listening"))
            let address = try #require(line.split(separator: " ").first { $0.hasPrefix("address=") }).dropFirst(8)
            let loaded = SettingsLoader.load(
                text: Self.text,
                file: path,
                secrets: FixedSecrets(variables: Self.environment)
            )
            return Service(
                program: program,
                base: "http://\(address)",
                settings: try #require(loaded.configuration),
                folder: folder
            )
        }

        @Test("handshakes are answered on sources of that kind, after their proof, and load nothing")
        func handshakes() async throws {
            let service = try await start()
            let challenge = #"{"type":"url_verification","challenge":"c\"1"}"#
            #expect(try await service.post("slack", challenge) == (200, #"{"challenge":"c\"1"}"#))
            #expect(try await service.post("slack", challenge, sign: false).status == 401)
            #expect(try await service.post("github", challenge).status == 202)

            let validation =
                #"[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"v1"}}]"#
            #expect(try await service.post("grid", validation) == (200, #"{"validationResponse":"v1"}"#))
            #expect(try await service.post("grid", validation, sign: false).status == 401)
            #expect(try await service.post("clouds", validation).status == 202)
            try await service.stop()
        }

        @Test("OPTIONS is answered where handshake is cloud_events, and is 405 elsewhere")
        func options() async throws {
            let service = try await start()
            let caller = HTTPCaller()
            let headers = HeaderList([("webhook-request-origin", "events.example.com")])
            let answer = try await caller.options(service.base + "/hooks/clouds", headers: headers)
            #expect(answer.status == 200)
            #expect(answer.headers.values(named: "webhook-allowed-origin") == ["events.example.com"])
            #expect(answer.headers.values(named: "webhook-allowed-rate") == ["*"])
            let elsewhere = try await caller.options(service.base + "/hooks/grid", headers: headers)
            #expect(elsewhere.status == 405)
            #expect(elsewhere.headers.values(named: "allow") == ["POST"])
            try await service.stop()
        }

        @Test("GitHub's ping is answered 202 and matches no rule")
        func ping() async throws {
            let service = try await start()
            let ping = try await service.post("github", "{}", headers: [("X-GitHub-Event", "ping")])
            #expect(ping.status == 202)
            #expect(ping.text.contains("\"unmatched\""))
            let push = try await service.post("github", "{}", headers: [("X-GitHub-Event", "push")])
            #expect(push.text.contains("\"accepted\""))
            try await service.stop()
        }

        @Test("allow_from sees the sender behind a trusted proxy, and nothing the sender wrote itself")
        func allowFrom() async throws {
            let service = try await start()
            #expect(try await service.post("inside", "{}").status == 403)
            #expect(try await service.post("inside", "{}", headers: [("x-forwarded-for", "10.1.2.3")]).status == 202)
            let forged = [("x-forwarded-for", "10.1.2.3, 192.0.2.1")]
            #expect(try await service.post("inside", "{}", headers: forged).status == 403)
            try await service.stop()
        }

        @Test("over the rate limit a delivery is 429 with Retry-After, whoever signs it")
        func rateLimit() async throws {
            let service = try await start()
            #expect(try await service.post("slow", "{}").status == 202)
            #expect(try await service.post("slow", "{}", sign: false).status == 401)
            #expect(try await service.post("slow", "{}").status == 429)
            try await service.stop()
        }

        @Test("Q16: a signed id header makes a redelivery a duplicate, under either of its names")
        func signedIDs() async throws {
            let service = try await start()
            #expect(try await service.post("svix", #"{"a":1}"#).status == 202)
            #expect(try await service.post("svix", #"{"a":1}"#).status == 200)
            let source = try #require(service.settings.sources.first { $0.name == "svix" })
            var sample = try SampleDelivery(
                source: source,
                base: service.base,
                body: Array(#"{"a":1}"#.utf8),
                now: SystemClock().now().wall,
                messageID: "msg_1"
            )
            sample.headers.fields = sample.headers.fields.map { field in
                (field.name.replacingOccurrences(of: "svix-", with: "webhook-"), field.value)
            }
            #expect(try await sample.post().status == 200)
            try await service.stop()
        }
    }
}
