import Foundation
import Testing

extension EndToEndTests {
    /// `listen.tls` with openssl as the sender (product.md §2).
    @Suite("TLS")
    struct TLSTests {
        private func copy(_ from: String, to: String) throws {
            try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
        }

        /// Whether a delivery is taken in, for a sender that trusts this certificate only.
        private func isAccepted(_ table: String, by world: World, trusting certificate: String) async throws -> Bool {
            let request = try world.request(World.body(table, id: UUID().uuidString), fields: "connection: close\r\n")
            let port = try #require(URL(string: world.base)?.port)
            let sent = try await Program(
                "/usr/bin/openssl",
                ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)", "-servername", "localhost"]
                    + ["-CAfile", certificate, "-verify_return_error"],
                input: String(decoding: request.head + request.body, as: UTF8.self)
            ).ended()
            return sent.output.contains("HTTP/1.1 202")
        }

        /// A service whose `listen` has these keys too.
        private func world(with tls: String) async throws -> World {
            try await World(
                debounce: "9m",
                edit: { text, _ in
                    text.replacingOccurrences(
                        of: "address: 127.0.0.1:0 }\nadmin",
                        with: "address: 127.0.0.1:0, \(tls) }\nadmin"
                    )
                }
            )
        }

        @Test("a changed certificate is served, one that cannot be used is refused, and the former one is served on")
        func replaced() async throws {
            let folder = try TemporaryFolder()
            let first = try await CertificatePair.make("first", in: folder)
            let second = try await CertificatePair.make("second", in: folder)
            let served = CertificatePair(certificate: folder.url.path + "/tls.crt", key: folder.url.path + "/tls.key")
            func serve(_ pair: CertificatePair) throws {
                try copy(pair.key, to: served.key)
                try copy(pair.certificate, to: served.certificate)
            }
            try serve(first)
            let tls = "tls: { certificate: \(served.certificate), private_key: \(served.key) }"
            let world = try await world(with: tls)
            #expect(try await isAccepted("EKKO", by: world, trusting: first.certificate))

            try serve(second)
            _ = try #require(await world.service.line(with: "configuration loaded"))
            #expect(try await isAccepted("EKPO", by: world, trusting: second.certificate))
            #expect(try await !isAccepted("VBAK", by: world, trusting: first.certificate))

            try copy(first.key, to: served.key)
            world.service.interrupt(SIGHUP)
            _ = try #require(
                await world.service.line(with: "configuration refused", "\(served.key) is not the private key")
            )
            let health = try await world.health()
            #expect(health.status == .degraded)
            #expect(health.configuration.error?.contains("is not the private key") == true)
            #expect(try await isAccepted("VBAK", by: world, trusting: second.certificate))

            try copy(first.certificate, to: served.certificate)
            _ = try #require(await world.service.line(2, with: "configuration loaded"))
            #expect(try await isAccepted("VBAP", by: world, trusting: first.certificate))
            #expect(try await world.configurationIsValid())

            // What is wrong elsewhere keeps no certificate from being renewed.
            try world.replaceFile(with: "nonsense: [")
            _ = try #require(await world.service.line(2, with: "configuration refused"))
            try serve(second)
            _ = try #require(await world.service.line(3, with: "configuration refused"))
            #expect(try await isAccepted("LIPS", by: world, trusting: second.certificate))
            await world.abandon()
        }

        /// The configuration with other words in the place of the plain address.
        private func configuration(_ listen: String, celonis: String = "") -> String {
            World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
                .replacingOccurrences(of: "listen: { address: 127.0.0.1:0 }", with: "listen: { \(listen) }")
                .replacingOccurrences(of: "celonis:\n", with: "celonis:\n\(celonis)")
        }

        private func run(_ arguments: [String]) async throws -> (status: Int32, output: String, errors: String) {
            try await Program(
                "reloader",
                arguments,
                environment: ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
            ).ended()
        }

        /// serve ends with 1 and this sentence, check with 0 and it as a warning.
        private func expectNoStart(_ text: String, _ sentence: String) async throws {
            let folder = try TemporaryFolder()
            let file = try folder.file("reloader.yaml", text)
            let end = try await run(["serve", "--config", file])
            #expect(end.status == 1)
            #expect(end.errors.contains(sentence), "\(end.errors)")
            let checked = try await run(["check", "--config", file])
            #expect(checked.status == 0)
            #expect(checked.output.contains("warning: " + sentence), "\(checked.output)")
        }

        @Test("serve ends with 1 and names the certificate that it cannot use; check warns of it")
        func missing() async throws {
            try await expectNoStart(
                configuration("address: 127.0.0.1:0, tls: { certificate: /none/tls.crt, private_key: /none/tls.key }"),
                "listen.tls.certificate: cannot use /none/tls.crt: No such file or directory"
            )
        }

        @Test("serve ends with 1 and names the ca_file that it cannot use; check warns of it")
        func missingAuthority() async throws {
            let folder = try TemporaryFolder()
            let empty = try folder.file("ca.pem", "no certificate\n")
            for (path, reason) in [
                ("/none/ca.pem", "No such file or directory"), (empty, "it holds no PEM certificate"),
            ] {
                try await expectNoStart(
                    configuration("address: 127.0.0.1:0", celonis: "  ca_file: \(path)\n"),
                    "celonis.ca_file: cannot use \(path): \(reason)"
                )
            }
        }

        @Test("send reaches the configured service on this machine, whose certificate has another name")
        func send() async throws {
            let folder = try TemporaryFolder()
            let pair = try await CertificatePair.make("public", in: folder, names: "DNS:hooks.example.com")
            let tls = "tls: { certificate: \(pair.certificate), private_key: \(pair.key) }"
            let world = try await world(with: tls)
            let port = try #require(URL(string: world.base)?.port)
            let file = try folder.file("reloader.yaml", configuration("address: 127.0.0.1:\(port), \(tls)"))
            let body = try folder.file("event.json", String(decoding: World.body("EKKO", id: "1"), as: UTF8.self))
            func send(_ more: [String] = []) async throws -> (status: Int32, output: String, errors: String) {
                try await run(["send", "--config", file, "--source", "fivetran", "--body", body] + more)
            }
            let sent = try await send()
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(sent.output.contains(#""status":"accepted""#))
            // Whoever names an address wants to see what others see.
            let named = try await send(["--url", "https://127.0.0.1:\(port)"])
            #expect(named.status == 1)
            #expect(named.errors.contains("TLS: its certificate could not be verified"), "\(named.errors)")
            #expect(!named.errors.contains("BoringSSL"), "\(named.errors)")
            await world.abandon()
        }
    }
}
