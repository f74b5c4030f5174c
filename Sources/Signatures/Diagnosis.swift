import Vocabulary

/// The engine of `reloader diagnose` (product.md §5): tries the usual mistakes one after another and together, and names
/// those that make a refused delivery verify. Nothing it returns holds a secret, a token or a MAC.
package struct Diagnosis {
    /// A configured source, for telling that a delivery was signed for another one.
    package struct Source {
        /// Its name in the configuration.
        package var name: String
        /// What its deliveries have to show.
        package var scheme: Scheme
        /// Keys as `SecretDecoding` made them, the current one first.
        package var secrets: [[UInt8]]

        /// A source by its name in the configuration.
        package init(name: String, scheme: Scheme, secrets: [[UInt8]]) {
            self.name = name
            self.scheme = scheme
            self.secrets = secrets
        }
    }

    private let source: Source
    private let others: [Source]
    private let headers: HeaderList
    private let body: [UInt8]

    /// What explains the verdict on a delivery to `source`, most telling first; never empty. `others` are the other
    /// configured sources. Throws as `Verifier` does.
    package static func findings(
        source: Source,
        others: [Source],
        headers: HeaderList,
        body: [UInt8],
        now: WallTime
    ) throws(VerifierError) -> [Finding] {
        let verifier = try Verifier(scheme: source.scheme, secrets: source.secrets)
        let refusal: Refusal
        switch verifier.verify(headers: headers, body: body, now: now) {
        case .verified(let position): return [.verified(secretPosition: position)]
        case .refused(let reason): refusal = reason
        }
        let diagnosis = Self(source: source, others: others, headers: headers, body: body)
        let explanation: [Finding]?
        switch source.scheme.proof {
        case .signature(let form): explanation = diagnosis.explain(form, refusal: refusal, now: now)
        case .token(let place): explanation = diagnosis.explain(place)
        case .unsigned: explanation = nil
        }
        switch refusal {
        case .mismatch, .malformed: return [.refused(refusal)] + (explanation ?? [.unexplained])
        case .missing, .repeated, .signedHeaderMissing, .timestampMissing, .timestampMalformed,
            .timestampOutOfTolerance, .unavailable:
            return [.refused(refusal)] + (explanation ?? [])
        }
    }

    // MARK: Signatures

    /// The fewest mistakes that explain a signature; nil when no combination does.
    private func explain(_ form: SignatureForm, refusal: Refusal, now: WallTime) -> [Finding]? {
        let claim = SignatureClaim(headers, form: SharedForm(form), now: now)
        let seen = headers.fields.flatMap {
            SeenSignature.all(in: $0.value, header: $0.name, separator: form.separator)
        }
        let prefixes: [(bytes: [UInt8], findings: [Finding])] =
            claim.beforeBody.isEmpty && claim.afterBody.isEmpty
            ? [([], [])] : [(claim.beforeBody, []), ([], [.onlyBodySigned])]
        let bodies = bodies()
        var best: [Finding]?
        for key in keys() {
            for algorithm in HashAlgorithm.allCases {
                guard let keyed = KeyedMAC(algorithm, key: key.bytes) else { continue }
                for body in bodies {
                    for before in prefixes {
                        let after = before.findings.isEmpty ? claim.afterBody : []
                        guard let mac = keyed.mac(of: before.bytes + body.bytes + after) else { continue }
                        for signature in seen where isSameInConstantTime(signature.bytes, mac) {
                            var findings = key.findings + body.findings + before.findings
                            if algorithm != form.algorithm { findings.append(.otherAlgorithm(algorithm)) }
                            findings += signature.differences(from: form)
                            if findings.count < best?.count ?? .max { best = findings }
                        }
                    }
                }
            }
        }
        if refusal == .timestampOutOfTolerance, let skew = claim.secondsFromNow {
            best?.append(.clockSkew(seconds: skew))
        }
        return best?.isEmpty == true ? [.signatureRight] : best
    }

    private typealias Variant = (bytes: [UInt8], findings: [Finding])

    /// Every key that the sender may have used.
    private func keys() -> [Variant] {
        var keys: [Variant] = []
        for (position, secret) in source.secrets.enumerated() {
            keys.append((secret, []))
            keys += Self.otherReadings(of: secret).map { ($0.bytes, [.secretReadAs($0.reading, position: position)]) }
        }
        for other in others {
            for (position, secret) in other.secrets.enumerated() {
                keys.append((secret, [.otherSource(other.name, position: position)]))
            }
        }
        return keys
    }

    /// A secret decoded where we took its text, and as text where we decoded it.
    private static func otherReadings(of secret: [UInt8]) -> [(bytes: [UInt8], reading: SecretReading)] {
        var readings: [(bytes: [UInt8], reading: SecretReading)] = []
        let whsec = Array(SecretDecoding.whsec.utf8)
        let text = secret.starts(with: whsec) ? Array(secret.dropFirst(whsec.count)) : secret
        for encoding in Encoding.allCases {
            if let bytes = encoding.decode(text, trailingBits: .ignored), !bytes.isEmpty {
                readings.append((bytes, .decoded(encoding)))
            }
            let encoded = Array(encoding.encode(secret).utf8)
            readings.append((encoded, .text))
            if encoding == .base64 { readings.append((whsec + encoded, .text)) }
        }
        for newline in ["\n", "\r\n"] { readings.append((secret + Array(newline.utf8), .withNewline)) }
        return readings
    }

    /// The body as it arrived, and as it may have left the sender.
    private func bodies() -> [Variant] {
        var bodies: [Variant] = [(body, [])]
        for newline in ["\n", "\r\n"] {
            let bytes = Array(newline.utf8)
            bodies.append((body + bytes, [.newlineLost]))
            if body.suffix(bytes.count) == bytes[...] { bodies.append((body.dropLast(bytes.count), [.newlineAdded])) }
        }
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let bare = lines.map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
        for newline in ["\n", "\r\n"] {
            let text = Array(bare.joined(separator: Array(newline.utf8)))
            if text != body { bodies.append((text, [.otherLineEnds])) }
        }
        if let json = RawJSON(body) {
            for text in Set(json.otherWritings()) where text != body {
                bodies.append((text, [.bodyWrittenAnew]))
                // As `jq` and `echo` end it.
                bodies.append((text + [UInt8(ascii: "\n")], [.bodyWrittenAnew, .newlineLost]))
            }
        }
        return bodies
    }

    // MARK: Tokens

    /// Where a configured secret was found instead of where it was looked for.
    private func explain(_ place: Scheme.TokenPlace) -> [Finding]? {
        var best: [Finding]?
        for (name, value) in headers.fields {
            for token in Self.tokens(in: value) {
                for key in keys() where isSameInConstantTime(token.bytes, key.bytes) {
                    var findings = key.findings
                    if !isSameHeaderName(name, place.header) { findings.append(.otherHeader(name)) }
                    if token.place.map({ !Self.isSameKind($0, place) }) ?? true { findings.append(.otherTokenForm) }
                    if findings.count < best?.count ?? .max { best = findings }
                }
            }
        }
        return best
    }

    /// What a header may carry as a token, and in which form.
    private static func tokens(in value: String) -> [(bytes: [UInt8], place: Scheme.TokenPlace?)] {
        let text = trimmed(value.utf8)
        let words = text.split(separator: UInt8(ascii: " "), maxSplits: 1)
        var tokens: [(bytes: [UInt8], place: Scheme.TokenPlace?)] = [(Array(text), .header(""))]
        guard words.count == 2 else { return tokens }
        tokens.append((Array(words[1]), isSameToken(words[0], "Bearer".utf8) ? .bearer : nil))
        if let pair = Encoding.base64.decode(words[1]), let colon = pair.firstIndex(of: UInt8(ascii: ":")) {
            tokens.append((Array(pair[(colon + 1)...]), .basic))
        }
        return tokens
    }

    private static func isSameKind(_ one: Scheme.TokenPlace, _ other: Scheme.TokenPlace) -> Bool {
        switch (one, other) {
        case (.bearer, .bearer), (.basic, .basic), (.header, .header): true
        case (.bearer, _), (.basic, _), (.header, _): false
        }
    }
}
