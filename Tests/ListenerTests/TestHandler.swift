import NIOCore
import NIOEmbedded
import Synchronization

@testable import Listener

/// Answers a few fixed paths and keeps a log of every call that it gets.
final class TestHandler: RequestHandler {
    static let limit = 100
    static let bodyLimit = 1024 * 1024
    static let streamLimit = 64 * 1024
    private let lines = Mutex<[String]>([])
    private let streams = Mutex<[AnswerStream]>([])
    /// Set: the answers to `/echo` wait there.
    let delays: Delays?

    init(delays: Delays? = nil) { self.delays = delays }

    var log: [String] { lines.withLock { $0 } }
    /// The answers that go on, in the order of their requests.
    var opened: [AnswerStream] { streams.withLock { $0 } }

    fileprivate func note(_ line: String) { lines.withLock { $0.append(line) } }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        note("\(head.method) \(head.path)")
        switch head.path {
        case "/echo": return .receive(limit: Self.limit, EchoReceiver(self))
        case "/body": return .receive(limit: Self.bodyLimit, EchoReceiver(self))
        case "/unlimited": return .receive(limit: .max, EchoReceiver(self))
        case "/refuse": return .answer(.problem(status: 403))
        case "/large": return .answer(Response(status: 200, body: Array(repeating: 120, count: 1 << 20)))
        case "/stream", "/ended":
            let stream = AnswerStream(limit: Self.streamLimit) { [weak self] in self?.note("gone") }
            streams.withLock { $0.append(stream) }
            if head.path == "/ended" {
                stream.send(Array("early".utf8))
                stream.end()
            }
            return .stream(Response(status: 200, headers: [("content-type", "text/event-stream")]), stream)
        case "/hello": return .answer(Response(status: 200, contentType: "text/plain", body: "hello".utf8))
        default: return .answer(.problem(status: 404))
        }
    }

    func refused(_ failure: ProtocolFailure, from peer: PeerAddress) -> Response {
        note("refused")
        return failure.response
    }
}

/// Answers that wait for the test.
final class Delays: Sendable {
    private let calls = Mutex<[@Sendable () -> Void]>([])

    var count: Int { calls.withLock(\.count) }

    func add(_ call: @escaping @Sendable () -> Void) { calls.withLock { $0.append(call) } }

    /// Lets the oldest one go.
    func release() { calls.withLock { $0.isEmpty ? nil : $0.removeFirst() }?() }
}

/// Answers with the size and the text of the body.
private final class EchoReceiver: BodyReceiver {
    private let handler: TestHandler
    private var body: [UInt8] = []

    init(_ handler: TestHandler) { self.handler = handler }

    func received(_ bytes: UnsafeRawBufferPointer) { body += bytes }

    func finished(step: Int) -> Answer? {
        handler.note("finished \(body.count)")
        let response = Response(status: 202, contentType: "text/plain", body: body)
        guard let delays = handler.delays else { return .now(response) }
        return .later(
            LateAnswer(
                whenKnown: { delays.add($0) },
                response: { [handler] in
                    handler.note("answered late")
                    return response
                }
            )
        )
    }

    func failed(_ failure: BodyFailure) -> Response {
        handler.note("failed \(failure) after \(body.count)")
        return failure.response
    }

    func abandoned() { handler.note("abandoned after \(body.count)") }
}

/// One connection of a server without a socket and with a clock that is moved by hand. Its half-close closes it whole.
struct Bench {
    let channel = EmbeddedChannel()
    let handler: TestHandler
    let registry: ConnectionRegistry

    init(
        handler: TestHandler = TestHandler(),
        registry: ConnectionRegistry = ConnectionRegistry(maximum: 10),
        limits: ServerLimits = ServerLimits(),
        certificate: ServerCertificate? = nil,
        after time: TimeAmount = .zero
    ) throws {
        self.handler = handler
        self.registry = registry
        channel.embeddedEventLoop.advanceTime(by: time)
        let pipeline = ConnectionPipeline(
            handler: handler,
            registry: registry,
            limits: limits,
            certificate: certificate
        )
        try pipeline.connect(channel, registry)
    }

    var isOpen: Bool { channel.isActive }

    /// - Returns: everything that came back.
    func send(_ text: String) -> String { send(bytes: text.utf8) }

    func send(bytes: some Sequence<UInt8>) -> String {
        // A channel that has closed refuses; tests see that by `isOpen`.
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
        return output()
    }

    func received() -> String { output() }

    func advance(_ time: TimeAmount) -> String {
        channel.embeddedEventLoop.advanceTime(by: time)
        return output()
    }

    private func output() -> String {
        var text = ""
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }
}

extension ConnectionPipeline {
    /// Makes the channel one of the server's connections, if the registry admits it.
    func connect(_ channel: EmbeddedChannel, _ registry: ConnectionRegistry) throws {
        let entry = ConnectionRegistry.Entry(began: channel.eventLoop.now, peer: .unixSocket, socket: -1)
        guard registry.admit(entry).isAdmitted else {
            registry.remove(entry)
            return
        }
        try install(on: channel, loop: 0, entry)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }
}

extension String {
    /// The status of the answer with which this begins.
    var status: Int? { hasPrefix("HTTP/1.1 ") ? Int(dropFirst(9).prefix(3)) : nil }

    /// The statuses of all answers in this, in order.
    var statuses: [Int] { components("HTTP/1.1 ").dropFirst().compactMap { Int($0.prefix(3)) } }

    private func components(_ separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }

    var saysClose: Bool { contains("\r\nconnection: close\r\n") }
}
