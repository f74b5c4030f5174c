extension Reader where Value == Secret {
    /// A reference to a secret, looked up unless this run does without. No message holds any of its text but names of
    /// variables and files.
    static var secret: Self {
        Self(.shared("secret") { secretSchema }) { node, reading in
            guard let scalar = node.scalar, !scalar.isMissing else {
                reading.report.mask(node.span)
                reading.report.error("expected a secret, found \(node.kind)", at: node.span, hint: forms)
                return nil
            }
            guard let (reference, literal) = SecretReference.parse(scalar.text) else {
                reading.report.mask(node.span)
                reading.report.error("a secret must say where it comes from", at: node.span, hint: forms)
                return nil
            }
            if literal != nil {
                reading.report.mask(node.span)
                reading.report.warning(
                    "a secret written in the configuration",
                    at: node.span,
                    hint: "keep it in a file or variable: file:PATH, credential:NAME or env:NAME"
                )
            }
            do throws(LookupError) {
                guard let found = try lookUp(reference, literal: literal, reading) else {
                    return Secret(reference: reference, bytes: nil)
                }
                return Secret(reference: reference, bytes: try decode(found, reference))
            } catch {
                reading.report.error(error.message, at: node.span, hint: error.hint)
                return nil
            }
        }
    }

    /// A secret that travels in a header or a form.
    static var textSecret: Self {
        secret.and { secret, span, report in
            guard let bytes = secret.bytes else { return true }
            let text = String(validating: bytes, as: UTF8.self)
            if text?.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) == true { return true }
            report.error("this secret holds bytes that are no text, or a line break", at: span)
            return false
        }
    }

    private static var secretSchema: Schema {
        let encoding = "^((base64|hex):)?"
        return .text(
            pattern: encoding + "(env:[\\s\\S]+|file:[\\s\\S]+|credential:[^/]+|literal:[\\s\\S]*)$",
            examples: ["env:NAME", "file:/run/secrets/name", "credential:NAME", "base64:env:NAME"]
        )
    }

    private static var forms: String {
        "env:NAME, file:PATH, credential:NAME or literal:TEXT, with base64: or hex: before it where it is encoded"
    }
}

extension Reader where Value == [Secret] {
    /// At least one secret. What is written instead of a list may be one too, and must not show.
    static func secrets(_ element: Reader<Secret>) -> Self {
        let list = list(of: element, atLeast: 1)
        return Self(list.schema) { node, reading in
            if node.elements.isEmpty { reading.report.mask(node.span) }
            return list.read(node, reading)
        }
    }
}

/// Why there is no value.
private struct LookupError: Error {
    var message: String
    var hint: String?
}

/// The text that stands for the secret; nil when this run does without secrets.
private func lookUp(
    _ reference: SecretReference,
    literal: String?,
    _ reading: Reading
) throws(LookupError) -> [UInt8]? {
    if let literal { return Array(literal.utf8) }
    guard let source = reading.secrets else { return nil }
    switch reference.origin {
    case .literal: return nil
    case .environment(let name):
        guard let value = source.variable(name) else {
            throw LookupError(
                message: "environment variable \(name) is not set",
                hint: "set it where this command runs"
            )
        }
        return Array(value.utf8)
    case .file(let path): return try contents(ofFile: path, source)
    case .credential(let name):
        guard let directory = source.variable("CREDENTIALS_DIRECTORY"), !directory.isEmpty else {
            throw LookupError(
                message: "$CREDENTIALS_DIRECTORY is not set",
                hint: "the service manager sets it, e.g. systemd with LoadCredential=\(name):PATH"
            )
        }
        return try contents(ofFile: directory + "/" + name, source)
    }
}

private func contents(ofFile path: String, _ source: any SecretSource) throws(LookupError) -> [UInt8] {
    var bytes: [UInt8]
    do throws(SecretFileError) {
        bytes = try source.contents(ofFile: path)
    } catch {
        throw LookupError(message: "cannot read the secret's file \(path): \(error)")
    }
    if bytes.last == UInt8(ascii: "\n") {
        bytes.removeLast()
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    }
    return bytes
}

private func decode(_ text: [UInt8], _ reference: SecretReference) throws(LookupError) -> [UInt8] {
    guard !text.isEmpty else { throw LookupError(message: "the secret is empty: \(reference)") }
    guard let encoding = reference.encoding else { return text }
    guard let bytes = encoding.decode(text), !bytes.isEmpty else {
        throw LookupError(message: "the secret is not \(encoding.rawValue): \(reference)")
    }
    return bytes
}
