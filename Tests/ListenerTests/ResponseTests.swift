import NIOCore
import Testing

@testable import Listener

@Suite struct ResponseTests {
    private func text(_ response: Response, _ form: AnswerForm = AnswerForm()) -> String {
        // As if it followed another one.
        var buffer = ByteBuffer(string: String(repeating: "x", count: 300))
        response.encode(as: form, to: &buffer)
        return String(buffer: buffer)
    }

    @Test("An answer is one piece: status, fields, length, body")
    func plain() {
        let response = Response(status: 202, contentType: "application/json", body: "{}".utf8)
        #expect(
            text(response)
                == "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        )
    }

    @Test("204 and 304 have neither body nor length")
    func noContent() {
        #expect(
            text(Response(status: 204, headers: [("allow", "POST")]))
                == "HTTP/1.1 204 No Content\r\nallow: POST\r\n\r\n"
        )
        #expect(text(Response(status: 304, body: [1])) == "HTTP/1.1 304 Not Modified\r\n\r\n")
    }

    @Test("An answer that closes says so and does not say keep-alive")
    func closing() {
        let form = AnswerForm(announcesKeepAlive: true)
        #expect(text(Response(status: 200), form).contains("\r\nconnection: keep-alive\r\n"))
        #expect(
            text(Response(status: 200), form.closing)
                == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
    }

    @Test("Problems are RFC 9457 JSON, with whatever text inside")
    func problem() {
        let problem = Response.problem(status: 405, detail: "say \"POST\"\n\\", headers: [("allow", "POST")])
        #expect(
            String(decoding: problem.body, as: UTF8.self)
                == #"{"status":405,"title":"Method Not Allowed","detail":"say \"POST\"\n\\"}"#
        )
        #expect(problem.headers.map(\.name) == ["content-type", "allow"])
        #expect(
            String(decoding: Response.problem(status: 500, title: "x").body, as: UTF8.self)
                == #"{"status":500,"title":"x"}"#
        )
    }
}
