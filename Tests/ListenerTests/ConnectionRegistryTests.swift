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

    @Test("The one that is idle longest goes, whoever was that when somebody had to go before")
    func oldestFirst() throws {
        let registry = ConnectionRegistry(maximum: 5)
        var benches: [Bench] = []
        /// One more, which is idle from now on.
        func connect() throws {
            for bench in benches { #expect(bench.advance(.milliseconds(100)) == "") }
            let new = try Bench(registry: registry)
            #expect(new.advance(.milliseconds(100 * Int64(benches.count + 1))) == "")
            #expect(new.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
            benches.append(new)
            for bench in benches { _ = bench.advance(.zero) }
        }
        for _ in 0..<6 { try connect() }
        #expect(benches.map(\.isOpen) == [false, true, true, true, true, true])
        // The next in line is no longer idle, the one after it went by itself.
        #expect(benches[1].advance(.milliseconds(50)) == "")
        #expect(benches[1].send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        benches[2].channel.close(promise: nil)
        try connect()
        #expect(benches.map(\.isOpen) == [false, true, false, true, true, true, true])
        try connect()
        #expect(benches.map(\.isOpen) == [false, true, false, false, true, true, true, true])
        // Idle ones go before one with half a body that has waited as long.
        #expect(benches[4].send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") == "")
        for _ in 0..<4 { try connect() }
        #expect(benches.map(\.isOpen).suffix(8) == [true, false, false, false, true, true, true, true])
        #expect(!benches[1].isOpen)
        #expect(registry.count == 5)
    }

    @Test(
        "S9: who has just come stays while others have begun a body and do not go on",
        arguments: ["/echo", "/nowhere"]
    )
    func begunBodies(path: String) throws {
        let registry = ConnectionRegistry(maximum: 3)
        let bodies = try (0..<3).map { _ in
            let bench = try Bench(registry: registry)
            #expect(bench.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n").statuses != [400])
            return bench
        }
        for bench in bodies { _ = bench.advance(.seconds(3)) }
        /// Connects three seconds after them.
        func connect() throws -> Bench {
            let bench = try Bench(registry: registry, after: .seconds(3))
            for bench in bodies { _ = bench.advance(.zero) }
            return bench
        }
        let sender = try connect()
        _ = try connect()
        #expect(sender.advance(.zero) == "" && sender.isOpen)
        #expect(bodies.count(where: \.isOpen) == 1)
        #expect(sender.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
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
