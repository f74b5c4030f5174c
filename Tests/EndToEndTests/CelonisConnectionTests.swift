import CelonisSimulator
import Foundation
import Testing
import Vocabulary

extension EndToEndTests {
    /// The way to Celonis: TLS with a private CA, proxies, redirects (product.md §2, `celonis`).
    @Suite("The way to Celonis")
    struct CelonisConnectionTests {
        /// The configuration with further keys of `celonis`.
        private static func adding(_ keys: String, to text: String) -> String {
            text.replacingOccurrences(of: "celonis:\n", with: "celonis:\n  \(keys)\n")
        }

        private static func serving(_ pair: CertificatePair) -> SimulatorConfiguration {
            SimulatorConfiguration(
                models: [SimulatedModel(loadTime: nil)],
                tls: SimulatedTLS(certificate: pair.certificate, privateKey: pair.key)
            )
        }

        /// What the health page says of why nothing is loaded.
        private func reasons(_ world: World) async throws -> String {
            try await world.health().reasons.joined(separator: "\n")
        }

        private func expectLoad(_ world: World) async throws {
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "outcome=succeeded"))
            #expect(world.simulator.report.violations == [])
        }

        @Test("an unknown CA is told in a sentence that says what to do, and `ca_file` mends it without a restart")
        func privateCA() async throws {
            let folder = try TemporaryFolder()
            let authority = try await CertificatePair.make("authority", in: folder)
            let pair = try await CertificatePair.make("celonis", in: folder, signedBy: authority)
            let world = try await World(debounce: "0s", simulated: Self.serving(pair))
            #expect(world.simulator.baseURL.hasPrefix("https://"))
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            _ = try #require(await world.service.line(with: "look at last-load failed"))
            let reasons = try await reasons(world)
            #expect(reasons.contains("its certificate could not be verified"), "\(reasons)")
            #expect(reasons.contains("name that in celonis.ca_file"), "\(reasons)")
            #expect(!reasons.contains("SSL routines"), "\(reasons)")
            #expect(world.simulator.report.callCounts == [:])

            try await world.reload(to: Self.adding("ca_file: \(authority.certificate)", to: world.text))
            try await expectLoad(world)
            #expect(try await world.stop().status == 0)
        }

        @Test("a certificate for another host is told as such, although its CA is trusted")
        func otherHost() async throws {
            let folder = try TemporaryFolder()
            let authority = try await CertificatePair.make("authority", in: folder)
            let pair = try await CertificatePair.make(
                "celonis",
                in: folder,
                signedBy: authority,
                names: "DNS:elsewhere.example"
            )
            let world = try await World(
                debounce: "0s",
                simulated: Self.serving(pair),
                edit: { text, _ in Self.adding("ca_file: \(authority.certificate)", to: text) }
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            _ = try #require(await world.service.line(with: "look at last-load failed"))
            let reasons = try await reasons(world)
            #expect(reasons.contains("its certificate is for another host"), "\(reasons)")
            #expect(world.simulator.report.callCounts == [:])
            await world.abandon()
        }

        @Test("every call goes through the proxy: `celonis.proxy`, else HTTPS_PROXY", arguments: [true, false])
        func proxy(configured: Bool) async throws {
            let folder = try TemporaryFolder()
            let authority = try await CertificatePair.make("authority", in: folder)
            let pair = try await CertificatePair.make("celonis", in: folder, signedBy: authority)
            let proxy = try ConnectProxy(user: "user:canary-of-the-proxy")
            let address = "http://user:canary-of-the-proxy@127.0.0.1:\(proxy.port)"
            let world = try await World(
                debounce: "0s",
                // Where both are there, the written one counts.
                environment: ["HTTPS_PROXY": configured ? "http://127.0.0.1:1" : address],
                simulated: Self.serving(pair),
                edit: { text, _ in
                    let trusting = Self.adding("ca_file: \(authority.certificate)", to: text)
                    return configured ? Self.adding("proxy: \(address)", to: trusting) : trusting
                }
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            try await expectLoad(world)
            let host = world.simulator.baseURL.dropFirst("https://".count)
            #expect(!proxy.requests.isEmpty)
            #expect(proxy.requests.allSatisfy { $0 == "CONNECT \(host) HTTP/1.1" }, "\(proxy.requests)")
            let end = try await world.stop()
            #expect(end.status == 0)
            #expect(!(end.output + end.errors).contains("canary-of-the-proxy"))
            proxy.stop()
        }

        @Test("a proxy that refuses is named as the cause, and is not gone around")
        func refusingProxy() async throws {
            let proxy = try ConnectProxy(user: "user:right")
            let folder = try TemporaryFolder()
            let pair = try await CertificatePair.make("celonis", in: folder)
            let world = try await World(
                debounce: "0s",
                environment: ["HTTPS_PROXY": "http://user:canary-wrong@127.0.0.1:\(proxy.port)"],
                simulated: Self.serving(pair)
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            _ = try #require(await world.service.line(with: "look at last-load failed"))
            let reasons = try await reasons(world)
            #expect(reasons.contains("the proxy demands other credentials"), "\(reasons)")
            #expect(!reasons.contains("canary-wrong"))
            #expect(world.simulator.report.callCounts == [:])
            await world.abandon()
            proxy.stop()
        }

        @Test("HTTPS_PROXY does not stand between us and a plain address on this machine")
        func loopback() async throws {
            let world = try await World(debounce: "0s", environment: ["HTTPS_PROXY": "http://127.0.0.1:1"])
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            try await expectLoad(world)
            #expect(try await world.stop().status == 0)
        }

        @Test(
            "a redirect is told, and followed by nobody: no credential goes elsewhere",
            arguments: [SimulatedEndpoint.token, .lastLoad, .partialSync]
        )
        func redirect(_ endpoint: SimulatedEndpoint) async throws {
            let elsewhere = try await CelonisSimulator.start()
            let fault = Fault(endpoint: endpoint, status: 307, headers: ["location": elsewhere.baseURL + "/elsewhere"])
            let world = try await World(debounce: "0s", faults: [fault])
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            try await expectLoad(world)
            let end = try await world.stop()
            #expect(end.status == 0)
            #expect(end.errors.contains("a redirect to \(elsewhere.baseURL)/elsewhere, which is not followed"))
            #expect(elsewhere.report.violations == [], "an unknown call is one")
            await elsewhere.shutdown()
        }

        @Test("answers without end, and none at all, cost their bound in time and size and lose nothing")
        func endless() async throws {
            let world = try await World(
                debounce: "0s",
                simulated: SimulatorConfiguration(
                    models: [SimulatedModel(loadTime: nil)],
                    behaviour: SimulatedBehaviour(neverLoaded: .null),
                    faults: [
                        Fault(.hang, endpoint: .token), Fault(.hang, endpoint: .tables),
                        Fault(.slow, endpoint: .tables),
                        Fault(.pass, endpoint: .lastLoad, padding: 2 << 20), Fault(.hang, endpoint: .partialSync),
                    ]
                ),
                edit: { text, _ in
                    Self.adding("request_timeout: 300ms", to: text)
                        .replacingOccurrences(of: "start_within: 30s", with: "start_within: 500ms")
                }
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            try await expectLoad(world)
            let end = try await world.stop()
            #expect(end.status == 0)
            #expect(end.errors.contains("none within 300 ms"))
            #expect(end.errors.contains("is larger than 1 MiB"))
        }
    }
}
