import Vocabulary

/// Tells whether deliveries of one source come from who they should. Made once for each version of its configuration;
/// any number of deliveries may be under way at once.
package struct Verifier: Sendable {
    package let scheme: Scheme
    private let method: Method

    private enum Method {
        case signature(SignatureForm, [KeyedMAC])
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
            var macs: [KeyedMAC] = []
            for secret in secrets {
                guard let mac = KeyedMAC(form.algorithm, key: secret) else { throw .algorithmRefused(form.algorithm) }
                macs.append(mac)
            }
            method = .signature(form, macs)
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
        case .signature(let form, let macs):
            Verification(SignatureClaim(headers, form: form, now: now), macs: macs)
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
