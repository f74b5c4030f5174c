import Foundation
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Listener

@Suite("What one turn of an event loop has read")
struct LoopTurnTests {
    @Test("each step is done for all connections before the next, and each connection gets its own answer")
    func steps() throws {
        let loop = Loop()
        let channels = try (0..<3).map { _ in try loop.connect() }
        for (number, channel) in channels.enumerated() { try loop.send("\(number)", on: channel) }
        #expect(loop.handler.log.isEmpty, "nothing is done before all is read")
        loop.turn()
        #expect(loop.handler.log == ["0.0", "1.0", "2.0", "0.1", "1.1", "2.1", "0.2", "1.2", "2.2"])
        for (number, channel) in channels.enumerated() { #expect(try loop.answers(on: channel) == ["\(number)"]) }
    }

    @Test("requests of one connection are worked through one after the other, and answered in their order")
    func order() throws {
        let loop = Loop()
        let channel = try loop.connect()
        try loop.send("a", "b", "c", on: channel)
        loop.turn()
        #expect(loop.handler.log == ["a.0", "a.1", "a.2", "b.0", "b.1", "b.2", "c.0", "c.1", "c.2"])
        #expect(try loop.answers(on: channel) == ["a", "b", "c"])
    }

    @Test("a connection is idle from its last answer on, also where that was one of several requests in a read")
    func idle() throws {
        let loop = Loop()
        let channel = try loop.connect()
        try loop.send("a", "b", "c", on: channel)
        loop.turn()
        loop.loop.advanceTime(by: TimeAmount(ServerLimits().idleTimeout) - .nanoseconds(1))
        #expect(channel.isActive)
        loop.loop.advanceTime(by: .nanoseconds(1))
        #expect(!channel.isActive)
    }

    @Test("what came before its connection ended is taken in, though nobody reads the answer")
    func sentAndGone() throws {
        let loop = Loop()
        let (gone, other) = (try loop.connect(), try loop.connect())
        try loop.send("gone", on: gone)
        try loop.send("other", on: other)
        _ = gone.close()
        loop.turn()
        #expect(loop.handler.log.filter { $0.hasPrefix("gone") } == ["gone.0", "gone.1", "gone.2"])
        #expect(try loop.answers(on: gone).isEmpty)
        #expect(try loop.answers(on: other) == ["other"])
    }

    @Test("what was read before the server stops, or before a deadline, is answered")
    func readInTime() throws {
        let loop = Loop()
        let (stopped, late) = (try loop.connect(), try loop.connect())
        try loop.send("stopped", on: stopped)
        loop.registry.stop()
        try late.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\n"))
        loop.turn()
        try late.writeInbound(ByteBuffer(string: "Host: h\r\nContent-Length: 4\r\n\r\nlate"))
        // The deadline of its head is reached in the same turn.
        loop.loop.advanceTime(by: .hours(1))
        #expect(try loop.answers(on: stopped) == ["stopped"])
        #expect(try loop.answers(on: late) == ["late"])
    }
}

/// Connections on one event loop that turns by hand.
private struct Loop {
    let loop = EmbeddedEventLoop()
    let handler = SteppedHandler()
    let registry = ConnectionRegistry(maximum: 10)
    private let pipeline: ConnectionPipeline

    init() { pipeline = ConnectionPipeline(handler: handler, registry: registry, limits: ServerLimits()) }

    func connect() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: nil, loop: loop)
        try pipeline.connect(channel, registry)
        #expect(channel.isActive)
        return channel
    }

    /// Requests with these bodies, in one read.
    func send(_ bodies: String..., on channel: EmbeddedChannel) throws {
        let text = bodies.map { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)" }
        try channel.writeInbound(ByteBuffer(string: text.joined()))
    }

    func turn() { loop.run() }

    /// The bodies of all answers; each is 200.
    func answers(on channel: EmbeddedChannel) throws -> [String] {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        let parts = text.components(separatedBy: "HTTP/1.1 200 OK\r\n").dropFirst()
        return parts.map { $0.components(separatedBy: "\r\n\r\n").last ?? "" }
    }
}

/// Answers each request with its body, in the third step.
private final class SteppedHandler: RequestHandler {
    private let lines = Mutex<[String]>([])

    var log: [String] { lines.withLock { $0 } }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception { .receive(limit: 100, Receiver(self)) }

    private final class Receiver: BodyReceiver {
        private let handler: SteppedHandler
        private var body: [UInt8] = []

        init(_ handler: SteppedHandler) { self.handler = handler }

        func received(_ bytes: UnsafeRawBufferPointer) { body += bytes }

        func finished(step: Int) -> Answer? {
            handler.lines.withLock { $0.append("\(String(decoding: body, as: UTF8.self)).\(step)") }
            return step == 2 ? .now(Response(status: 200, body: body)) : nil
        }

        func failed(_ failure: BodyFailure) -> Response { failure.response }
        func abandoned() {}
    }
}
