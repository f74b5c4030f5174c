import Vocabulary

/// What a signed delivery looks like: where the signature stands, how it is written and which bytes it covers.
package struct SignatureForm: Sendable, Hashable {
    /// Where the signature stands. Any of several names may verify; the names of `signed` and `timestamp` that have as
    /// many belong to these by position.
    package var headers: [String]
    /// Between the items of a header that holds several; nil: its whole value is one signature.
    package var separator: Unicode.Scalar?
    /// What stands before a signature. In a list, items without it are skipped: they are of another version.
    package var prefix = ""
    /// The hash function of its HMAC.
    package var algorithm: HashAlgorithm
    /// How the signature is written.
    package var encoding: Encoding
    /// The signed bytes: these parts one after another, `.body` once among them.
    package var signed: [SignedPart] = [.body]
    /// Where the time of sending stands; nil: this sender gives none.
    package var timestamp: TimestampPlace?
    /// How far the timestamp may be from now, in both directions (queue.md S4).
    package var tolerance: Duration = .seconds(300)
    /// How the text of this sender's secrets becomes a key.
    package var secretForm = SecretForm.text

    /// One part of the signed bytes.
    package enum SignedPart: Sendable, Hashable, ExpressibleByStringLiteral {
        /// These bytes.
        case text([UInt8])
        /// The value of a header, under whichever of these names it came.
        case header([String])
        /// The timestamp, exactly as it was written.
        case timestamp
        /// The body, exactly as it arrived.
        case body

        package init(stringLiteral value: String) { self = .text(Array(value.utf8)) }
    }

    /// Where the time of sending stands, as decimal Unix seconds.
    package enum TimestampPlace: Sendable, Hashable {
        /// A header of its own, under any of these names.
        case header([String])
        /// The item of the signature's header that begins so.
        case item(prefix: String)
    }

    /// How a configured secret's text becomes a key.
    package enum SecretForm: Sendable, Hashable {
        /// Its UTF-8 bytes.
        case text
        /// Base64 behind an optional `whsec_`.
        case whsec
    }

    /// Under which of a header's names to look. Where they belong to the signature's by position, those beside a signature
    /// that is there: a stray header of the other family then spoils nothing, and never passes for the one that was signed
    /// (queue.md Q17). All of them where that finds nothing.
    func namesInUse(_ names: [String], in headers: some HeaderFields) -> [String] {
        guard names.count > 1, names.count == self.headers.count else { return names }
        func isPresent(_ name: String) -> Bool {
            var isPresent = false
            headers.forEachValueBytes(named: name) { isPresent = isPresent || !trimmed($0).isEmpty }
            return isPresent
        }
        var used: [String] = []
        for (header, name) in zip(self.headers, names) {
            // Both are looked up, whatever the first says, so that the time does not tell (queue.md S8).
            let (isSigned, isThere) = (isPresent(header), isPresent(name))
            if isSigned && isThere { used.append(name) }
        }
        return used.isEmpty ? names : used
    }

    /// The names of the signed header that `name` is one of; nil when it is not signed.
    func names(ofSignedHeader name: String) -> [String]? {
        for part in signed {
            switch part {
            case .header(let names):
                if names.contains(where: { isSameHeaderName($0, name) }) { return names }
            case .timestamp:
                if case .header(let names) = timestamp, names.contains(where: { isSameHeaderName($0, name) }) {
                    return names
                }
            case .text, .body: continue
            }
        }
        return nil
    }

    func signs(header name: String) -> Bool { names(ofSignedHeader: name) != nil }

    /// Reads a template such as `{header:X-Timestamp}.{body}`.
    static func parse(template: String) throws(SchemeError) -> [SignedPart] {
        var parts: [SignedPart] = []
        var rest = template[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if open > rest.startIndex { parts.append(.text(Array(rest[..<open].utf8))) }
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
                throw .placeholder(String(rest[open...]))
            }
            let placeholder = rest[open...close]
            let name = placeholder.dropFirst().dropLast()
            if name == "body" {
                parts.append(.body)
            } else if name.hasPrefix("header:"), isHeaderName(String(name.dropFirst(7))) {
                parts.append(.header([String(name.dropFirst(7))]))
            } else {
                throw .placeholder(String(placeholder))
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        switch parts.count(where: { $0 == .body }) {
        case 0: throw .bodyNotSigned
        case 1: return parts
        default: throw .bodyTwice
        }
    }
}
