/// What became of a delivery's proof.
package enum Verdict: Hashable, Sendable {
    /// The sender is known: by the secret at this position of the configured list (0 is the current one), or by
    /// nothing, where the source is unsigned.
    case verified(secretPosition: Int?)
    /// Somebody else, or a broken delivery.
    case refused(Refusal)
}

/// Why a delivery was refused: for our own trails and metrics. The sender gets one answer for all of them
/// (queue.md S8).
package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    /// The header with the signature or token is not there, or empty.
    case missing
    /// A header that counts came more than once, or under two names with different values (S6).
    case repeated
    /// No signature of the expected form, version and length could be read.
    case malformed
    /// A signature or token was read, but no secret explains it.
    case mismatch
    /// A header that is signed is not there, or empty.
    case signedHeaderMissing = "signed_header_missing"
    /// The timestamp is not there, or empty.
    case timestampMissing = "timestamp_missing"
    /// The timestamp is not 1 to 15 decimal digits.
    case timestampMalformed = "timestamp_malformed"
    /// The timestamp is further from now than the tolerance, in either direction (S4).
    case timestampOutOfTolerance = "timestamp_out_of_tolerance"
    /// libcrypto failed: no memory.
    case unavailable
}
