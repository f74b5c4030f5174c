import NIOHTTP1
import Testing

@testable import Listener

private func head(_ target: String, _ headers: HTTPHeaders = [:]) throws -> RequestHead {
    RequestHead(
        HTTPRequestHead(version: .http1_1, method: .GET, uri: target),
        headers: RequestHeaders(headers),
        target: try RequestTarget(target, method: "GET"),
        peer: .unixSocket
    )
}

@Suite struct RequestHeadTests {
    @Test(
        "Targets are taken apart, and escapes decoded but those of / and %",
        arguments: [
            ("/hooks/fivetran", "/hooks/fivetran", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""),
            ("/%68ooks/%C3%A9", "/hooks/é", nil), ("/a%2fb", "/a%2Fb", nil), ("/a%252Fb", "/a%252Fb", nil),
            ("/a%3Fb?%zz", "/a?b", "%zz"), ("http://h", "/", nil), ("http://h?q", "/", "q"),
            ("hTTps://h:1/a?q", "/a", "q"), ("//a", "//a", nil), ("/../a/.", "/../a/.", nil),
        ] as [(String, String, String?)]
    )
    func targets(_ raw: String, _ path: String, _ query: String?) throws {
        let head = try head(raw)
        #expect(head.path == path)
        #expect(head.query == query)
        #expect(head.rawTarget == raw)
    }

    @Test(
        "Segments are decoded to the end, and an encoded slash separates nothing",
        arguments: [
            ("/api/v1/models/a%2Fb", ["api", "v1", "models", "a/b"]), ("/a/", ["a", ""]), ("/", [""]),
            ("/100%25", ["100%"]), ("/a%252Fb", ["a%2Fb"]), ("/%2e%2e/x", ["..", "x"]),
        ]
    )
    func segments(_ raw: String, _ segments: [String]) throws {
        #expect(try head(raw).segments == segments)
    }

    @Test("S6: every value of a field is given, in order, in any case, without white space at its ends")
    func headerValues() throws {
        let headers = try head("/", ["X-Sig": "a \t", "y": "b", "x-sIG": "c", "X-Sig2": "d", "X_Sig": "e"]).headers
        #expect(headers.values(named: "x-sig") == ["a", "c"])
        #expect(headers.values(named: "none").isEmpty)
        #expect(headers.only("Y") == "b")
        #expect(headers.only("x-sig") == nil)
        #expect(headers.only("none") == nil)
    }
}
