import COpenSSL

/// One delivery being verified while its body arrives: nothing is kept of it, and nothing is parsed (queue.md S1).
/// Dropping it before `finish` frees what it holds.
package struct Verification: ~Copyable {
    private var macs: RunningMACs
    private let signatures: [UInt8]
    private let afterBody: [UInt8]
    /// Settled by the headers alone: a refusal, or the verdict of a scheme that does not look at the body.
    private let verdict: Verdict?

    init(_ claim: consuming SignatureClaim, macs keyed: KeyedMACs) {
        macs = RunningMACs(duplicating: keyed)
        signatures = claim.signatures
        afterBody = claim.afterBody
        verdict = claim.refusal.map(Verdict.refused)
        claim.beforeBody.withUnsafeBytes { macs.update($0) }
    }

    init(verdict: Verdict) {
        macs = RunningMACs(duplicating: .none)
        signatures = []
        afterBody = []
        self.verdict = verdict
    }

    /// Takes the next bytes of the body, in any portions.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) { macs.update(bytes) }

    /// The verdict, once the body has been fed. Every signature is compared with every secret's MAC, also when one has
    /// matched and when the headers were refused, so that the time taken shows nothing (queue.md S2, S3, S8).
    package consuming func finish() -> Verdict {
        afterBody.withUnsafeBytes { macs.update($0) }
        var match: Int?
        let isSound = signatures.withUnsafeBytes { signatures in
            macs.finish { position, mac in
                for start in stride(from: 0, to: signatures.count, by: max(1, mac.count)) {
                    let signature = UnsafeRawBufferPointer(rebasing: signatures[start...].prefix(mac.count))
                    let isEqual =
                        signature.count == mac.count
                        && CRYPTO_memcmp(signature.baseAddress, mac.baseAddress, mac.count) == 0
                    if isEqual && match == nil { match = position }
                }
            }
        }
        if let verdict { return verdict }
        guard isSound else { return .refused(.unavailable) }
        return match.map { .verified(secretPosition: $0) } ?? .refused(.mismatch)
    }
}
