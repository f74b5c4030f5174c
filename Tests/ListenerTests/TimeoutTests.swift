import NIOCore
import NIOEmbedded
import Testing

@testable import Listener

private let host = "Host: a\r\n"

/// The time limits of product.md §2 on a clock that is moved by hand.
@Suite struct TimeoutTests {
    @Test("A peer that says nothing is let go after header_timeout, without a word")
    func silentPeer() throws {
        let bench = try Bench()
        #expect(bench.advance(.milliseconds(9_999)) == "")
        #expect(bench.isOpen)
        #expect(bench.advance(.milliseconds(1)) == "")
        #expect(!bench.isOpen)
        #expect(bench.handler.log.isEmpty)
    }

    @Test("A head that comes a byte at a time gets 408 after header_timeout, however lively")
    func slowHead() throws {
        let bench = try Bench()
        var answer = ""
        for byte in "GET /hello HTTP/1.1" where bench.isOpen {
            answer += bench.send(String(byte)) + bench.advance(.seconds(1))
        }
        #expect(answer.statuses == [408])
        #expect(answer.saysClose)
        #expect(!bench.isOpen)
        #expect(bench.handler.log == ["refused"])
    }

    @Test("The head of a later request has header_timeout from its first byte")
    func slowLaterHead() throws {
        let bench = try Bench()
        #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n").status == 200)
        #expect(bench.advance(.seconds(59)) == "")
        #expect(bench.send("GET /he") == "")
        #expect(bench.advance(.milliseconds(9_999)) == "")
        #expect(bench.advance(.milliseconds(1)).statuses == [408])
    }

    @Test("A body that is not there after body_timeout gets its receiver's 408, however lively")
    func slowBody() throws {
        let bench = try Bench()
        #expect(bench.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 100\r\n\r\n") == "")
        for _ in 0..<29 { #expect(bench.send("x") + bench.advance(.seconds(1)) == "") }
        let answer = bench.advance(.seconds(1))
        #expect(answer.statuses == [408])
        #expect(answer.saysClose)
        #expect(bench.handler.log.last == "failed tooSlow after 29")
        #expect(!bench.isOpen)
    }

    @Test("An unwanted body that does not come closes the connection after body_timeout; its answer was given")
    func slowUnwantedBody() throws {
        let bench = try Bench()
        #expect(bench.send("POST /refuse HTTP/1.1\r\n\(host)Content-Length: 100\r\n\r\n").statuses == [403])
        #expect(bench.advance(.seconds(30)) == "")
        #expect(!bench.isOpen)
    }

    @Test("A connection between requests is closed after idle_timeout, counted from its last answer")
    func idle() throws {
        let bench = try Bench()
        for _ in 0..<5 {
            #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n").status == 200)
            #expect(bench.advance(.milliseconds(59_999)) == "")
            #expect(bench.isOpen)
        }
        #expect(bench.advance(.milliseconds(1)) == "")
        #expect(!bench.isOpen)
    }

    @Test("A peer that goes away in the middle of a body is noticed by its receiver, and answered nothing")
    func abandoned() throws {
        let bench = try Bench()
        #expect(bench.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 100\r\n\r\nabc") == "")
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(bench.send("") == "")
        #expect(!bench.isOpen)
        #expect(bench.handler.log == ["POST /echo", "abandoned after 3"])
    }

    @Test("A peer that does not read its answers is not read from, and its further requests wait")
    func deafPeer() throws {
        let bench = try Bench()
        bench.channel.isWritable = false
        bench.channel.pipeline.fireChannelWritabilityChanged()
        let two = "GET /hello HTTP/1.1\r\n\(host)\r\nGET /hello HTTP/1.1\r\n\r\n"
        #expect(bench.send(two) == "")
        #expect(bench.handler.log.isEmpty)
        bench.channel.isWritable = true
        bench.channel.pipeline.fireChannelWritabilityChanged()
        #expect(bench.send("").statuses == [200, 400])
        #expect(!bench.isOpen)
    }

    @Test("A peer that never reads its answers loses its connection")
    func deafPeerIsLetGo() throws {
        let bench = try Bench()
        #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n").status == 200)
        bench.channel.isWritable = false
        bench.channel.pipeline.fireChannelWritabilityChanged()
        #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n") == "")
        #expect(bench.advance(.seconds(60)) == "")
        #expect(!bench.isOpen)
    }
}
