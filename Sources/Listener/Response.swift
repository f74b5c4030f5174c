import NIOCore
import NIOHTTP1
import Vocabulary

/// An answer, whole. The server adds `content-length` and, where it applies, `connection`.
package struct Response: Sendable {
    package var status: Int
    /// In the order in which they are written; neither names nor values may hold line breaks.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer with a body of the given type.
    package init(status: Int, contentType: String, body: some Sequence<UInt8>) {
        self.init(status: status, headers: [("content-type", contentType)], body: Array(body))
    }

    /// An error as `application/problem+json` (RFC 9457).
    ///
    /// The title is the status's own phrase unless given; the detail is one sentence for people and holds no secret;
    /// `headers` are further ones, such as `allow` or `retry-after`.
    package static func problem(
        status: Int,
        title: String? = nil,
        detail: String? = nil,
        headers: [(name: String, value: String)] = []
    ) -> Response {
        let title = title ?? HTTPResponseStatus(statusCode: status).reasonPhrase
        var json = #"{"status":\#(status),"title":\#(JSONText.quoted(title))"#
        if let detail { json += #","detail":\#(JSONText.quoted(detail))"# }
        json += "}"
        return Response(
            status: status,
            headers: [("content-type", "application/problem+json")] + headers,
            body: Array(json.utf8)
        )
    }
}

extension Response {
    /// Makes the buffer hold the answer's bytes and nothing else, ready to be written in one piece.
    func encode(as form: AnswerForm, to buffer: inout ByteBuffer) {
        // 204 and 304 have no body and say no length (RFC 9110 §8.6).
        let hasBody = status != 204 && status != 304
        let saysLength = hasBody && !form.goesOn
        let room = headers.reduce(128) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        buffer.clear(minimumCapacity: room + body.count)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
        for (name, value) in headers {
            buffer.writeStaticString("\r\n")
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
        }
        if saysLength {
            buffer.writeStaticString("\r\ncontent-length: ")
            buffer.writeString(String(body.count))
        }
        if form.closes { buffer.writeStaticString("\r\nconnection: close") }
        if form.announcesKeepAlive { buffer.writeStaticString("\r\nconnection: keep-alive") }
        buffer.writeStaticString("\r\n\r\n")
        if hasBody, !form.omitsBody { buffer.writeBytes(body) }
    }
}
