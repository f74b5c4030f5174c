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
              here: { signature: none, allow_from: [127.0.0.0/8] }
              afar: { signature: none, allow_from: [10.0.0.0/8], handshake: cloud_events, rate_limit: { per_second: 0.001, burst: 1 } }
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
                let answer = try await sample.post(with: .patient)
                return (answer.status, String(decoding: answer.body, as: UTF8.self))
            }

            @discardableResult
            func stop() async throws -> String {
                program.interrupt()
                return try await program.ended().errors
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
            let caller = HTTPCaller.patient
            let headers = HeaderList([("webhook-request-origin", "events.example.com")])
            let answer = try await caller.options(service.base + "/hooks/clouds", headers: headers)
            #expect(answer.status == 200)
            #expect(answer.headers.values(named: "webhook-allowed-origin") == ["events.example.com"])
            #expect(answer.headers.values(named: "webhook-allowed-rate") == ["*"])
            let elsewhere = try await caller.options(service.base + "/hooks/grid", headers: headers)
            #expect(elsewhere.status == 405)
            #expect(elsewhere.headers.values(named: "allow") == ["POST"])
            // Who may not deliver is not told what may be sent, and asking counts as sending.
            #expect(try await caller.options(service.base + "/hooks/afar", headers: headers).status == 403)
            let inside = HeaderList(headers.fields + [(name: "x-forwarded-for", value: "10.1.2.3")])
            #expect(try await caller.options(service.base + "/hooks/afar", headers: inside).status == 200)
            #expect(try await caller.options(service.base + "/hooks/afar", headers: inside).status == 429)
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
            #expect(try await sample.post(with: .patient).status == 200)
            try await service.stop()
        }

        @Test("allow_from sees an address with its port too, and none where a hop is no address")
        func forwardedPorts() async throws {
            let service = try await start()
            for (forwarded, status) in [
                ("10.1.2.3:5678", 202), ("10.1.2.3 , 127.0.0.1:80", 202), ("\"10.1.2.3\"", 403), ("10.1.2.3:x", 403),
                ("[::ffff:10.1.2.3]:443", 202), ("[2001:db8::1]:443", 403), ("unknown", 403), ("", 403),
            ] {
                let answer = try await service.post("inside", "{}", headers: [("x-forwarded-for", forwarded)])
                #expect(answer.status == status, "\(forwarded)")
            }
            // The proxy itself is let in there, but not for somebody whom it names in a way that cannot be read.
            for (forwarded, status) in [("", 202), ("127.0.0.1", 202), ("unknown", 403), ("unknown, 127.0.0.1", 403)] {
                let answer = try await service.post("here", "{}", headers: [("x-forwarded-for", forwarded)])
                #expect(answer.status == status, "\(forwarded)")
            }
            #expect(try await service.post("here", "{}").status == 202)
            try await service.stop()
        }

        @Test("a method that nobody knows is 405 with Allow, and 404 where there is no such path")
        func unknownMethod() async throws {
            let service = try await start()
            let caller = HTTPCaller.patient
            for (path, status, allow) in [
                ("/hooks/slack", 405, ["POST"]), ("/hooks/clouds", 405, ["POST, OPTIONS"]), ("/hooks/nobody", 404, []),
                ("/health/live", 405, ["GET, HEAD"]), ("/hooks/slack/", 404, []),
            ] {
                let answer = try await caller.call("BREW", service.base + path)
                #expect(answer.status == status, "\(path)")
                #expect(answer.headers.values(named: "allow") == allow, "\(path)")
            }
            let head = try await caller.call("HEAD", service.base + "/health/live")
            #expect(head.status == 200)
            #expect(try await caller.call("HEAD", service.base + "/hooks/slack").status == 405)
            #expect(try await caller.call("POST", service.base + "/hooks/sl%61ck", body: []).status == 401)
            try await service.stop()
        }

        @Test("a body's type may be absent or empty; what is encoded or no JSON is 415")
        func contentTypes() async throws {
            let service = try await start()
            let allowed = [("x-forwarded-for", "10.1.2.3")]
            for (fields, status) in [
                ([("content-type", "")], 202), ([], 202), ([("content-type", "text/html")], 415),
                ([("content-type", "application/cloudevents+json; charset=utf-8")], 202),
                ([("content-encoding", "gzip")], 415), ([("content-encoding", "identity")], 202),
                ([("content-type", "text/plain"), ("content-type", "")], 415),
            ] as [([(String, String)], Int)] {
                let headers = HeaderList((allowed + fields).map { (name: $0.0, value: $0.1) })
                let answer = try await HTTPCaller.patient.post(
                    service.base + "/hooks/inside",
                    headers: headers,
                    body: Array("{}".utf8)
                )
                #expect(answer.status == status, "\(fields)")
            }
            try await service.stop()
        }

        @Test("S8: a 401 names the source's own scheme, and is the same whatever was wrong")
        func challenges() async throws {
            let service = try await start()
            let caller = HTTPCaller.patient
            for (source, challenge) in [
                ("slack", "Signature"), ("grid", "Bearer realm=\"reloader\""), ("slow", "Signature"),
            ] {
                var answers: [String] = []
                for value in [nil, "Bearer wrong", "wrong"] {
                    let headers = HeaderList(value.map { [(name: "authorization", value: $0)] } ?? [])
                    let url = service.base + "/hooks/" + source
                    let answer = try await caller.post(url, headers: headers, body: Array("{}".utf8))
                    #expect(answer.headers.values(named: "www-authenticate") == [challenge])
                    answers.append(
                        "\(answer.status) \(answer.headers.fields) \(String(decoding: answer.body, as: UTF8.self))"
                    )
                    if source == "slow" { break }
                }
                #expect(answers[0].hasPrefix("401 "))
                #expect(Set(answers).count == 1, "\(answers)")
            }
            try await service.stop()
        }

        @Test("refused deliveries are told at the default level, once and not each; so are check's warnings")
        func refusalsAreTold() async throws {
            let service = try await start()
            for _ in 0..<3 {
                #expect(try await service.post("slack", "{}", sign: false).status == 401)
                #expect(try await service.post("inside", "{}").status == 403)
            }
            // The second type beside the one that the sample has: what there is twice is none.
            #expect(try await service.post("slack", "{}", headers: [("content-type", "text/xml")]).status == 415)
            let log = try await service.stop()
            let told = log.split(separator: "\n").filter { $0.contains("deliveries refused") }
            #expect(told.count == 3, "\(log)")
            #expect(told.contains { $0.contains("reason=content_type sender=127.0.0.1 source=slack") }, "\(log)")
            #expect(told.contains { $0.contains("count=1 reason=missing") && $0.hasSuffix("source=slack") }, "\(log)")
            #expect(told.contains { $0.contains("reason=not_in_allow_from sender=127.0.0.1 source=inside") }, "\(log)")
            #expect(told.allSatisfy { $0.contains(" warning ") })
            #expect(!log.contains("delivery refused"))
            #expect(log.contains("configuration warning at=") && log.contains("senders.yaml:12:"), "\(log)")
        }
    }
}
