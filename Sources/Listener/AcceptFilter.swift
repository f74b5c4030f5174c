/// Whether what a new connection has sent so far is to be read, or waits in the system's buffer until there is more: what
/// FreeBSD's kernel has as accf_http(9).
///
/// A request's head usually comes in one piece. Who has sent a part of one, or nothing, costs a descriptor until the rest
/// comes or half of `header_timeout` is over; then what there is is read as it is.
enum AcceptFilter {
    /// As much is looked at; who has sent more is read.
    static let window = 4096

    /// - Parameter bytes: the first ones of the connection, at most `window`.
    /// - Returns: false for the beginning of a head without its end: the first line, if it is complete, is one of HTTP/1,
    ///   and all is text. Anything else, as the beginning of a TLS connection, is read at once.
    static func letsThrough(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count < window else { return true }
        // An empty line ends a head, and may precede it: RFC 9112 §2.2.
        var lineStart = 0
        var isFirst = true
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"):
                var line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<index])
                if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
                if line.isEmpty ? !isFirst : isFirst && !isRequestLine(line) { return true }
                if !line.isEmpty { isFirst = false }
                lineStart = index + 1
            case UInt8(ascii: "\r"), UInt8(ascii: "\t"), 0x20...0x7e: break
            default: return true
            }
        }
        return false
    }

    private static func isRequestLine(_ line: UnsafeRawBufferPointer) -> Bool {
        line.dropLast().suffix(8).elementsEqual(" HTTP/1.".utf8)
    }
}
