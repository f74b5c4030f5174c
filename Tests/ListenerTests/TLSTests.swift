import NIOCore
import NIOSSL
import Testing

@testable import Listener

private let host = "Host: a\r\n"
private let hello = "GET /hello HTTP/1.1\r\n\(host)\r\n"

/// `listen.tls` (product.md §2; issue 9, point 5).
@Suite(.timeLimit(.minutes(15))) struct TLSTests {
    @Test("TLS 1.2 and 1.3 are spoken", arguments: [TLSVersion.tlsv12, .tlsv13])
    func versions(_ version: TLSVersion) async throws {
        let pair = try TestCertificate()
        try await withServer(certificate: pair.served()) { server, _ in
            try await Client.connect(to: server, tls: pair.client(version)) { client in
                try await client.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 2\r\n\r\nhi")
                #expect(try await client.read(until: "hi").statuses == [202])
                try await client.send("GET /large HTTP/1.0\r\n\r\n")
                #expect(try await client.countToEnd() > 1 << 20)
            }
        }
    }

    @Test("Neither TLS 1.1 nor plain HTTP is answered, and no handler hears of it")
    func refused() async throws {
        let pair = try TestCertificate()
        try await withServer(certificate: pair.served()) { server, handler in
            await #expect(throws: (any Error).self) {
                try await Client.connect(to: server, tls: pair.client(.tlsv11)) { client in
                    try await client.send(hello)
                    _ = try await client.readToEnd()
                }
            }
            let answer = try await Client.connect(to: server) { client in
                try await client.send(hello)
                return try? await client.readToEnd()
            }
            #expect(answer?.contains("HTTP/1.1") != true)
            #expect(handler.log.isEmpty)
        }
    }

    @Test("Another certificate is for the connections that come; those that are open go on")
    func replaced() async throws {
        let first = try TestCertificate()
        let second = try TestCertificate()
        try await withServer(certificate: first.served()) { server, _ in
            try await Client.connect(to: server, tls: first.client()) { old in
                try await old.send(hello)
                _ = try await old.read(until: "hello")
                server.setCertificate(try second.served())
                try await Client.connect(to: server, tls: second.client()) { new in
                    try await new.send(hello)
                    #expect(try await new.read(until: "hello").statuses == [200])
                }
                await #expect(throws: (any Error).self) {
                    try await Client.connect(to: server, tls: first.client()) { client in
                        try await client.send(hello)
                        _ = try await client.readToEnd()
                    }
                }
                try await old.send("GET /hello HTTP/1.0\r\n\r\n")
                #expect(try await old.readToEnd().statuses == [200, 200])
            }
            server.setCertificate(nil)
            try await Client.connect(to: server) { plain in
                try await plain.send(hello)
                #expect(try await plain.read(until: "hello").statuses == [200])
            }
        }
    }

    @Test("A peer that does not end its handshake loses its connection after header_timeout, without a word")
    func slowHandshake() throws {
        let bench = try Bench(certificate: TestCertificate().served())
        var answer = ""
        // The beginning of a ClientHello of 512 bytes, a byte a second.
        for byte in [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc] as [UInt8] {
            answer += bench.send(bytes: [byte]) + bench.advance(.seconds(1))
            #expect(bench.isOpen)
        }
        answer += bench.advance(.seconds(1)) + bench.advance(.zero)
        #expect(!bench.isOpen)
        #expect(!answer.contains("HTTP"))
        #expect(bench.handler.log.isEmpty)
    }

    @Test("A handshake that stops in the middle ends after header_timeout on a socket as well")
    func stalledHandshake() async throws {
        var limits = ServerLimits.patient
        limits.headerTimeout = .milliseconds(50)
        try await withServer(limits: limits, certificate: TestCertificate().served()) { server, handler in
            let stalled = try RawSocket(to: server)
            stalled.send("\u{16}\u{3}\u{1}")
            #expect(!stalled.readToEnd().contains("HTTP"))
            #expect(handler.log.isEmpty)
        }
    }

    @Test("A stop closes idle connections and lets the request in flight end")
    func stopping() async throws {
        let pair = try TestCertificate()
        try await withServer(certificate: pair.served()) { server, _ in
            try await Client.connect(to: server, tls: pair.client()) { idle in
                try await idle.send(hello)
                _ = try await idle.read(until: "hello")
                try await Client.connect(to: server, tls: pair.client()) { busy in
                    try await busy.send(
                        "POST /echo HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
                    )
                    _ = try await busy.read(until: "100 Continue\r\n\r\n")
                    async let stopped: Void = server.stop(within: .seconds(600))
                    #expect(try await idle.readToEnd().statuses == [200])
                    try await busy.send("hi")
                    let answer = try await busy.readToEnd()
                    #expect(answer.statuses == [100, 202])
                    #expect(answer.saysClose)
                    busy.finish()
                    await stopped
                }
            }
        }
    }

    @Test("A certificate or key that cannot be used is named, with the reason")
    func unusable() throws {
        let pair = try TestCertificate()
        let other = try TestCertificate()
        let missing = pair.certificate + ".missing"
        func error(_ certificate: String, _ key: String) -> CertificateError? {
            #expect(throws: CertificateError.self) {
                try ServerCertificate(certificate: certificate, privateKey: key)
            }
        }
        #expect(
            error(missing, pair.privateKey)?.description
                == "listen.tls.certificate: cannot use \(missing): No such file or directory"
        )
        #expect(
            error(pair.certificate, missing)?.description
                == "listen.tls.private_key: cannot use \(missing): No such file or directory"
        )
        #expect(
            error(pair.privateKey, pair.privateKey)?.description
                == "listen.tls.certificate: cannot use \(pair.privateKey): it holds no PEM certificate"
        )
        #expect(
            error(pair.certificate, pair.certificate)?.description
                == "listen.tls.private_key: cannot use \(pair.certificate): "
                + "it holds no PEM private key without a passphrase"
        )
        #expect(
            error(pair.certificate, other.privateKey)
                == .noPair(certificate: pair.certificate, privateKey: other.privateKey)
        )
    }
}
