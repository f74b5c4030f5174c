import NIOCore
import Testing
import Vocabulary

@testable import Listener

private let request = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("An answer that goes on")
struct StreamTests {
    private func opened(_ bench: Bench) throws -> AnswerStream {
        let head = bench.send(request)
        #expect(head.status == 200)
        #expect(!head.contains("content-length"))
        #expect(head.saysClose)
        #expect(head.hasSuffix("\r\n\r\n"))
        return try #require(bench.handler.opened.first)
    }

    @Test("it sends what it is sent as it comes, in order, and ends with the connection")
    func order() throws {
        let bench = try Bench()
        let stream = try opened(bench)
        stream.send(Array("one ".utf8))
        stream.send(Array("two".utf8))
        #expect(bench.received() == "one two")
        #expect(bench.isOpen)
        stream.end()
        #expect(!bench.isOpen)
        #expect(bench.handler.log == ["GET /stream", "gone"])
        stream.send(Array("late".utf8))
        #expect(bench.received() == "")
    }

    @Test("what was sent, and an end that came, before the connection took it over is not lost")
    func early() throws {
        let bench = try Bench()
        let answer = bench.send("GET /ended HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasSuffix("\r\n\r\nearly"))
        #expect(!bench.isOpen)
        let stream = AnswerStream(limit: 10) {}
        stream.send(Array("early".utf8))
        stream.end()
        stream.send(Array("after the end".utf8))
        #expect(stream.early == Array("early".utf8))
    }

    @Test("who follows may be silent for hours; what it sends instead of nothing closes the connection")
    func silence() throws {
        let bench = try Bench()
        _ = try opened(bench)
        _ = bench.advance(.hours(5))
        #expect(bench.isOpen)
        #expect(bench.send(request) == "")
        #expect(bench.handler.opened.count == 1)
        #expect(bench.isOpen)

        let talker = try Bench()
        _ = talker.send("GET /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        #expect(!talker.isOpen)
        #expect(talker.handler.log == ["GET /stream", "gone"])
    }

    @Test("who has read everything is sent more than may wait at once")
    func large() throws {
        let bench = try Bench()
        let stream = try opened(bench)
        for _ in 1...2 {
            stream.send(Array(repeating: UInt8(ascii: "x"), count: 4 << 20))
            #expect(bench.received().utf8.count == 4 << 20)
        }
        #expect(bench.isOpen)
    }

    @Test("it ends when the server stops")
    func stop() async throws {
        let handler = TestHandler()
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: handler
        )
        let text = try await Client.connect(to: server) { client in
            try await client.send(request)
            _ = try await client.read(until: "\r\n\r\n")
            handler.opened.first?.send(Array("last words".utf8))
            _ = try await client.read(until: "last words")
            await server.shutdown(within: .seconds(3600))
            return try await client.readToEnd()
        }
        #expect(text.hasSuffix("\r\n\r\nlast words"))
        #expect(handler.log == ["GET /stream", "gone"])
    }

    @Test("a client that does not read is dropped; another one on the same loop gets all that it is sent")
    func slowClient() async throws {
        let handler = TestHandler()
        let server = try await HTTPServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: handler
        )
        let piece = Array(repeating: UInt8(ascii: "x"), count: 16 * 1024)
        try await Client.connect(to: server) { slow in
            try await slow.send(request)
            _ = try await slow.read(until: "\r\n\r\n")
            try await Client.connect(to: server) { quick in
                try await quick.send(request)
                _ = try await quick.read(until: "\r\n\r\n")
                // An answer's head may be read before the handler has noted its stream.
                while handler.opened.count < 2 { await Task.yield() }
                let streams = handler.opened
                // The system's buffers take some megabytes before anything waits here.
                while !handler.log.contains("gone") {
                    streams[0].send(piece)
                    await Task.yield()
                }
                streams[1].send(Array("the end".utf8))
                #expect(try await quick.read(until: "the end").hasSuffix("the end"))
            }
        }
        await server.shutdown(within: .zero)
    }
}

@Suite("A connection whose answer goes on, as states")
struct StreamingStateTests {
    private let limits = ConnectionLimits(ServerLimits())
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func streaming() throws -> ConnectionStateMachine<String> {
        var machine = ConnectionStateMachine<String>(limits: limits, now: start)
        let began = machine.streamBegan(try rules())
        #expect(began.form.goesOn && began.form.closes && !began.ends)
        machine.settle(now: start)
        return machine
    }

    private func rules() throws -> MessageRules {
        try MessageRules(parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    @Test("it has no deadline and takes no request")
    func patience() throws {
        var machine = try streaming()
        #expect(machine.deadline == nil)
        #expect(!machine.takesRequests)
        #expect(machine.requestEnded() == .ignore)
        #expect(machine.deadlineReached(now: .distantFuture) == .wait(until: nil))
    }

    @Test("a stop ends it when all is written, a body or a closed half at once")
    func ends() throws {
        var machine = try streaming()
        #expect(machine.stopRequested(now: start) == .closeWhenWritten)
        machine = try streaming()
        #expect(machine.inputClosed() == .close)
        machine = try streaming()
        #expect(machine.bodyReceived(count: 1) == .close)
        machine = try streaming()
        #expect(machine.malformedReceived() == .close)
    }

    @Test("one that begins while the server stops ends at once")
    func stopping() throws {
        var machine = ConnectionStateMachine<String>(limits: limits, now: start)
        _ = machine.stopRequested(now: start)
        #expect(machine.streamBegan(try rules()).ends)
    }
}
