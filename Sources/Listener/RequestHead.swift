import Vocabulary

/// A request's line and header fields, checked: what a handler decides on before the body comes.
package final class RequestHead: Sendable {
    /// As sent: `GET`, `POST`, …
    package let method: String
    /// The target as sent.
    package let rawTarget: String
    /// The path, percent-decoded, without the query. `%2F` and `%25` stay as they are (in this spelling), so that an
    /// encoded slash never separates and two different paths are never the same text. `*` for `OPTIONS *`.
    package let path: String
    /// What follows the first `?`, as sent; nil without one.
    package let query: String?
    /// Who sent it: the other end of the socket, whatever `X-Forwarded-For` says.
    package let peer: PeerAddress

    /// Its fields, without white space at the ends of their values.
    package let headers: RequestHeaders

    init(_ head: borrowing ParsedHead, _ target: RequestTarget, peer: PeerAddress) {
        method = head.method
        rawTarget = head.target
        headers = head.headers
        path = target.path
        query = target.query
        self.peer = peer
    }

    /// The one segment below a folder, decoded to the end: `/hooks/a%2Fb` has `a/b` below `/hooks/`; nil for other paths.
    package func segment(below folder: String) -> String? {
        // Byte by byte where they lie: every delivery's path is looked at so.
        var (path, folder) = (path, folder)
        var isEncoded = false
        let segment = path.withUTF8 { path in
            folder.withUTF8 { folder -> String? in
                guard path.count >= folder.count else { return nil }
                for index in folder.indices where path[index] != folder[index] { return nil }
                let segment = path[folder.count...]
                for byte in segment {
                    if byte == UInt8(ascii: "/") { return nil }
                    if byte == UInt8(ascii: "%") { isEncoded = true }
                }
                return String(decoding: segment, as: UTF8.self)
            }
        }
        return isEncoded ? segment.map { Self.decoded($0[...]) } : segment
    }

    /// The path's segments, decoded to the end: `/models/a%2Fb` gives `["models", "a/b"]`, and `/models/` a last
    /// segment that is empty.
    package var segments: [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
            .map { Self.decoded(Substring($0)) }
    }

    /// By bytes: to Swift a slash or a digit with an accent behind it is another character.
    private static func decoded(_ segment: Substring) -> String {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return String(segment) }
        let bytes = Array(segment.utf8).replacing("%2F".utf8, with: "/".utf8).replacing("%25".utf8, with: "%".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Whether both are the same but for the case of A to Z.
    func equalsIgnoringASCIICase(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0 == $1 || ($0.isASCIILetter && $0 ^ $1 == 32) }
    }

}

extension UInt8 {
    var isASCIILetter: Bool { self | 32 >= UInt8(ascii: "a") && self | 32 <= UInt8(ascii: "z") }

    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
