extension Reader {
    /// A mapping with known keys. `what` is how messages call it ("a model"); every key that `body` does not ask for is
    /// reported with the nearest known one, or what `hints` say of it.
    static func mapping(
        _ what: String,
        atLeast: Int = 0,
        hints: [String: String] = [:],
        _ body: @escaping (Keys) -> Value?
    ) -> Self {
        let object = ObjectSchema(what: what, properties: { Keys.asked(what, body) }, atLeast: atLeast)
        return Self(.object(object)) { node, reading in
            guard case .mapping(let pairs) = node.content else {
                let keys = Keys.asked(what, body).map(\.key).joined(separator: ", ")
                // Somebody may have written a secret where the mapping with its key belongs.
                reading.report.mask(node.span)
                reading.report.error(
                    "expected a mapping for \(what), found \(node.kind)",
                    at: node.span,
                    hint: "its keys: \(keys)"
                )
                return nil
            }
            if pairs.count < atLeast { reading.report.error("expected \(what), found an empty mapping", at: node.span) }
            let keys = Keys(what: what, pairs: pairs, span: node.span, reading: reading)
            let value = body(keys)
            keys.reportUnknown(hints)
            return value
        }
    }
}

/// The keys of one mapping while it is read. Asking for a key makes it known.
final class Keys {
    let reading: Reading
    /// The whole mapping.
    let span: Span
    private let what: String
    private let pairs: [YAMLPair]
    /// What was asked for, in this order.
    private var properties: [ObjectSchema.Property] = []
    private var failed: Set<String> = []

    init(what: String, pairs: [YAMLPair], span: Span, reading: Reading) {
        self.what = what
        self.pairs = pairs
        self.span = span
        self.reading = reading
    }

    /// Every key that `body` asks for, found by letting it read an empty mapping.
    static func asked(_ what: String, _ body: (Keys) -> some Any) -> [ObjectSchema.Property] {
        let start = Place(line: 1, column: 1)
        let reading = Reading(report: Report(source: SourceText(""), file: ""), secrets: nil)
        let keys = Keys(what: what, pairs: [], span: Span(start: start, end: start), reading: reading)
        _ = body(keys)
        return keys.properties
    }

    var report: Report { reading.report }

    private func ask<Value>(
        _ key: String,
        _ reader: Reader<Value>,
        isRequired: Bool = false,
        standard: Value? = nil
    ) -> Value? {
        properties.append(
            ObjectSchema.Property(
                key: key,
                schema: reader.schema,
                isRequired: isRequired,
                standard: standard.flatMap(reader.show)
            )
        )
        // A repeated key is an error already; reading all of them finds the mistakes in each.
        let values = pairs.filter { $0.key == key }.map { reader.read($0.value, reading) }
        guard let first = values.first else { return nil }
        if values.contains(where: { $0 == nil }) { failed.insert(key) }
        return first
    }

    /// The key's value; nil when it is absent or wrong.
    func optional<Value>(_ key: String, _ reader: Reader<Value>) -> Value? { ask(key, reader) }

    /// The key's value, or what stands for an absent one.
    func value<Value>(_ key: String, _ reader: Reader<Value>, default fallback: Value) -> Value {
        ask(key, reader, standard: fallback) ?? fallback
    }

    /// The key's value; its absence is an error.
    func required<Value>(_ key: String, _ reader: Reader<Value>) -> Value? {
        let value = ask(key, reader, isRequired: true)
        if !has(key) {
            let description = Descriptions.text(of: key, in: what).map { "\(key): \($0)" }
            report.error("missing key \"\(key)\" in \(what)", at: whereMissing, hint: description)
        }
        return value
    }

    /// A mapping whose keys all have defaults; absent, it is read as an empty one.
    func section<Value>(_ key: String, _ reader: Reader<Value>) -> Value? {
        let value = ask(key, reader)
        if has(key) { return value }
        return reader.read(YAMLNode(content: .mapping([]), span: span), reading)
    }

    /// What is written under a key; several where it is repeated.
    func nodes(under key: String) -> [YAMLNode] { pairs.filter { $0.key == key }.map(\.value) }

    func has(_ key: String) -> Bool { pairs.contains { $0.key == key } }

    /// Whether all these keys are absent or right, so that a check over them says something.
    func areSound(_ keys: String...) -> Bool { failed.isDisjoint(with: keys) }

    /// The place of a key's value, or of the mapping when it is absent.
    func span(of key: String) -> Span { pairs.first { $0.key == key }?.value.span ?? span }

    /// The place of a value inside the mapping under a key; nil when it is not written.
    func span(of key: String, _ inner: String) -> Span? {
        guard case .mapping(let entries) = pairs.first(where: { $0.key == key })?.value.content else { return nil }
        return entries.first { $0.key == inner }?.value.span
    }

    /// The names chosen in the mapping under a key, whether or not what they name is right; nil where there are none, so
    /// that a reference to one says nothing new.
    func names(in key: String) -> Set<String>? {
        var names: Set<String>?
        for pair in pairs where pair.key == key {
            guard case .mapping(let entries) = pair.value.content, !entries.isEmpty else { continue }
            names = (names ?? []).union(entries.map(\.key))
        }
        return names
    }

    /// Reports the second of two keys that exclude each other.
    func exclude(_ first: String, _ second: String, because reason: String) {
        guard has(first), let pair = pairs.first(where: { $0.key == second }) else { return }
        report.error("\"\(first)\" and \"\(second)\" exclude each other: \(reason)", at: pair.keySpan)
    }

    /// Reports the first of two durations where it is longer than the second and at least one of them is written.
    func checkOrder(_ shorter: String, _ a: Duration, _ longer: String, _ b: Duration) {
        guard a > b, areSound(shorter, longer) else { return }
        let culprit = has(longer) ? longer : shorter
        report.error(
            "\(longer) (\(DurationText.text(b))) is shorter than \(shorter) (\(DurationText.text(a)))",
            at: span(of: culprit),
            hint: "\(longer) must be at least \(shorter)"
        )
    }

    func reportUnknown(_ hints: [String: String]) {
        let known = properties.map(\.key)
        let absent = known.filter { !has($0) }
        for pair in pairs where !known.contains(pair.key) {
            // What is written under a misspelt key may be a secret.
            report.mask(Span(start: pair.keySpan.end, end: pair.value.span.end))
            let merge = pair.key == "<<" ? "merge keys are not supported: repeat what is meant" : nil
            let suggestion = hints[pair.key] ?? merge ?? Suggestion.hint(for: pair.key, among: absent)
            report.error(
                "unknown key \"\(pair.key)\" in \(what)",
                at: pair.keySpan,
                hint: suggestion ?? "known here: " + known.sorted().joined(separator: ", ")
            )
        }
    }

    /// The start of the mapping: where a key would have to be added.
    private var whereMissing: Span { Span(start: span.start, end: span.start) }
}
