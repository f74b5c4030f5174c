import NIOCore
import Testing

@testable import Listener

/// The head of the first request in the text.
func parsed(_ text: String) throws -> ParsedHead {
    var bytes = ByteBuffer(string: text)
    guard case .head(let head) = RequestParser(limit: 16 * 1024).next(in: &bytes) else { throw NotParsed(text: text) }
    return head
}

private struct NotParsed: Error {
    let text: String
}

private func head(_ target: String, _ fields: String = "") throws -> RequestHead {
    let head = try parsed("GET \(target) HTTP/1.1\r\n\(fields)\r\n")
    return RequestHead(head, try RequestTarget(head.target, method: head.method), peer: .unixSocket)
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
            // To Swift a slash with an accent behind it is another character.
            ("/%CC%81a/%CC%81b/x%2F%CC%81", ["\u{301}a", "\u{301}b", "x/\u{301}"]),
        ]
    )
    func segments(_ raw: String, _ segments: [String]) throws {
        #expect(try head(raw).segments == segments)
    }

    @Test("S6: every value of a field is given, in order, in any case, without white space at its ends")
    func headerValues() throws {
        let headers = try head("/", "X-Sig: a \t\r\ny:b\r\nx-sIG:\t c\r\nX-Sig2: d\r\nX_Sig: e\r\nX-Sig:  \r\n").headers
        #expect(headers.values(named: "x-sig") == ["a", "c", ""])
        #expect(headers.values(named: "none").isEmpty)
        #expect(headers.only("Y") == "b")
        #expect(headers.only("x-sig") == nil)
        #expect(headers.only("none") == nil)
    }
}
