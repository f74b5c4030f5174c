import Signatures

/// A configured secret (product.md §2.1). However it is printed, its value does not show (queue.md S7).
package struct Secret: Hashable, Sendable {
    /// Where it comes from.
    package let reference: SecretReference
    /// Its value, decoded and never empty; nil only when the file was loaded without looking secrets up.
    package let bytes: [UInt8]?

    package init(reference: SecretReference, bytes: [UInt8]?) {
        self.reference = reference
        self.bytes = bytes
    }

    /// The value as text. Every secret of `admin` and `celonis.auth` is text without control characters.
    package var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The reference alone.
    package var description: String { "secret from \(reference)" }
    /// The reference alone.
    package var debugDescription: String { description }
    /// Nothing, so that `dump` shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where a secret comes from and how its text is encoded.
package struct SecretReference: Hashable, Sendable, CustomStringConvertible {
    /// The place that holds it.
    package enum Origin: Hashable, Sendable {
        /// An environment variable.
        case environment(String)
        /// A file's whole content, without one newline at its end.
        case file(String)
        /// A file of this name in `$CREDENTIALS_DIRECTORY`, read as `file`.
        case credential(String)
        /// The configuration itself.
        case literal
    }

    package var origin: Origin
    /// How the text that is found there stands for the secret's bytes; nil: it is the secret.
    package var encoding: Encoding?

    package init(origin: Origin, encoding: Encoding? = nil) {
        self.origin = origin
        self.encoding = encoding
    }

    /// As the configuration writes it, except for the text of a literal.
    package var description: String {
        let prefix = encoding.map { $0.rawValue + ":" } ?? ""
        switch origin {
        case .environment(let name): return prefix + "env:" + name
        case .file(let path): return prefix + "file:" + path
        case .credential(let name): return prefix + "credential:" + name
        case .literal: return prefix + "literal:…"
        }
    }

    /// Reads `[base64:|hex:]env:NAME` and the other forms; nil when a prefix is missing or nothing follows it. The
    /// second value is the text of a literal.
    static func parse(_ text: String) -> (reference: Self, literal: String?)? {
        var rest = text[...]
        var encoding: Encoding?
        for candidate in [Encoding.base64, .hex] where rest.hasPrefix(candidate.rawValue + ":") {
            encoding = candidate
            rest = rest.dropFirst(candidate.rawValue.count + 1)
            break
        }
        guard let colon = rest.firstIndex(of: ":") else { return nil }
        let value = String(rest[rest.index(after: colon)...])
        switch rest[..<colon] {
        case "literal": return (Self(origin: .literal, encoding: encoding), value)
        case "env" where !value.isEmpty: return (Self(origin: .environment(value), encoding: encoding), nil)
        case "file" where !value.isEmpty: return (Self(origin: .file(value), encoding: encoding), nil)
        case "credential" where !value.isEmpty && !value.contains("/"):
            return (Self(origin: .credential(value), encoding: encoding), nil)
        default: return nil
        }
    }
}
