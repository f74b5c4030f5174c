import NIOCore
import Testing

@testable import Listener

private let head = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct AcceptFilterTests {
    private func letsThrough(_ bytes: some Collection<UInt8>) -> Bool {
        Array(bytes).withUnsafeBytes { AcceptFilter.letsThrough($0) }
    }

    @Test(
        "A head is let through when it is complete, and not before",
        arguments: [
            head, "POST / HTTP/1.1\r\nHost: a\r\nX: \t a b\r\n\r\n", "GET / HTTP/1.0\n\n",
        ]
    )
    func completeHead(head: String) {
        for count in 0..<head.utf8.count { #expect(!letsThrough(head.utf8.prefix(count)), "\(count) bytes of \(head)") }
        #expect(letsThrough(head.utf8))
        #expect(letsThrough(Array(head.utf8) + [0, 255]))
    }

    @Test("A first line that is complete and none of HTTP/1 is let through at once")
    func noRequestLine() {
        for line in ["hello", "GET /hello", "GET / HTTP/2.0", "GET / HTTP/1.", "GET /HTTP/1.1"] {
            #expect(!letsThrough((line + "\r").utf8))
            #expect(letsThrough(("\r\n" + line + "\r\n").utf8), "\(line)")
        }
    }

    @Test(
        "What cannot be the beginning of a head is let through at once",
        arguments: [
            // The beginnings of a TLS connection, of text that is not ASCII, and of what a terminal sends.
            [0x16, 3, 1, 2, 0], [UInt8]("GET /ü".utf8), [0x1b, 0x5b, 0x41],
        ]
    )
    func noHead(bytes: [UInt8]) { #expect(letsThrough(bytes)) }

    @Test("As much as the window holds is let through, whatever it is")
    func window() {
        let long = Array(repeating: UInt8(ascii: "x"), count: AcceptFilter.window)
        #expect(!letsThrough(long.dropLast()))
        #expect(letsThrough(long))
    }
}

@Suite(.timeLimit(.minutes(15))) struct AcceptorTests {
    @Test("A head in pieces is answered when it is complete")
    func headInPieces() async throws {
        try await withServer { server, handler in
            try await Client.connect(to: server) { slow in
                for piece in ["GET /hel", "lo HTTP/1.1\r\nHo", "st: a\r\n"] {
                    try await slow.send(piece)
                    // Others are served meanwhile.
                    try await Client.connect(to: server) { other in
                        try await other.send(head)
                        #expect(try await other.read(until: "hello").statuses == [200])
                    }
                }
                while server.openConnections > 1 { await Task.yield() }
                #expect(handler.log.count == 3)
                try await slow.send("\r\n")
                #expect(try await slow.read(until: "hello").statuses == [200])
            }
            #expect(handler.log.count == 4)
        }
    }

    @Test("What is no request is answered at once, a head that never ends once it is too large")
    func noRequest() async throws {
        try await withServer { server, _ in
            try await Client.connect(to: server) { client in
                try await client.send("\u{16}\u{3}\u{1}")
                #expect(try await client.readToEnd().statuses == [400])
            }
            try await Client.connect(to: server) { client in
                try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 20_000))
                #expect(try await client.readToEnd().statuses == [431])
            }
        }
    }

    @Test("Who ends with a part of a head is answered nothing, and so is who ends with nothing")
    func ends() async throws {
        try await withServer { server, handler in
            for text in ["GET /hello HTTP/1.1\r\n", ""] {
                try await Client.connect(to: server) { client in
                    if !text.isEmpty { try await client.send(text) }
                    client.finish()
                    #expect(try await client.readToEnd() == "")
                }
            }
            #expect(handler.log.isEmpty)
        }
    }

    @Test("Who sends no head loses the connection after header_timeout; who has sent a part of one hears why")
    func headerTimeout() async throws {
        var limits = ServerLimits.patient
        limits.headerTimeout = .milliseconds(600)
        try await withServer(limits: limits) { server, handler in
            try await Client.connect(to: server) { silent in
                let slow = try RawSocket(to: server)
                slow.send("GET /hello HTTP/1.1\r\n")
                #expect(try await silent.readToEnd() == "")
                let answer = slow.readToEnd()
                #expect(answer.statuses == [408] && answer.saysClose)
            }
            #expect(handler.log == ["refused"])
        }
    }

    @Test("At the limit of connections the one that has waited longest goes, though it has not sent anything")
    func connectionLimit() async throws {
        var limits = ServerLimits.patient
        limits.connections = 2
        try await withServer(limits: limits) { server, _ in
            try await Client.connect(to: server) { served in
                try await served.send(head)
                _ = try await served.read(until: "hello")
                try await Client.connect(to: server) { silent in
                    while server.openConnections < 2 { await Task.yield() }
                    // It is later than the silent one that this one is idle since.
                    try await served.send(head)
                    while served.received.statuses.count < 2 { _ = try await served.readMore() }
                    try await Client.connect(to: server) { slow in
                        try await slow.send("GET /hel")
                        #expect(try await silent.readToEnd() == "")
                        try await served.send(head)
                        while served.received.statuses.count < 3 { _ = try await served.readMore() }
                        try await slow.send("lo HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await slow.read(until: "hello").statuses == [200])
                    }
                }
            }
        }
    }

    @Test("Who connects and goes by the thousand leaves nothing behind, and keeps nobody from being served")
    func flood() async throws {
        var limits = ServerLimits.patient
        limits.connections = 64
        try await withServer(limits: limits) { server, handler in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        for count in 0..<500 {
                            try await Client.connect(to: server) { client in
                                if count.isMultiple(of: 4) {
                                    try await client.send(index.isMultiple(of: 2) ? "GET" : head)
                                }
                            }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<50 {
                        try await Client.connect(to: server) { client in
                            try await client.send(head)
                            #expect(try await client.read(until: "hello").statuses == [200])
                        }
                    }
                }
                try await group.waitForAll()
            }
            while server.openConnections > 0 { await Task.yield() }
            #expect(handler.log.count >= 50)
        }
    }

    /// What so many are answered who have sent this before they are accepted. Ends once the handler has heard of all.
    private func answers(to text: String, times count: Int, _ limits: ServerLimits) async throws -> [String] {
        let handler = TestHandler()
        let server = try await HTTPServer.open(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), threads: 2, limits: limits),
            handler: handler
        )
        let clients = try (0..<count).map { _ in
            let client = try RawSocket(to: server)
            client.send(text)
            return client
        }
        server.accept()
        while handler.log.count < count { await Task.yield() }
        await server.shutdown(within: .seconds(600))
        return clients.map { $0.readToEnd() }
    }

    @Test("Whole requests beyond the limit of connections wait for their turn, and all are answered")
    func requestsBeyondLimit() async throws {
        var limits = ServerLimits.patient
        limits.connections = 4
        let request = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        for answer in try await answers(to: request, times: 60, limits) { #expect(answer.statuses == [200]) }
    }

    @Test(
        "A header_timeout shorter than anyone looks: who has sent a part of a head hears why",
        arguments: [1, 20, 200]
    )
    func shortTimeout(milliseconds: Int) async throws {
        var limits = ServerLimits.patient
        limits.headerTimeout = .milliseconds(milliseconds)
        let answers = try await answers(to: "GET /hello HTTP/1.1\r\n", times: 20, limits)
        for answer in answers { #expect(answer.statuses == [408]) }
    }

    @Test("A server that was opened and never accepted ends")
    func neverAccepted() async throws {
        let server = try await HTTPServer.open(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            handler: TestHandler()
        )
        await server.shutdown(within: .zero)
        #expect(server.openConnections == 0)
    }

    @Test("Who has sent a part of a head when the server stops may send the rest")
    func partAtStop() async throws {
        var limits = ServerLimits.patient
        limits.lastCall = .seconds(600)
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: limits),
            handler: TestHandler()
        )
        try await Client.connect(to: server) { client in
            try await client.send("GET /hello HTTP/1.1\r\n")
            while server.openConnections < 1 { await Task.yield() }
            async let stopped: Void = server.shutdown(within: .seconds(600))
            try await client.send("Host: a\r\n\r\n")
            #expect(try await client.readToEnd().statuses == [200])
            client.finish()
            await stopped
        }
    }
}
