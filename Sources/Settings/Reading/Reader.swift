/// Reads one YAML value as a `Value`. Where it cannot, it reports why and gives nil, so that reading goes on and finds
/// the other mistakes.
struct Reader<Value> {
    /// What it accepts.
    let schema: Schema
    /// A value as the file would say it; nil where nobody needs that.
    let show: (Value) -> JSONValue?
    let read: (YAMLNode, Reading) -> Value?

    init(
        _ schema: Schema,
        show: @escaping (Value) -> JSONValue? = { _ in nil },
        _ read: @escaping (YAMLNode, Reading) -> Value?
    ) {
        self.schema = schema
        self.show = show
        self.read = read
    }
}

/// What all readers of one file share.
final class Reading {
    let report: Report
    /// Where secrets come from; nil when they are not to be looked up.
    let secrets: (any SecretSource)?
    /// Every table that the file names.
    var mentions: [TableMention] = []
    /// Where things stand that only Celonis can tell to be wrong.
    var places = ConfigurationPlaces()

    init(report: Report, secrets: (any SecretSource)?) {
        self.report = report
        self.secrets = secrets
    }
}

extension Reader {
    /// A single value whose text `parse` understands. `expected` completes "expected …".
    static func parsed(
        _ expected: String,
        hint: String? = nil,
        _ schema: Schema,
        show: @escaping (Value) -> JSONValue? = { _ in nil },
        _ parse: @escaping (String) -> Value?
    ) -> Self {
        Self(schema, show: show) { node, reading in
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            if let value = parse(scalar.text) { return value }
            reading.report.error("expected \(expected), found \"\(scalar.text)\"", at: node.span, hint: hint)
            return nil
        }
    }

    /// The value read, if it also passes `check`, which reports what it does not like.
    func and(_ check: @escaping (Value, Span, Report) -> Bool) -> Self {
        Self(schema, show: show) { node, reading in
            guard let value = read(node, reading) else { return nil }
            return check(value, node.span, reading.report) ? value : nil
        }
    }

    func map<Result>(_ transform: @escaping (Value) -> Result) -> Reader<Result> {
        Reader<Result>(schema) { node, reading in read(node, reading).map(transform) }
    }

    /// The value together with its place, for checks that need more than this value.
    var placed: Reader<Placed<Value>> {
        Reader<Placed<Value>>(schema) { node, reading in
            read(node, reading).map { Placed(value: $0, span: node.span) }
        }
    }

    /// A list with at least `atLeast` entries, each of which `element` reads; one entry that cannot be read spoils it.
    static func list<Element>(of element: Reader<Element>, atLeast: Int = 0) -> Self where Value == [Element] {
        let show: (Value) -> JSONValue? = { values in
            let shown = values.compactMap(element.show)
            return shown.count == values.count ? .array(shown) : nil
        }
        return Self(.list(element.schema, atLeast: atLeast), show: show) { node, reading in
            guard case .sequence(let nodes) = node.content else {
                reading.report.error("expected a list, found \(node.kind)", at: node.span, hint: node.asListHint)
                return nil
            }
            let values = nodes.map { element.read($0, reading) }
            if nodes.count < atLeast {
                let entries = atLeast == 1 ? "one entry" : "\(atLeast) entries"
                reading.report.error("expected at least \(entries)", at: node.span)
                return nil
            }
            let read = values.compactMap { $0 }
            return read.count == values.count ? read : nil
        }
    }

    /// A list of mappings whose `name` no two share. Looks at the names as written, so that an entry with another mistake
    /// counts too.
    func withUniqueNames(_ what: String) -> Self {
        Self(schema, show: show) { node, reading in
            let names = node.elements.compactMap { entry -> YAMLNode? in
                guard case .mapping(let pairs) = entry.content else { return nil }
                return pairs.first { $0.key == "name" }?.value
            }
            reportRepeats(names, reading.report) { "repeated name \"\($0)\" of a \(what)" }
            return read(node, reading)
        }
    }

    /// A list of texts none of which is written twice.
    func withoutRepeats(_ what: String) -> Self {
        Self(schema, show: show) { node, reading in
            reportRepeats(node.elements, reading.report) { "repeated \(what) \"\($0)\"" }
            return read(node, reading)
        }
    }

    private func reportRepeats(_ texts: [YAMLNode], _ report: Report, _ message: (String) -> String) {
        var first: [String: Place] = [:]
        for node in texts {
            guard let text = node.scalar?.text else { continue }
            if let place = first[text] {
                report.error("\(message(text)); it stands at \(place) too", at: node.span)
            } else {
                first[text] = node.span.start
            }
        }
    }

    /// One value, or a list of at least one.
    static func oneOrMore<Element>(_ element: Reader<Element>) -> Self where Value == [Element] {
        Self(.either([element.schema, .list(element.schema, atLeast: 1)])) { node, reading in
            if case .sequence = node.content { return list(of: element, atLeast: 1).read(node, reading) }
            return element.read(node, reading).map { [$0] }
        }
    }

    /// A mapping from names that people choose to values that `element` reads, in the order written. A value that
    /// cannot be read is left out: the others are checked all the same.
    static func named<Element>(
        _ what: String,
        _ element: @escaping (Placed<String>) -> Reader<Element>
    ) -> Self where Value == [Element] {
        let start = Place(line: 1, column: 1)
        let anyName = Placed(value: "", span: Span(start: start, end: start))
        return Self(.named(element(anyName).schema, atLeast: 1)) { node, reading in
            guard case .mapping(let pairs) = node.content else {
                reading.report.error(
                    "expected a mapping from names to \(what)s, found \(node.kind)",
                    at: node.span,
                    hint: "begin each \(what) with a name of your choice and a colon, without a dash"
                )
                return nil
            }
            if pairs.isEmpty { reading.report.error("expected at least one \(what)", at: node.span) }
            return pairs.compactMap { pair in
                if pair.key.isEmpty { reading.report.error("the name of a \(what) is empty", at: pair.keySpan) }
                return element(Placed(value: pair.key, span: pair.keySpan)).read(pair.value, reading)
            }
        }
    }
}

/// A value and where it stands.
struct Placed<Value> {
    var value: Value
    var span: Span
}

extension YAMLNode {
    /// This node as a single value, or a report that it is none.
    func expectScalar(_ expected: String, _ report: Report) -> YAMLScalar? {
        if let scalar, !scalar.isMissing { return scalar }
        report.error("expected \(expected), found \(kind)", at: span)
        return nil
    }

    fileprivate var asListHint: String? {
        switch content {
        case .scalar(let scalar): scalar.isMissing ? nil : "put it in brackets: [ … ]"
        case .sequence: nil
        case .mapping: "begin each entry with a dash, or put it in brackets: [ … ]"
        }
    }
}
