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
        // The longest of what is written beside them takes 110 bytes.
        var room = 128 + body.count
        for index in headers.indices { room += headers[index].name.utf8.count + headers[index].value.utf8.count + 4 }
        buffer.clear(minimumCapacity: room)
        // In one piece: each write to a buffer costs more than what it writes here.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            var text = TextWriter(memory)
            text.write("HTTP/1.1 ")
            text.write(status)
            text.write(" ")
            text.write(HTTPResponseStatus(statusCode: status).reasonPhrase)
            for index in headers.indices {
                text.write("\r\n")
                text.write(headers[index].name)
                text.write(": ")
                text.write(headers[index].value)
            }
            if saysLength {
                text.write("\r\ncontent-length: ")
                text.write(body.count)
            }
            if form.closes { text.write("\r\nconnection: close") }
            if form.announcesKeepAlive { text.write("\r\nconnection: keep-alive") }
            text.write("\r\n\r\n")
            if hasBody, !form.omitsBody { body.withUnsafeBytes { text.write($0) } }
            return text.count
        }
    }
}

/// Writes into memory that somebody else has made large enough; ends the program where it is not.
private struct TextWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= memory.count - count)
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        // Not `withUTF8`: it would count the text twice. Here texts lie in one piece.
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        if isWritten == nil { Array(text.utf8).withUnsafeBytes { write($0) } }
    }

    /// In decimal; not negative.
    mutating func write(_ number: Int) {
        var unit = 1
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            withUnsafeBytes(of: UInt8(ascii: "0") + UInt8(number / unit % 10)) { write($0) }
            unit /= 10
        }
    }
}
