import NIOCore

/// A request line (RFC 9112 §3) that is well formed but for a method that llhttp does not know: llhttp stops there, while
/// this reads what was asked for, so that the answer can be the right one (405, or 404 for the path). Anything else stays
/// what it was to llhttp, malformed.
struct UnknownMethod {
    let method: String
    let target: String

    /// What a client sends after the last body beside its length is skipped, as llhttp does.
    private static func line(_ buffer: ByteBuffer) -> ByteBufferView {
        buffer.readableBytesView.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// Whether this is the beginning of a line that could be one.
    static func mayBegin(_ buffer: ByteBuffer) -> Bool {
        let bytes = line(buffer)
        let method = bytes.prefix { $0 != UInt8(ascii: " ") }
        return !method.isEmpty && method.allSatisfy(\.isTokenCharacter) && !bytes.contains(UInt8(ascii: "\n"))
    }

    init?(firstLineOf buffer: ByteBuffer) {
        let bytes = Self.line(buffer)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end > bytes.startIndex,
            bytes[bytes.index(before: end)] == UInt8(ascii: "\r")
        else { return nil }
        let parts = bytes[..<bytes.index(before: end)].split(
            separator: UInt8(ascii: " "),
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenCharacter), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8)
        else { return nil }
        method = String(decoding: parts[0], as: UTF8.self)
        target = String(decoding: parts[1], as: UTF8.self)
    }
}

extension UInt8 {
    /// RFC 9110 §5.6.2.
    fileprivate var isTokenCharacter: Bool {
        isASCIILetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}
