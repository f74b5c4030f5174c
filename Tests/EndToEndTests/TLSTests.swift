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
            let world = try await World(
                debounce: "9m",
                edit: { text, _ in
                    text.replacingOccurrences(
                        of: "address: 127.0.0.1:0 }\nadmin",
                        with: "address: 127.0.0.1:0, \(tls) }\nadmin"
                    )
                }
            )
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
            await world.abandon()
        }

        @Test("serve ends with 1 and names the certificate that it cannot use")
        func missing() async throws {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
                .replacingOccurrences(
                    of: "listen: { address: 127.0.0.1:0 }",
                    with:
                        "listen: { address: 127.0.0.1:0, tls: { certificate: /none/tls.crt, private_key: /none/tls.key } }"
                )
            let end = try await Program(
                "reloader",
                ["serve", "--config", folder.file("reloader.yaml", text)],
                environment: ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
            ).ended()
            #expect(end.status == 1)
            #expect(end.errors.contains("listen.tls.certificate: cannot use /none/tls.crt: No such file or directory"))
        }
    }
}
