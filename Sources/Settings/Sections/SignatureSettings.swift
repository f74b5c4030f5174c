import Signatures

extension Reader where Value == Scheme {
    /// `signature`: a preset's name, `none`, or a mapping (product.md §2.2).
    static var signature: Self {
        let known = Scheme.presetNames + [Scheme.unsigned.name]
        let forms = [custom, bearer, basic, headerToken].map(\.schema)
        return Self(.either([.words(known)] + forms)) { node, reading in
            if case .mapping(let pairs) = node.content {
                return form(of: Set(pairs.map(\.key))).read(node, reading)
            }
            let expected = "a preset's name or a mapping"
            guard let name = node.expectScalar(expected, reading.report)?.text else { return nil }
            if name == Scheme.unsigned.name { return .unsigned }
            if let preset = Scheme.preset(named: name) { return preset }
            reading.report.error(
                "there is no signature preset \"\(name)\"",
                at: node.span,
                hint: Suggestion.hint(for: name, among: known) ?? "known: " + known.joined(separator: ", ")
            )
            return nil
        }
    }

    /// Which of the mappings is meant.
    private static func form(of keys: Set<String>) -> Self {
        if keys.contains("bearer") { return bearer }
        if keys.contains("basic") { return basic }
        return keys.contains("header_token") ? headerToken : custom
    }

    private static var bearer: Self {
        .mapping("signature") { keys in keys.required("bearer", .yes).map { _ in .bearer } }
    }

    private static var basic: Self {
        .mapping("signature") { keys in keys.required("basic", .yes).map { _ in .basic } }
    }

    private static var headerToken: Self {
        .mapping("signature") { keys in keys.required("header_token", tokenHeader) }
    }

    private static var custom: Self { .mapping("signature") { keys in custom(keys) } }

    private static var tokenHeader: Self {
        Self(.scalar(mayBeEmpty: false)) { node, reading in
            guard let name = Reader<String>.text("a header's name").read(node, reading) else { return nil }
            do throws(SchemeError) {
                return try .headerToken(name)
            } catch {
                reading.report.error("\(error)", at: node.span)
                return nil
            }
        }
    }

    private static func custom(_ keys: Keys) -> Scheme? {
        let header = keys.required("header", .text("a header's name"))
        let algorithm = keys.value("algorithm", .oneOf("algorithm"), default: HashAlgorithm.sha256)
        let encoding = keys.value("encoding", .oneOf("encoding"), default: Encoding.hex)
        let prefix = keys.value("prefix", .anyText, default: "")
        let signed = keys.value("signed", .text("a template such as {body}"), default: "{body}")
        let timestamp = keys.optional("timestamp", .timestamp)
        guard let header, keys.areSound("algorithm", "encoding", "prefix", "signed", "timestamp") else { return nil }
        do throws(SchemeError) {
            return try .custom(
                header: header,
                algorithm: algorithm,
                encoding: encoding,
                prefix: prefix,
                signed: signed,
                timestamp: timestamp.map { ($0.header, $0.tolerance) }
            )
        } catch {
            keys.report.error("\(error)", at: keys.span(of: error.field))
            return nil
        }
    }
}

/// `signature.timestamp`: a header and how far it may be from now.
private struct TimestampSettings {
    var header: String
    var tolerance: Duration
}

extension Reader where Value == TimestampSettings {
    fileprivate static var timestamp: Self {
        .mapping("signature.timestamp") { keys in
            let header = keys.required("header", .text("a header's name"))
            let tolerance = keys.value("tolerance", .positiveDuration, default: .seconds(300))
            return header.map { TimestampSettings(header: $0, tolerance: tolerance) }
        }
    }
}

extension Reader where Value == Bool {
    /// A key that is there to be true.
    fileprivate static var yes: Self {
        let yes = boolean.and { value, span, report in
            if value { return true }
            report.error("expected true", at: span, hint: "without a signature write signature: none")
            return false
        }
        return Self(.yes) { node, reading in
            if case .scalar(let scalar) = node.content, words.contains(scalar.text.lowercased()) {
                return yes.read(node, reading)
            }
            // Somebody may have taken this for the place of the token itself.
            reading.report.mask(node.span)
            reading.report.error(
                "expected true",
                at: node.span,
                hint: "what the sender shows belongs under secrets, beside signature: secrets: [env:NAME]"
            )
            return nil
        }
    }

    private static let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", ""]
}
