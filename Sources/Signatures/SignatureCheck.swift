import Vocabulary

/// Compares the signatures that a delivery's headers carry with what each secret makes of its bytes. A class, so that
/// nothing of the form is copied for a delivery.
final class SignatureCheck: Sendable {
    private let form: SignatureForm
    private let macs: [KeyedMAC]

    init(form: SignatureForm, secrets: [[UInt8]]) throws(VerifierError) {
        self.form = form
        var macs: [KeyedMAC] = []
        for secret in secrets {
            guard let mac = KeyedMAC(form.algorithm, key: secret) else { throw .algorithmRefused(form.algorithm) }
            macs.append(mac)
        }
        self.macs = macs
    }

    func begin(_ headers: some HeaderFields, now: WallTime) -> Verification {
        Verification(SignatureClaim(headers, form: form, now: now), macs: macs)
    }
}
