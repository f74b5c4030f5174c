import NIOCore
import NIOEmbedded
import Testing

@testable import Listener

@Suite("Answers that come later")
struct LateAnswerTests {
    private let delays = Delays()

    private func bench() throws -> Bench { try Bench(handler: TestHandler(delays: delays)) }

    private static func post(_ body: String) -> String {
        "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("answers keep the order of their requests, however many come at once")
    func order() throws {
        let bench = try bench()
        let requests = Self.post("one") + Self.post("two") + "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n"
        #expect(bench.send(requests) == "")
        #expect(delays.count == 1, "the second is not handled before the first is answered")
        let first = release(bench)
        #expect(delays.count == 1)
        #expect(first.statuses == [202])
        #expect(first.hasSuffix("one"))
        let rest = release(bench)
        #expect(rest.statuses == [202, 200])
        #expect(rest.contains("two"))
        #expect(rest.hasSuffix("hello"))
    }

    @Test("what comes meanwhile waits")
    func backpressure() throws {
        let bench = try bench()
        #expect(bench.send(Self.post("one")) == "")
        #expect(bench.send(Self.post("two")) == "")
        #expect(bench.handler.log.count { $0.hasPrefix("finished") } == 1)
        #expect(release(bench).hasSuffix("one"))
        #expect(bench.handler.log.count { $0.hasPrefix("finished") } == 2)
    }

    @Test("no patience of ours ends while the peer waits for us")
    func noTimeout() throws {
        let bench = try bench()
        #expect(bench.send(Self.post("one")) == "")
        #expect(bench.advance(.hours(1)) == "")
        #expect(bench.isOpen)
        #expect(release(bench).hasSuffix("one"))
        _ = bench.advance(.hours(1))
        #expect(!bench.isOpen, "then it is idle as any other")
    }

    @Test("a connection that is gone by then is told nothing, and the receiver still hears of the end")
    func abandoned() throws {
        let bench = try bench()
        #expect(bench.send(Self.post("one")) == "")
        try bench.channel.close().wait()
        #expect(release(bench) == "")
        #expect(bench.handler.log.last == "answered late")
        #expect(!bench.handler.log.contains { $0.hasPrefix("abandoned") })
    }

    @Test("a server that stops lets the answer out first, and says that it is the last")
    func stopping() throws {
        let bench = try bench()
        #expect(bench.send(Self.post("one")) == "")
        bench.registry.stop()
        #expect(bench.advance(.zero) == "")
        #expect(bench.isOpen)
        let answer = release(bench)
        #expect(answer.saysClose)
        #expect(answer.hasSuffix("one"))
    }

    private func release(_ bench: Bench) -> String {
        delays.release()
        return bench.advance(.zero)
    }
}
