extension Reader where Value == String {
    /// Text as written, not empty. `what` completes "expected …".
    static func text(_ what: String = "text") -> Self {
        Self(.scalar(mayBeEmpty: false), show: JSONValue.string) { node, reading in
            guard let scalar = node.expectScalar(what, reading.report) else { return nil }
            if scalar.text.contains("${") {
                reading.report.warning(
                    "${…} stands for itself here",
                    at: node.span,
                    hint: "no variables are put in but secrets, which are written env:NAME"
                )
            }
            if !scalar.text.isEmpty { return scalar.text }
            reading.report.error("expected \(what), found an empty text", at: node.span)
            return nil
        }
    }

    /// Text as written; nothing is the empty text.
    static var anyText: Self {
        Self(.scalar(mayBeEmpty: true), show: JSONValue.string) { node, reading in
            if let scalar = node.scalar { return scalar.text }
            reading.report.error("expected text, found \(node.kind)", at: node.span)
            return nil
        }
    }

    /// The name of something that is configured elsewhere in the file; `names` is nil where that cannot be told.
    static func reference(to what: String, among names: Set<String>?) -> Self {
        text("the name of a \(what)").and { name, span, report in
            guard let names, !names.contains(name) else { return true }
            let known = names.isEmpty ? nil : "known: " + names.sorted().prefix(10).joined(separator: ", ")
            report.error(
                "there is no \(what) \"\(name)\"",
                at: span,
                hint: Suggestion.hint(for: name, among: names) ?? known
            )
            return false
        }
    }
}

extension Reader where Value == [(key: String, value: String)] {
    /// A mapping from text to text, both as written.
    static func texts(_ element: Reader<String>) -> Self {
        Self(.named(element.schema, atLeast: 0)) { node, reading in
            guard case .mapping(let pairs) = node.content else {
                reading.report.error("expected a mapping from text to text, found \(node.kind)", at: node.span)
                return nil
            }
            let values = pairs.map { element.read($0.value, reading) }
            return zip(pairs, values).compactMap { pair, value in value.map { (key: pair.key, value: $0) } }
        }
    }
}

extension Reader where Value == Bool {
    /// Only `true` and `false` (product.md §2.1).
    static var boolean: Self {
        Self(.boolean, show: JSONValue.bool) { node, reading in
            switch node.scalar {
            case let scalar? where scalar.isPlain && scalar.text == "true": return true
            case let scalar? where scalar.isPlain && scalar.text == "false": return false
            case let scalar? where !scalar.isMissing:
                reading.report.error(
                    "expected true or false, found \"\(scalar.text)\"",
                    at: node.span,
                    hint: Self.hint(for: scalar.text.lowercased())
                )
            default: reading.report.error("expected true or false, found \(node.kind)", at: node.span)
            }
            return nil
        }
    }
}

extension Reader where Value == Bool {
    /// What the booleans of other languages are here.
    private static func hint(for text: String) -> String? {
        switch text {
        case "true", "yes", "on", "y", "1": "write true, without quotes"
        case "false", "no", "off", "n", "0": "write false, without quotes"
        default: nil
        }
    }
}

extension Reader where Value == Int {
    /// A whole number in a range.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return parsed(expected, .integer(range), show: JSONValue.integer) { text in
            YAMLNumber.integer(text).flatMap { range.contains($0) ? $0 : nil }
        }
        .plain
    }

    /// A count of at least one.
    static var count: Self { integer(1...1_000_000_000) }
}

extension Reader where Value == Double {
    /// A number in a range.
    static func number(_ range: ClosedRange<Double>, _ expected: String) -> Self {
        parsed(expected, .number(range), show: JSONValue.number) { text in
            // Double's own parser also knows "inf", "nan" and hexadecimal.
            guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
            return Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
        .plain
    }
}

extension Reader where Value: CaseIterable & RawRepresentable<String> {
    /// One of a few words.
    static func oneOf(_ what: String = "value") -> Self {
        let words = Value.allCases.map(\.rawValue)
        let show: (Value) -> JSONValue? = { .string($0.rawValue) }
        return Self(.words(words), show: show) { node, reading in
            let expected = "one of " + words.joined(separator: ", ")
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            if let value = Value(rawValue: scalar.text) { return value }
            reading.report.error(
                "unknown \(what) \"\(scalar.text)\"",
                at: node.span,
                hint: Suggestion.hint(for: scalar.text, among: words) ?? "use " + expected
            )
            return nil
        }
    }
}

extension Reader {
    /// As this reader, but not for a value in quotes: that is text.
    fileprivate var plain: Self {
        Self(schema, show: show) { node, reading in
            if let scalar = node.scalar, !scalar.isPlain {
                reading.report.error("expected a number, found text in quotes", at: node.span)
                return nil
            }
            return read(node, reading)
        }
    }
}
