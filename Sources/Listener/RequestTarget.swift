/// A request's target, taken apart (RFC 9112 §3.2): origin form, absolute form, and `*` for OPTIONS.
struct RequestTarget: Equatable {
    var path: String
    var query: String?

    /// `raw` is visible ASCII only: llhttp lets nothing else pass.
    init(_ raw: String, method: String) throws(ProtocolFailure) {
        if Self.isPlainPath(raw) {
            path = raw
            return
        }
        if raw == "*" {
            guard method == "OPTIONS" else { throw .malformed("The target * belongs to OPTIONS.") }
            path = raw
            return
        }
        guard !raw.utf8.contains(UInt8(ascii: "#")) else { throw .malformed("The target holds a fragment.") }
        let origin = try Self.originForm(raw)
        if let mark = origin.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = try Self.decode(origin[..<mark])
            query = String(origin[origin.utf8.index(after: mark)...])
        } else {
            path = try Self.decode(origin)
        }
    }

    /// Whether there is nothing to take apart: so it is with nearly all requests.
    private static func isPlainPath(_ raw: String) -> Bool {
        var raw = raw
        return raw.withUTF8 { raw in
            for byte in raw where byte == UInt8(ascii: "?") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "#") {
                return false
            }
            return raw.first == UInt8(ascii: "/")
        }
    }

    /// Drops scheme and authority of an absolute target; an authority alone means `/`.
    private static func originForm(_ raw: String) throws(ProtocolFailure) -> Substring {
        if raw.utf8.first == UInt8(ascii: "/") { return raw[...] }
        for scheme in ["http://", "https://"] where raw.prefix(scheme.count).equalsIgnoringASCIICase(scheme) {
            let rest = raw.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            guard end > rest.startIndex else { break }
            let origin = rest[end...]
            return origin.first == "/" ? origin : "/" + origin
        }
        throw .malformed("The target is neither a path nor an http or https address.")
    }

    /// Decodes percent escapes but those of `/` and `%`, which stay, in one spelling.
    private static func decode(_ path: Substring) throws(ProtocolFailure) -> String {
        let percent = UInt8(ascii: "%")
        guard path.utf8.contains(percent) else { return String(path) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.utf8.count)
        var rest = path.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == percent else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else {
                throw .malformed("The path holds a percent sign without two hexadecimal digits.")
            }
            switch high << 4 | low {
            case 0: throw .malformed("The path holds a NUL.")
            case UInt8(ascii: "/"): decoded += Array("%2F".utf8)
            case percent: decoded += Array("%25".utf8)
            case let other: decoded.append(other)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .malformed("The path is not UTF-8.")
        }
        return text
    }
}
