/// Whether what a new connection has sent so far is to be read, or waits in the system's buffer until there is more: what
/// FreeBSD's kernel has as accf_http(9).
///
/// A request's head usually comes in one piece. Who has sent a part of one, or nothing, costs a descriptor until the rest
/// comes or its time is over; only what can be answered gets a channel, a parser and a place on an event loop.
enum AcceptFilter {
    /// As much is looked at; who has sent more is read.
    static let window = 4096

    /// - Parameter bytes: the first ones of the connection, at most `window`.
    /// - Returns: false only for the beginning of a head without its end. What cannot be one, as that of a TLS connection,
    ///   is read at once.
    static func letsThrough(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count < window else { return true }
        // An empty line ends a head, and may precede it: RFC 9112 §2.2.
        var isLineEmpty = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if isLineEmpty { return true }
                isLineEmpty = true
            case UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
            case 0x20...0x7e: isLineEmpty = false
            default: return true
            }
        }
        return false
    }
}
