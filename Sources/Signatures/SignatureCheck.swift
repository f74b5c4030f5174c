import Vocabulary

/// Compares the signatures that a delivery's headers carry with what each secret makes of its bytes. A class, so that
/// nothing of it is copied for a delivery.
final class SignatureCheck: Sendable {
    private let form: SharedForm
    private let macs: KeyedMACs

    init(form: SignatureForm, secrets: [[UInt8]]) throws(VerifierError) {
        self.form = SharedForm(form)
        var macs: [KeyedMAC] = []
        for secret in secrets {
            guard let mac = KeyedMAC(form.algorithm, key: secret) else { throw .algorithmRefused(form.algorithm) }
            macs.append(mac)
        }
        self.macs = KeyedMACs(macs)
    }

    func begin(_ headers: some HeaderFields, now: WallTime) -> Verification {
        Verification(SignatureClaim(headers, form: form, now: now), macs: macs)
    }
}

/// A form that is read by reference: handing it on as a value takes and gives back a reference for each of its fields.
final class SharedForm: Sendable {
    let value: SignatureForm
    /// A header's value with a signature that nothing has: read where there is none, and refused all the same.
    let standIn: [UInt8]

    init(_ value: SignatureForm) {
        self.value = value
        let signature = value.encoding.encode([UInt8](repeating: 0, count: value.algorithm.length))
        standIn = Array((value.prefix + signature).utf8)
    }
}
