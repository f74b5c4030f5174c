import NIOCore
import NIOEmbedded
import Testing
import Vocabulary

@testable import Listener

private let host = "Host: a\r\n"

/// The rules of HTTP that keep a request from being read in two ways, on the bytes themselves (issue 9, points 3, 4).
@Suite struct RawRequestTests {
    @Test(
        "What is not valid HTTP gets 400, once, and the connection closes",
        arguments: [
            // Message length
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 3, 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: +3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: -3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 0x3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: \r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 3 4\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            // Transfer codings
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: identity\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            // Line ends
            "GET /hello HTTP/1.1\n\(host)\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\r\nX: b\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\n\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\n\n",
            "GET /hello HTTP/1.1\rHost: a\r\n\r\n",
            // Fields
            "GET /hello HTTP/1.1\r\n\(host)X : a\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X\t: a\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host): a\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X:\r\n\tb\r\n\r\n",
            "GET /hello HTTP/1.1\r\n X: a\r\n\(host)\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length:\r\n 3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X: a\u{1}b\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X: a\u{7f}b\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)\u{e9}: b\r\n\r\n",
            // Host
            "GET /hello HTTP/1.1\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)\(host)\r\n",
            "GET /hello HTTP/1.1\r\n\(host)hOST: b\r\n\r\n",
            "GET /hello HTTP/1.0\r\n\(host)\(host)\r\n",
            "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: u@a\r\n\r\n",
            // Request lines
            "GET /hello HTTP/2.0\r\n\(host)\r\n",
            "GET /hello HTTP/1.2\r\n\(host)\r\n",
            "GET /hello HTTP/0.9\r\n\r\n",
            "GET /hello\r\n\r\n",
            "GET /hello http/1.1\r\n\(host)\r\n",
            "GET /a b HTTP/1.1\r\n\(host)\r\n",
            "GET /a\tb HTTP/1.1\r\n\(host)\r\n",
            "GET /\u{e9} HTTP/1.1\r\n\(host)\r\n",
            "GET /hello#x HTTP/1.1\r\n\(host)\r\n",
            "GET hello HTTP/1.1\r\n\(host)\r\n",
            "GET * HTTP/1.1\r\n\(host)\r\n",
            "GET ftp://a/hello HTTP/1.1\r\n\(host)\r\n",
            "GET http:///hello HTTP/1.1\r\n\(host)\r\n",
            "GET /%zz HTTP/1.1\r\n\(host)\r\n",
            "GET /%4 HTTP/1.1\r\n\(host)\r\n",
            "GET /a%00b HTTP/1.1\r\n\(host)\r\n",
            "GET /%ff HTTP/1.1\r\n\(host)\r\n",
            "CONNECT a:80 HTTP/1.1\r\n\(host)\r\n",
            // Methods that nobody knows, in lines that are not well formed either
            "BREW /hello HTTP/2.0\r\n\(host)\r\n",
            "BREW /hello HTTP/1.1\n\(host)\r\n",
            "BREW  /hello HTTP/1.1\r\n\(host)\r\n",
            "BREW /%zz HTTP/1.1\r\n\(host)\r\n",
            "BREW hello HTTP/1.1\r\n\(host)\r\n",
            "BREW * HTTP/1.1\r\n\(host)\r\n",
            "BR(W /hello HTTP/1.1\r\n\(host)\r\n",
            "(REW /hello",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0",
            "HTTP/1.1 200 OK\r\n\r\n",
        ]
    )
    func malformed(_ request: String) throws {
        let bench = try Bench()
        let answer = bench.send(request)
        #expect(answer.statuses == [400])
        #expect(answer.saysClose)
        #expect(answer.contains("\r\ncontent-type: application/problem+json\r\n"))
        #expect(!bench.isOpen)
        #expect(bench.handler.log == ["refused"])
    }

    @Test(
        "A body whose chunks are not HTTP fails its receiver, which answers 400, and the connection closes",
        arguments: [
            "3 \r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabcd0\r\n\r\n",
            "0x3\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "g\r\n",
            "10000000000000003\r\nabc\r\n0\r\n\r\n", "0\n\n", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n",
            "0\r\nT: a\r\n b\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n",
        ]
    )
    func malformedChunks(_ body: String) throws {
        let bench = try Bench()
        let answer = bench.send("POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n" + body)
        #expect(answer.statuses == [400])
        #expect(answer.saysClose)
        #expect(!bench.isOpen)
        #expect(bench.handler.log.count == 2)
        #expect(bench.handler.log.last?.hasPrefix("failed malformed") == true)
    }

    @Test(
        "What is valid HTTP is answered, and the connection stays",
        arguments: [
            ("GET /hello HTTP/1.1\r\n\(host)\r\n", 200),
            ("GET http://a/hello?x HTTP/1.1\r\n\(host)\r\n", 200),
            ("GET HTTPS://a/hello HTTP/1.1\r\n\(host)\r\n", 200),
            ("GET /hel%6Co HTTP/1.1\r\n\(host)\r\n", 200),
            ("GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 200),
            ("GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200),
            ("GET /hello/ HTTP/1.1\r\n\(host)\r\n", 404),
            ("GET /%2Fhello HTTP/1.1\r\n\(host)\r\n", 404),
            ("OPTIONS * HTTP/1.1\r\n\(host)\r\n", 404),
            ("\r\n\r\nGET /hello HTTP/1.1\r\n\(host)\r\n", 200),
            ("POST /echo HTTP/1.1\r\n\(host)Content-Length: 3 \r\n\r\nabc", 202),
            ("POST /echo HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", 202),
            ("POST /echo HTTP/1.1\r\n\(host)\r\n", 202),
            ("POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: Chunked \r\n\r\n3\r\nabc\r\n0\r\n\r\n", 202),
            ("POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: a\r\n\r\n", 202),
            ("POST /refuse HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc", 403),
            ("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
        ]
    )
    func valid(_ request: String, _ status: Int) throws {
        let bench = try Bench()
        let answer = bench.send(request)
        #expect(answer.statuses == [status])
        #expect(!answer.saysClose)
        #expect(bench.isOpen)
        #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n").statuses == [200])
    }

    @Test(
        "The peer's wish to close is granted, and said",
        arguments: [
            "GET /hello HTTP/1.0\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)Connection: close\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)Connection: x, Close\r\n\r\n",
            // We upgrade to nothing, and read nothing after.
            "GET /hello HTTP/1.1\r\n\(host)Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /hello HTTP/1.1\r\n\(host)\r\n",
        ]
    )
    func closing(_ request: String) throws {
        let bench = try Bench()
        let answer = bench.send(request)
        #expect(answer.statuses == [200])
        #expect(answer.saysClose)
        #expect(answer.hasSuffix("hello"))
        #expect(!bench.isOpen)
    }

    @Test("HTTP/1.0 that asks to keep the connection hears that it is kept")
    func keepAliveInHTTP10() throws {
        let answer = try Bench().send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(answer.contains("\r\nconnection: keep-alive\r\n"))
    }

    @Test("HEAD gets the head of the answer and not its body")
    func headRequest() throws {
        let bench = try Bench()
        let answer = bench.send("HEAD /hello HTTP/1.1\r\n\(host)\r\n")
        #expect(answer == "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\n")
        #expect(bench.isOpen)
    }

    @Test("A body over the limit is refused by its Content-Length, before any of it is read")
    func tooLargeByLength() throws {
        let bench = try Bench()
        let answer = bench.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 101\r\n\r\n")
        #expect(answer.statuses == [413])
        #expect(answer.saysClose)
        #expect(bench.handler.log == ["POST /echo", "failed tooLarge after 0"])
        let longest = try Bench().send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 18446744073709551615\r\n\r\n")
        #expect(longest.statuses == [413])
    }

    @Test("A chunked body is refused as soon as it passes the limit, and no byte beyond it is handed over")
    func tooLargeByChunks() throws {
        let bench = try Bench()
        let chunk = "32\r\n" + String(repeating: "x", count: 50) + "\r\n"
        #expect(bench.send("POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n" + chunk) == "")
        #expect(bench.send(chunk) == "")
        let answer = bench.send("1\r\ny\r\n")
        #expect(answer.statuses == [413])
        #expect(answer.saysClose)
        #expect(bench.handler.log.last == "failed tooLarge after 100")
    }

    @Test("Extensions of chunks count with the head: more than 16 KiB of them end the body")
    func chunkExtensions() throws {
        let head = "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
        let some = try Bench()
        #expect(
            some.send(head + "1;name=value\r\na\r\n1;\(String(repeating: "n", count: 8000))\r\nb\r\n0\r\n\r\n").statuses
                == [202]
        )
        for fill in ["n", "n=v;", "n=\"q\";"] {
            let bench = try Bench()
            #expect(bench.send(head + "1;") == "")
            var answer = ""
            for _ in 0..<17 where answer.isEmpty { answer += bench.send(String(repeating: fill, count: 1024)) }
            #expect(answer.statuses == [400], "\(fill)")
            #expect(answer.saysClose)
            // In chunks of a byte each.
            let slow = try Bench()
            #expect(slow.send(head) == "")
            answer = ""
            for _ in 0..<90 where answer.isEmpty {
                answer += slow.send("1;" + String(repeating: fill, count: 800 / fill.utf8.count) + "n\r\na\r\n")
            }
            #expect(answer.statuses == [400], "\(fill)")
        }
    }

    @Test("A body of exactly the limit is taken in")
    func exactlyTheLimit() throws {
        let bench = try Bench()
        let body = String(repeating: "x", count: TestHandler.limit)
        #expect(bench.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 100\r\n\r\n" + body).statuses == [202])
    }

    @Test("100 Continue is sent when the body is wanted, and only then")
    func expectContinue() throws {
        let expect = "\(host)Expect: 100-Continue\r\n"
        let wanted = try Bench()
        #expect(
            wanted.send("POST /echo HTTP/1.1\r\n\(expect)Content-Length: 3\r\n\r\n")
                == "HTTP/1.1 100 Continue\r\n\r\n"
        )
        #expect(wanted.send("abc").statuses == [202])
        #expect(wanted.isOpen)

        let refused = try Bench().send("POST /refuse HTTP/1.1\r\n\(expect)Content-Length: 3\r\n\r\n")
        #expect(refused.statuses == [403])
        #expect(refused.saysClose)
        let tooLarge = try Bench().send("POST /echo HTTP/1.1\r\n\(expect)Content-Length: 101\r\n\r\n")
        #expect(tooLarge.statuses == [413])
        let bodiless = try Bench().send("POST /echo HTTP/1.1\r\n\(expect)\r\n")
        #expect(bodiless.statuses == [202])
        let old = try Bench().send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
        #expect(old.statuses == [202])
    }

    @Test("A small body that nobody wants is read away, and a large or chunked one closes the connection")
    func unwantedBodies() throws {
        let small = try Bench()
        #expect(small.send("POST /refuse HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nab").statuses == [403])
        #expect(small.send("cdeGET /hello HTTP/1.1\r\n\(host)\r\n").statuses == [200])

        let large = try Bench().send("POST /refuse HTTP/1.1\r\n\(host)Content-Length: 70000\r\n\r\nab")
        #expect(large.statuses == [403])
        #expect(large.saysClose)
        let chunked = try Bench().send("POST /refuse HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        #expect(chunked.statuses == [403])
        #expect(chunked.saysClose)
    }

    @Test("Headers beyond 16 KiB get 431, as one field, as many, as a target, or as empty fields")
    func headersTooLarge() throws {
        let (long, spaces) = (String(repeating: "x", count: 17_000), String(repeating: " ", count: 17_000))
        let many = (0..<100).map { "X-\($0): " + String(repeating: "x", count: 200) + "\r\n" }.joined()
        let empty = (0..<200).map { "X\($0):\r\n" }.joined()
        for request in [
            "GET /hello HTTP/1.1\r\n\(host)X: \(long)\r\n\r\n", "GET /hello HTTP/1.1\r\n\(host)\(many)\r\n",
            "GET /\(long) HTTP/1.1\r\n\(host)\r\n", "GET /hello HTTP/1.1\r\n\(host)\(empty)\r\n",
            // Not even the field's end is waited for.
            "GET /hello HTTP/1.1\r\n\(host)X: \(long)", "BREW /\(long)", "POST " + spaces, "GET" + spaces + "/hello",
            // White space around a value is kept like everything else.
            "GET /hello HTTP/1.1\r\n\(host)X:\(spaces) \(spaces)",
            "GET /hello HTTP/1.1\r\n\(host)X:\(spaces)\(spaces)\r\n\r\n",
            "GET /hello HTTP/1.1\r\n\(host)X: x\(spaces)\(spaces)\r\n\r\n",
        ] {
            for size in [request.utf8.count, 1000] {
                let bench = try Bench()
                var answer = ""
                var rest = Array(request.utf8)[...]
                while !rest.isEmpty {
                    answer += bench.send(bytes: rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
                #expect(answer.statuses == [431])
                #expect(answer.saysClose)
                #expect(bench.handler.log == ["refused"])
            }
        }
        let fits = String(repeating: "x", count: 16_000)
        #expect(try Bench().send("GET /hello HTTP/1.1\r\n\(host)X: \(fits)\r\n\r\n").statuses == [200])
        let fields = (0..<127).map { "X-\($0 + 100): " + String(repeating: "x", count: 120) + "\r\n" }.joined()
        #expect(try Bench().send("GET /hello HTTP/1.1\r\n\(host)\(fields)\r\n").statuses == [200])
    }

    @Test("Empty lines before a request are read away, however many, and are no part of it", arguments: ["\r\n", "\n"])
    func emptyLines(line: String) throws {
        let lines = String(repeating: line, count: 9000)
        for request in ["GET /hello HTTP/1.1\r\n\(host)\r\n", "BREW /hello HTTP/1.1\r\n\(host)\r\n"] {
            let alone = try Bench().send(request)
            #expect(try Bench().send(lines + request) == alone)
            let bench = try Bench()
            #expect(bench.send(lines).isEmpty)
            #expect(bench.send(request) == alone)
        }
    }

    @Test("Requests sent at once are answered in order, a refusal last")
    func pipelining() throws {
        let bench = try Bench()
        let answer = bench.send(
            "GET /hello HTTP/1.1\r\n\(host)\r\nPOST /echo HTTP/1.1\r\n\(host)Content-Length: 1\r\n\r\nx"
                + "GET /nowhere HTTP/1.1\r\n\(host)\r\nGET /hello HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\n\(host)\r\n"
        )
        #expect(answer.statuses == [200, 202, 404, 400])
        #expect(bench.handler.log == ["GET /hello", "POST /echo", "finished 1", "GET /nowhere", "refused"])
        #expect(!bench.isOpen)
    }

    @Test("However the bytes are cut, the answers are the same", arguments: 0..<40)
    func anySplit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "GET /hello HTTP/1.1\r\n\(host)\r\n", "HEAD /hello?x=1 HTTP/1.1\r\n\(host)X: y \r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 12\r\n\r\nhello, world",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x\r\n, world\r\n0\r\nT: u\r\n\r\n",
            "POST /refuse HTTP/1.1\r\n\(host)Content-Length: 12\r\n\r\nhello, world",
            "GET /%2e%2F HTTP/1.1\r\n\(host)\r\n",
        ]
        let endings = [
            "", "GET /hello HTTP/1.1\r\n\(host)X : y\r\n\r\n", "GET /hello HTTP/1.1\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Content-Length: 101\r\n\r\n", "GET /hello HTTP/1.0\r\n\r\n",
            "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nx",
        ]
        var request = ""
        for _ in 0..<Int.random(in: 1...5, using: &random) { request += pieces.randomElement(using: &random) ?? "" }
        request += endings.randomElement(using: &random) ?? ""

        let whole = try Bench()
        let expected = whole.send(request)
        for _ in 0..<20 {
            let cut = try Bench()
            var answer = ""
            var rest = request.utf8[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...max(1, Int.random(in: 1...rest.count, using: &random)), using: &random)
                answer += cut.send(bytes: rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(answer == expected, "seed \(seed): \(request.debugDescription)")
            #expect(cut.handler.log == whole.handler.log, "seed \(seed)")
            #expect(cut.isOpen == whole.isOpen, "seed \(seed)")
        }
    }

    @Test("Any bytes at all get answers of four kinds, and never a crash", arguments: 0..<40)
    func mutated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let base = "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nX: y\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        for _ in 0..<50 {
            var bytes = Array(base.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(ascii: "\r"), at: place)
                }
            }
            let bench = try Bench()
            let answer = bench.send(bytes: bytes)
            #expect(answer.statuses.allSatisfy { [202, 400, 404, 413].contains($0) }, "seed \(seed): \(bytes)")
            #expect(bench.isOpen != answer.saysClose, "seed \(seed): \(bytes)")
        }
    }

    @Test(
        "A method that nobody knows is the handler's to refuse, by its path; the connection closes",
        arguments: [
            ("BREW /hello HTTP/1.1\r\n\(host)\r\n", 200), ("\r\nBREW /a?b HTTP/1.1\r\n\(host)\r\n", 404),
            ("get http://a/refuse HTTP/1.0\r\n\r\n", 403),
            ("X-1 /hello HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\n\(host)\r\n", 200),
        ]
    )
    func unknownMethod(_ request: String, _ status: Int) throws {
        let bench = try Bench()
        let answer = bench.send(request)
        #expect(answer.statuses == [status])
        #expect(answer.saysClose)
        #expect(!bench.isOpen)
        #expect(bench.handler.log.count == 1)
        #expect(bench.handler.log.first?.hasPrefix(String(request.drop { $0.isNewline }.prefix(3))) == true)
    }

    @Test("It is waited for the end of a line with such a method, wherever the bytes are cut")
    func unknownMethodInPieces() throws {
        let line = "BREW /refuse HTTP/1.1\r\n"
        for place in 1..<line.utf8.count - 1 {
            let bench = try Bench()
            #expect(bench.send("GET /hello HTTP/1.1\r\n\(host)\r\n").statuses == [200])
            #expect(bench.send(String(line.prefix(place))) == "")
            #expect(bench.send(String(line.dropFirst(place)) + "\(host)\r\n").statuses == [403], "cut at \(place)")
            #expect(!bench.isOpen)
        }
        let slow = try Bench()
        #expect(slow.send("BREW /hel") == "")
        #expect(slow.advance(.seconds(10)).statuses == [408])
    }

    @Test("Behind another request in one read it is that request's turn first")
    func unknownMethodPipelined() throws {
        let bench = try Bench()
        let answer = bench.send("GET /hello HTTP/1.1\r\n\(host)\r\nBREW /refuse HTTP/1.1\r\n\(host)\r\n")
        #expect(answer.statuses == [200, 403])
        #expect(bench.handler.log == ["GET /hello", "BREW /refuse"])
        #expect(!bench.isOpen)
    }

    @Test("The end of an unknown word is not taken for a method")
    func knownMethodInUnknownWord() throws {
        let bench = try Bench()
        #expect(bench.send("P") == "")
        #expect(bench.send("GET /refuse HTTP/1.1\r\n\(host)\r\n").statuses == [403])
        #expect(bench.handler.log == ["PGET /refuse"])
    }

    @Test("A handler that would take a body of such a request is not given it")
    func unknownMethodWithBody() throws {
        let bench = try Bench()
        #expect(bench.send("BREW /echo HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc").statuses == [400])
        #expect(!bench.isOpen)
    }
}
