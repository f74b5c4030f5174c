import NIOCore
import NIOPosix
import Testing
import Vocabulary

@testable import Listener

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private let host = "Host: a\r\n"
private let hello = "GET /hello HTTP/1.1\r\n\(host)\r\n"

extension ServerLimits {
    /// No time of these passes, however late a busy machine lets a test go on.
    static var patient: ServerLimits {
        var limits = ServerLimits()
        limits.headerTimeout = .seconds(3600)
        limits.bodyTimeout = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        return limits
    }
}

/// Starts a server on a free port, runs `body`, stops.
func withServer(
    _ address: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
    threads: Int = 2,
    limits: ServerLimits = .patient,
    certificate: ServerCertificate? = nil,
    _ body: (HTTPServer, TestHandler) async throws -> Void
) async throws {
    let handler = TestHandler()
    let server = try await HTTPServer.start(
        ServerConfiguration(address: address, threads: threads, limits: limits, certificate: certificate),
        handler: handler
    )
    do {
        try await body(server, handler)
    } catch {
        await server.shutdown(within: .zero)
        throw error
    }
    await server.shutdown(within: .zero)
    #expect(server.openConnections == 0)
}

/// A path that no other test uses.
private func freshPath() -> String { "/tmp/listener-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock" }

@Suite(.timeLimit(.minutes(15))) struct HTTPServerTests {
    @Test("Many requests on one connection, and many connections at once, are all answered")
    func keepAlive() async throws {
        try await withServer { server, handler in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await Client.connect(to: server) { client in
                            for count in 1...20 {
                                try await client.send(hello)
                                while client.received.statuses.count < count || !client.received.hasSuffix("hello") {
                                    _ = try await client.readMore()
                                }
                            }
                            #expect(client.received.statuses == Array(repeating: 200, count: 20))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(handler.log.count == 400)
        }
    }

    @Test("A refused upload can read its answer although it goes on sending", arguments: ["/refuse", "/echo"])
    func refusedUpload(path: String) async throws {
        try await withServer { server, _ in
            let answer = try await Client.connect(to: server) { client in
                let head = "POST \(path) HTTP/1.1\r\n\(host)Content-Length: 300000000\r\n\r\n"
                // At once: what is sent later than a linger after the answer finds the connection closed.
                try await client.send(head + String(repeating: "\0", count: 2 << 20))
                return try await client.readToEnd()
            }
            #expect(answer.statuses == [path == "/echo" ? 413 : 403])
            #expect(answer.saysClose)
        }
    }

    @Test("A refused chunked upload can read its answer although it goes on sending")
    func refusedChunks() async throws {
        try await withServer { server, _ in
            let answer = try await Client.connect(to: server) { client in
                let head = "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
                let chunk = "10000\r\n" + String(repeating: "\0", count: 65_536) + "\r\n"
                try await client.send(head + String(repeating: chunk, count: 20))
                return try await client.readToEnd()
            }
            #expect(answer.statuses == [413])
        }
    }

    @Test("A peer that closes its half after its requests still gets every answer, large ones too")
    func halfClosed() async throws {
        try await withServer { server, _ in
            let bytes = try await Client.connect(to: server) { client in
                try await client.send(String(repeating: "GET /large HTTP/1.1\r\n\(host)\r\n", count: 8))
                client.finish()
                return try await client.countToEnd()
            }
            #expect(bytes > 8 << 20)
            let answer = try await Client.connect(to: server) { client in
                try await client.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 2\r\n\r\nhi")
                client.finish()
                return try await client.readToEnd()
            }
            #expect(answer.statuses == [202])
            #expect(answer.hasSuffix("hi"))
        }
    }

    @Test("A burst of requests for large answers is answered in full to a peer that reads late")
    func largeAnswers() async throws {
        try await withServer { server, handler in
            let count = 20
            let bytes = try await Client.connect(to: server) { client in
                let one = "GET /large HTTP/1.1\r\n\(host)\r\n"
                try await client.send(String(repeating: one, count: count))
                try await client.send("GET /large HTTP/1.0\r\n\r\n")
                return try await client.countToEnd()
            }
            #expect(bytes > (count + 1) << 20)
            #expect(handler.log.count == count + 1)
        }
    }

    @Test(
        "Whoever sent something before it was accepted is answered, though it has closed its half; who did not is let go"
    )
    func goneBeforeItsTurn() async throws {
        let handler = TestHandler()
        let configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient)
        let server = try await HTTPServer.open(configuration, handler: handler)
        try await Client.connect(to: server) { silent in
            silent.finish()
            try await Client.connect(to: server) { sender in
                try await sender.send(hello)
                sender.finish()
                server.accept()
                #expect(try await sender.readToEnd().statuses == [200])
                #expect(try await silent.readToEnd() == "")
            }
        }
        #expect(handler.log == ["GET /hello"])
        await server.shutdown(within: .zero)
    }

    @Test("At the limit of connections the one that has been idle longest goes")
    func connectionLimit() async throws {
        var limits = ServerLimits.patient
        limits.connections = 2
        try await withServer(limits: limits) { server, _ in
            try await Client.connect(to: server) { first in
                try await first.send(hello)
                _ = try await first.read(until: "hello")
                try await Client.connect(to: server) { second in
                    try await second.send(hello)
                    _ = try await second.read(until: "hello")
                    try await Client.connect(to: server) { third in
                        #expect(try await first.readToEnd().statuses == [200])
                        try await third.send(hello)
                        #expect(try await third.read(until: "hello").statuses == [200])
                        try await second.send("GET /hello HTTP/1.0\r\n\r\n")
                        #expect(try await second.readToEnd().statuses == [200, 200])
                    }
                }
            }
        }
    }

    @Test("Other limits hold for the connections that come; those that are open keep theirs")
    func otherLimits() async throws {
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: TestHandler()
        )
        try await Client.connect(to: server) { old in
            try await old.send(hello)
            _ = try await old.read(until: "hello")
            var limits = ServerLimits.patient
            limits.idleTimeout = .milliseconds(1)
            server.setLimits(limits)
            try await Client.connect(to: server) { new in
                try await new.send(hello)
                #expect(try await new.readToEnd().statuses == [200])
            }
            try await old.send(hello)
            while try await old.readMore(), old.received.statuses.count < 2 {}
            #expect(old.received.statuses == [200, 200])
            old.finish()
        }
        await server.shutdown(within: .seconds(600))
    }

    @Test("A stop closes idle connections, lets the request in flight end, and takes no new one")
    func stopping() async throws {
        let handler = TestHandler()
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: handler
        )
        try await Client.connect(to: server) { idle in
            try await idle.send(hello)
            _ = try await idle.read(until: "hello")
            try await Client.connect(to: server) { busy in
                try await busy.send("POST /echo HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                _ = try await busy.read(until: "100 Continue\r\n\r\n")
                async let stopped: Void = server.shutdown(within: .seconds(600))
                #expect(try await idle.readToEnd().statuses == [200])
                try await busy.send("hi")
                let answer = try await busy.readToEnd()
                #expect(answer.statuses == [100, 202])
                #expect(answer.saysClose)
                busy.finish()
                await stopped
            }
        }
        await #expect(throws: (any Error).self) { try await Client.connect(to: server) { _ in } }
    }

    @Test("Who has just connected when the server stops may still send one request")
    func freshAtStop() throws {
        let registry = ConnectionRegistry(maximum: 2)
        let (fresh, silent) = (try Bench(registry: registry), try Bench(registry: registry))
        registry.stop()
        for bench in [fresh, silent] { #expect(bench.advance(.milliseconds(999)) == "") }
        let answer = fresh.send(hello)
        #expect(answer.statuses == [200] && answer.saysClose)
        #expect(fresh.advance(.milliseconds(1)) + silent.advance(.milliseconds(1)) == "")
        #expect(!fresh.isOpen && !silent.isOpen)
    }

    @Test("A stop does not wait for a stuck peer beyond its grace, and the receiver hears of it")
    func stuckPeer() async throws {
        let handler = TestHandler()
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: handler
        )
        try await Client.connect(to: server) { stuck in
            try await stuck.send("POST /echo HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            _ = try await stuck.read(until: "100 Continue\r\n\r\n")
            await server.shutdown(within: .milliseconds(1))
            #expect(handler.log == ["POST /echo", "abandoned after 0"])
        }
    }

    @Test("An address that is taken is named in the error")
    func addressTaken() async throws {
        try await withServer { server, _ in
            let error = await #expect(throws: ListenError.self) {
                try await HTTPServer.start(ServerConfiguration(address: server.address), handler: TestHandler())
            }
            #expect(error?.description == "cannot listen on \(server.address): Address already in use")
        }
    }

    @Test("A unix socket is open to its group, taken by one server, and gone after the stop")
    func unixSocket() async throws {
        let path = freshPath()
        try await withServer(.unix(path: path)) { server, _ in
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            let answer = try await Client.connect(to: server) { client in
                try await client.send("GET /hello HTTP/1.0\r\n\r\n")
                return try await client.readToEnd()
            }
            #expect(answer.statuses == [200])
            let error = await #expect(throws: ListenError.self) {
                try await HTTPServer.start(ServerConfiguration(address: .unix(path: path)), handler: TestHandler())
            }
            #expect(error?.description == "cannot listen on unix:\(path): another process listens on it")
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test("The socket file of a dead process is replaced; a file that is no socket stays")
    func staleSocket() async throws {
        let path = freshPath()
        let old = freshPath()
        try await withServer(.unix(path: old)) { _, _ in #expect(link(old, path) == 0) }
        #expect(access(path, F_OK) == 0)
        try await withServer(.unix(path: path)) { _, _ in }

        let file = freshPath()
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(file) }
        await #expect(throws: ListenError.self) {
            try await HTTPServer.start(ServerConfiguration(address: .unix(path: file)), handler: TestHandler())
        }
        #expect(access(file, F_OK) == 0)
    }

    @Test("A socket is taken over only if the environment names this process")
    func handedOver() {
        func count(_ pid: String?, _ count: String?) -> Int {
            HandedOverSocket.count(listenPID: pid, listenFDs: count, processID: 42)
        }
        #expect(count("42", "1") == 1)
        #expect(count("42", "2") == 2)
        #expect(count("43", "1") == 0)
        #expect(count("42", "0") == 0)
        #expect(count(nil, "1") == 0)
        #expect(count("42", nil) == 0)
        #expect(count("x", "1") == 0)
        #expect(count("42", "x") == 0)
    }
}
