import Admin
import Foundation
import Listener
import ReloaderService
import Signatures
import Synchronization
import Testing
import Vocabulary

extension EndToEndTests {
    /// Told, not polled: what the service says by itself, over real sockets.
    @Suite("Told, not polled")
    struct NotifyTests {
        private static let secret = "whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5"

        /// Every notification to this address.
        private static func section(_ url: String) -> String {
            "notify: { url: \(url), secret: \"literal:\(secret)\" }"
        }

        @Test("a failed job, the trouble that it is and its end are told, signed, in order, and again where refused")
        func failedJob() async throws {
            let receiver = try await Receiver.start(answers: [503])
            let world = try await World(debounce: "10ms", sections: Self.section(receiver.url))
            let posted = try await world.post(World.body("nosuchtable", id: "1"))
            let job = try #require(posted.answer?.jobs?.first?.id)

            let refused = await receiver.message(1)
            let repeated = await receiver.message(2)
            #expect(refused.id == repeated.id)
            #expect(refused.body == repeated.body)
            #expect(repeated.text.contains("\"type\":\"job.failed\""))
            #expect(repeated.text.contains("\"id\":\"\(job)\""))

            let degraded = await receiver.message(3)
            #expect(degraded.text.contains("\"type\":\"service.degraded\""))
            #expect(degraded.text.contains("\"status\":\"degraded\""))
            #expect(degraded.text.contains(job))
            _ = try await HTTPCaller.patient.post(
                world.admin + "/api/v1/jobs/\(job)/discard",
                headers: HeaderList(),
                body: []
            )
            let recovered = await receiver.message(4)
            #expect(recovered.text.contains("\"type\":\"service.recovered\""))

            let key = try SecretDecoding.key(Self.secret, for: .standardWebhooks)
            let verifier = try Verifier(scheme: .standardWebhooks, secrets: [key])
            for message in [refused, repeated, degraded, recovered] {
                let verdict = verifier.verify(
                    headers: message.headers,
                    body: message.body,
                    now: SystemClock().now().wall
                )
                #expect(verdict == .verified(secretPosition: 0))
            }
            _ = try await world.stop()
            await receiver.stop()
        }

        @Test("a redirection is no delivery: the message is sent again, and whole")
        func redirected() async throws {
            let receiver = try await Receiver.start(answers: [302])
            let world = try await World(debounce: "10ms", sections: Self.section(receiver.url))
            _ = try await world.post(World.body("nosuchtable", id: "1"))
            let (first, second) = (await receiver.message(1), await receiver.message(2))
            #expect(second.id == first.id && second.body == first.body && !first.body.isEmpty)
            _ = try await world.stop()
            await receiver.stop()
        }

        @Test("an answer that begins and never ends is none")
        func endlessAnswer() async throws {
            let receiver = try DeafReceiver(saying: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
            await #expect(throws: HTTPCaller.NoConnection.self) {
                try await HTTPCaller(timeout: .milliseconds(200)).post(receiver.url, headers: HeaderList(), body: [])
            }
        }

        @Test("a receiver that never answers keeps nobody: deliveries are taken in, loads start, the service ends")
        func deafReceiver() async throws {
            let receiver = try DeafReceiver()
            let world = try await World(debounce: "10ms", sections: Self.section(receiver.url))
            _ = try await world.post(World.body("nosuchtable", id: "1"))
            _ = await world.service.line(with: "job changed", "state=failed")
            for id in 2...4 { #expect(try await world.post(World.body("ekko", id: "\(id)")).status == 202) }
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = await world.service.line(with: "job changed", "outcome=succeeded")
            let end = try await world.stop()
            #expect(end.errors.contains("notifications not sent"))
        }

        @Test("a silent source is degraded, a metric, and one safety load; a delivery ends the silence")
        func silence() async throws {
            let expectation = """
                max_body: 2KiB
                    expect_every: 3s
                    on_silence: { reload: { model: order-to-cash, tables: all } }
                """
            let world = try await World(
                debounce: "10ms",
                loadTime: .milliseconds(10),
                edit: { text, _ in
                    text.replacingOccurrences(of: "max_body: 2KiB", with: expectation)
                }
            )
            _ = await world.service.line(with: "source is silent", "source=fivetran")
            _ = await world.service.line(with: "safety load", "model=order-to-cash")
            await world.loadsStarted(1)
            _ = await world.service.line(with: "job changed", "outcome=succeeded")
            let health = try await world.health()
            #expect(health.status == .degraded)
            #expect(health.reasons.contains { $0.contains("source fivetran is silent") })
            #expect(try await Self.metrics(world).contains(#"reloader_source_silent{source="fivetran"} 1"#))

            #expect(try await world.post(World.body("ekko", id: "1", status: "FAILED")).status == 202)
            _ = await world.service.line(with: "source is heard again", "source=fivetran")
            _ = try await world.stop()
        }

        private static func metrics(_ world: World) async throws -> String {
            String(decoding: try await HTTPCaller.patient.get(world.admin + "/metrics").body, as: UTF8.self)
        }
    }
}

/// Somebody's own tool, which takes notifications in: it answers as told, then 204.
private final class Receiver: RequestHandler {
    struct Message: Sendable {
        var headers: HeaderList
        var body: [UInt8]
        var id: String { headers.values(named: "webhook-id").first ?? "" }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private struct State {
        var answers: [Int]
        var messages: [Message] = []
        var waiters: [(number: Int, CheckedContinuation<Message, Never>)] = []
    }

    private let state: Mutex<State>
    private let server = Mutex<HTTPServer?>(nil)

    private init(answers: [Int]) {
        state = Mutex(State(answers: answers))
    }

    static func start(answers: [Int]) async throws -> Receiver {
        let receiver = Receiver(answers: answers)
        let address = ListenAddress.tcp(host: "127.0.0.1", port: 0)
        let server = try await HTTPServer.start(ServerConfiguration(address: address), handler: receiver)
        receiver.server.withLock { $0 = server }
        return receiver
    }

    var url: String { server.withLock { "http://\($0.map { "\($0.address)" } ?? "")/notify" } }

    func stop() async { await server.withLock { $0.take() }?.shutdown(within: .zero) }

    /// The message of this number from 1, attempts counted singly; come or to come.
    func message(_ number: Int) async -> Message {
        await withCheckedContinuation { continuation in
            let message = state.withLock { state -> Message? in
                if state.messages.count >= number { return state.messages[number - 1] }
                state.waiters.append((number, continuation))
                return nil
            }
            if let message { continuation.resume(returning: message) }
        }
    }

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        var fields: [(name: String, value: String)] = []
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type"] {
            fields += head.headers.values(named: name).map { (name, $0) }
        }
        return .receive(limit: 1 << 20, Body(receiver: self, headers: HeaderList(fields)))
    }

    fileprivate func took(_ message: Message) -> Response {
        let (status, waiters) = state.withLock { state in
            state.messages.append(message)
            let count = state.messages.count
            let ready = state.waiters.filter { $0.number == count }
            state.waiters.removeAll { $0.number == count }
            return (state.answers.isEmpty ? 204 : state.answers.removeFirst(), ready)
        }
        for (_, waiter) in waiters { waiter.resume(returning: message) }
        return Response(status: status, headers: status == 302 ? [("location", url)] : [])
    }

    private final class Body: BodyReceiver {
        private let receiver: Receiver
        private let headers: HeaderList
        private var body: [UInt8] = []

        init(receiver: Receiver, headers: HeaderList) {
            self.receiver = receiver
            self.headers = headers
        }

        func received(_ bytes: UnsafeRawBufferPointer) { body.append(contentsOf: bytes) }
        func finished(step: Int) -> Answer? { .now(receiver.took(Message(headers: headers, body: body))) }
        func failed(_ failure: BodyFailure) -> Response { failure.response }
        func abandoned() {}
    }
}

/// A socket that listens and is never looked at: the system completes connections, and nobody answers. Or somebody
/// begins to, and says no more.
private final class DeafReceiver {
    let url: String
    private let socket: Int32

    init(saying beginning: String? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, pointer, &size) == 0
            }
        }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/notify"
        try #require(isOpen)
        guard let beginning else { return }
        Thread.detachNewThread {
            let client = accept(socket, nil, nil)
            _ = beginning.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            var byte: UInt8 = 0
            while recv(client, &byte, 1, 0) > 0 {}
            close(client)
        }
    }

    deinit { close(socket) }
}
