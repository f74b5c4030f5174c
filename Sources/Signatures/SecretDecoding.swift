/// How the text of a configured secret becomes a key (product.md §2.1).
package enum SecretDecoding {
    /// The key that `text` stands for under a scheme: its UTF-8 bytes, or, for `standard-webhooks` and `svix`, the
    /// base64 behind an optional `whsec_`. Stripe's secrets begin so too, and are used as they are.
    package static func key(_ text: String, for scheme: Scheme) throws(SecretError) -> [UInt8] {
        let key: [UInt8]
        switch scheme.proof {
        case .signature(let form) where form.secretForm == .whsec:
            let digits = text.hasPrefix(whsec) ? text.dropFirst(whsec.count) : text[...]
            // Some of these secrets were cut to a length that is no whole number of bytes; the senders' own libraries
            // take them.
            guard let bytes = Encoding.base64.decode(digits.utf8, trailingBits: .ignored) else { throw .notBase64 }
            key = bytes
        case .signature, .token, .unsigned:
            key = Array(text.utf8)
        }
        guard !key.isEmpty else { throw .empty }
        return key
    }

    static let whsec = "whsec_"
}

/// Why a secret's text is no key. Never holds the text.
package enum SecretError: Error, Equatable, CustomStringConvertible {
    /// Nothing is left of it: anybody could sign with that.
    case empty
    /// The scheme's secrets are base64, and this is not.
    case notBase64

    package var description: String {
        switch self {
        case .empty: "the secret is empty"
        case .notBase64: "the secret is not base64, as this signature's secrets are (after 'whsec_')"
        }
    }
}
