import Vocabulary

/// Tells whether deliveries of one source come from who they should. Made once for each version of its configuration;
/// any number of deliveries may be under way at once. A class, so that nothing of it is copied for a delivery.
package final class Verifier: Sendable {
    /// What a delivery has to show.
    package let scheme: Scheme
    private let method: Method

    private enum Method {
        case signature(SignatureCheck)
        case token(TokenCheck)
        case unsigned
    }

    /// `secrets` are keys as `SecretDecoding` made them, the current one first. Throws where nothing could ever be
    /// verified with them; an unsigned scheme takes none.
    package init(scheme: Scheme, secrets: [[UInt8]]) throws(VerifierError) {
        self.scheme = scheme
        switch scheme.proof {
        case .signature(let form):
            try Self.check(secrets)
            method = .signature(try SignatureCheck(form: form, secrets: secrets))
        case .token(let place):
            try Self.check(secrets)
            method = .token(TokenCheck(place: place, secrets: secrets))
        case .unsigned:
            guard secrets.isEmpty else { throw .secretsUnused }
            method = .unsigned
        }
    }

    private static func check(_ secrets: [[UInt8]]) throws(VerifierError) {
        guard !secrets.isEmpty else { throw .noSecrets }
        if let position = secrets.firstIndex(where: \.isEmpty) { throw .emptySecret(position: position) }
    }

    /// Begins a delivery when its headers are there. Whatever they say, the whole body is to be fed, and only `finish`
    /// tells: an earlier answer would show which check failed (queue.md S8).
    package func begin(_ headers: some HeaderFields, now: WallTime) -> Verification {
        switch method {
        case .signature(let check): check.begin(headers, now: now)
        case .token(let check): Verification(verdict: check.verdict(headers))
        case .unsigned: Verification(verdict: .verified(secretPosition: nil))
        }
    }

    /// The verdict on a delivery that is there as a whole.
    package func verify(headers: some HeaderFields, body: some Sequence<UInt8>, now: WallTime) -> Verdict {
        var verification = begin(headers, now: now)
        if body.withContiguousStorageIfAvailable({ verification.update(UnsafeRawBufferPointer($0)) }) == nil {
            Array(body).withUnsafeBytes { verification.update($0) }
        }
        return verification.finish()
    }
}

/// Why no verifier can be made.
package enum VerifierError: Error, Equatable, CustomStringConvertible {
    /// A signature or token is asked for, and there is nothing to compare it with.
    case noSecrets
    /// The secret at this position of the list, counted from 0, is empty.
    case emptySecret(position: Int)
    /// `signature: none` came with secrets: whoever wrote them expects more than it does.
    case secretsUnused
    /// The system's libcrypto does not offer the algorithm.
    case algorithmRefused(HashAlgorithm)

    package var description: String {
        switch self {
        case .noSecrets: "at least one secret is needed"
        case .emptySecret(let position): "secret \(position + 1) of the list is empty"
        case .secretsUnused: "'signature: none' checks no secret: remove 'secrets', or name a signature"
        case .algorithmRefused(let algorithm): "this system's OpenSSL refuses HMAC with \(algorithm.rawValue)"
        }
    }
}
