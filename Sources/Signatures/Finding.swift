/// One thing that `reloader diagnose` found. `description` is the sentence for the person who asked; none holds a
/// secret, a token or a MAC.
package enum Finding: Hashable, Sendable, CustomStringConvertible {
    /// Nothing is wrong.
    case verified(secretPosition: Int?)
    /// How the delivery is answered as it is.
    case refused(Refusal)
    /// The signature or token stands in this header.
    case otherHeader(String)
    /// The signature is written so.
    case otherEncoding(Encoding)
    /// The signature was made with this hash.
    case otherAlgorithm(HashAlgorithm)
    /// The signature lacks the prefix that the scheme asks for.
    case prefixMissing
    /// Before the signature stands something else than the scheme's prefix.
    case otherPrefix
    /// Behind the signature stands something that is no part of it, such as a quote.
    case somethingBehind
    /// The sender signed the body alone.
    case onlyBodySigned
    /// The body has a newline at its end that was not signed.
    case newlineAdded
    /// A newline at the end of the body was signed and is gone.
    case newlineLost
    /// The body was signed with other line ends: LF for CRLF or the other way round.
    case otherLineEnds
    /// The same JSON was signed in another writing: order of keys, spaces, escapes.
    case bodyWrittenAnew
    /// The sender reads a configured secret in another way than we do.
    case secretReadAs(SecretReading, position: Int)
    /// The secret is the one of another source.
    case otherSource(String, position: Int)
    /// The secret is right, but it is not carried in the form that the scheme asks for.
    case otherTokenForm
    /// The timestamp is this many seconds away from our clock; positive: in the future.
    case clockSkew(seconds: Int64)
    /// The signature itself matches: what refused the delivery is all that is wrong.
    case signatureRight
    /// None of the usual mistakes explains it.
    case unexplained

    package var description: String {
        switch self {
        case .verified(let position):
            position.map { "It verifies, with secret \($0 + 1) of this source." }
                ?? "It verifies: this source is unsigned."
        case .refused(let refusal): refusal.sentence
        case .otherHeader(let name): "It stands in the header \(name), where this source does not look."
        case .otherEncoding(let encoding): "The signature is written in \(encoding.rawValue)."
        case .otherAlgorithm(let algorithm): "The signature is made with \(algorithm.rawValue)."
        case .prefixMissing: "The signature lacks its prefix."
        case .otherPrefix: "Before the signature stands something that this source does not expect there."
        case .somethingBehind: "Behind the signature stands something that is no part of it."
        case .onlyBodySigned: "The sender signed the body alone, without what this source's signature also covers."
        case .newlineAdded: "The body has a newline at its end that was not signed: something on the way added it."
        case .newlineLost: "A newline at the end of the body was signed, and something on the way took it away."
        case .otherLineEnds: "The body was signed with other line ends: something on the way changed LF or CRLF."
        case .bodyWrittenAnew:
            "The same JSON was signed in another writing (order of keys, spaces or escapes): something on the way "
                + "parsed the body and wrote it anew."
        case .secretReadAs(let reading, let position):
            "The sender uses secret \(position + 1) \(reading.phrase)."
        case .otherSource(let name, let position): "The secret is number \(position + 1) of the source '\(name)'."
        case .otherTokenForm: "The secret is right, but not carried in the form that this source asks for."
        case .clockSkew(let seconds):
            "Its time is \(seconds.magnitude) s \(seconds < 0 ? "before" : "after") ours: "
                + "one of the clocks is wrong, or the delivery is old."
        case .signatureRight: "The signature itself is right."
        case .unexplained:
            "No usual mistake explains it: the secret is another one, or the body is not what was sent."
        }
    }
}

/// In which way a sender reads a secret that we read differently.
package enum SecretReading: Hashable, Sendable {
    /// Decoded, where we take its text.
    case decoded(Encoding)
    /// As text, where we decode it.
    case text
    /// With a newline at its end.
    case withNewline

    fileprivate var phrase: String {
        switch self {
        case .decoded(let encoding): "decoded from \(encoding.rawValue), and we use its text"
        case .text: "as text, and we decode it"
        case .withNewline: "with a newline at its end"
        }
    }
}

extension Refusal {
    fileprivate var sentence: String {
        switch self {
        case .missing: "The signature or token is missing."
        case .repeated: "A header that counts comes more than once, or under two names with different values."
        case .malformed: "What stands in the signature's place is no signature of the expected form."
        case .mismatch: "The signature or token matches no secret of this source."
        case .signedHeaderMissing: "A header that is signed is missing."
        case .timestampMissing: "The timestamp is missing."
        case .timestampMalformed: "The timestamp is not a decimal number of seconds."
        case .timestampOutOfTolerance: "The timestamp is further from now than the tolerance."
        case .unavailable: "The check itself failed: libcrypto had no memory."
        }
    }
}
