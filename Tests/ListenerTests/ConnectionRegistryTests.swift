import NIOCore
import NIOEmbedded
import Testing

@testable import Listener

@Suite struct ConnectionRegistryTests {
    @Test("One slow body goes when nothing is idle, the oldest first; whoever is newest stays")
    func slowBodies() throws {
        let registry = ConnectionRegistry(maximum: 2)
        let first = try Bench(registry: registry)
        #expect(first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") == "")
        let second = try Bench(registry: registry)
        #expect(second.advance(.seconds(1)) == "")
        #expect(second.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") == "")
        #expect(registry.count == 2)
        let third = try Bench(registry: registry)
        #expect(first.advance(.zero) == "")
        #expect(!first.isOpen)
        #expect(first.handler.log == ["POST /echo", "abandoned after 0"])
        #expect(second.isOpen)
        #expect(third.isOpen)
        #expect(registry.count == 2)
    }

    @Test("A connection that was told to go is not told again for the next")
    func evictedOnce() throws {
        let registry = ConnectionRegistry(maximum: 2)
        let benches = try (0..<4).map { index in
            let bench = try Bench(registry: registry)
            #expect(bench.advance(.zero) == "")
            return bench
        }
        for bench in benches { #expect(bench.advance(.zero) == "") }
        #expect(benches.count(where: \.isOpen) == 2)
        #expect(registry.count == 2)
    }

    @Test("After a stop nobody is let in")
    func stopped() throws {
        let registry = ConnectionRegistry(maximum: 2)
        registry.stop()
        let bench = try Bench(registry: registry)
        #expect(!bench.isOpen)
        #expect(registry.count == 0)
    }
}
