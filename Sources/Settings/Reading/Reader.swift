/// Reads one YAML value as a `Value`. Where it cannot, it reports why and gives nil, so that reading goes on and finds
/// the other mistakes.
struct Reader<Value> {
    let read: (YAMLNode, Reading) -> Value?

    init(_ read: @escaping (YAMLNode, Reading) -> Value?) { self.read = read }
}

/// What all readers of one file share.
final class Reading {
    let report: Report
    /// Where secrets come from; nil when they are not to be looked up.
    let secrets: (any SecretSource)?

    init(report: Report, secrets: (any SecretSource)?) {
        self.report = report
        self.secrets = secrets
    }
}

extension Reader {
    /// A single value whose text `parse` understands. `expected` completes "expected …".
    static func parsed(_ expected: String, hint: String? = nil, _ parse: @escaping (String) -> Value?) -> Self {
        Self { node, reading in
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            if let value = parse(scalar.text) { return value }
            reading.report.error("expected \(expected), found \"\(scalar.text)\"", at: node.span, hint: hint)
            return nil
        }
    }

    /// The value read, if it also passes `check`, which reports what it does not like.
    func and(_ check: @escaping (Value, Span, Report) -> Bool) -> Self {
        Self { node, reading in
            guard let value = read(node, reading) else { return nil }
            return check(value, node.span, reading.report) ? value : nil
        }
    }

    func map<Result>(_ transform: @escaping (Value) -> Result) -> Reader<Result> {
        Reader<Result> { node, reading in read(node, reading).map(transform) }
    }

    /// The value together with its place, for checks that need more than this value.
    var placed: Reader<Placed<Value>> {
        Reader<Placed<Value>> { node, reading in read(node, reading).map { Placed(value: $0, span: node.span) } }
    }

    /// A list with at least `atLeast` entries, each of which `element` reads; one entry that cannot be read spoils it.
    static func list<Element>(of element: Reader<Element>, atLeast: Int = 0) -> Self where Value == [Element] {
        Self { node, reading in
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
        Self { node, reading in
            var first: [String: Place] = [:]
            for case .mapping(let pairs) in node.elements.map(\.content) {
                guard let name = pairs.first(where: { $0.key == "name" })?.value, let text = name.scalar?.text else {
                    continue
                }
                if let place = first[text] {
                    let message = "repeated name \"\(text)\" of a \(what); it stands at \(place) too"
                    reading.report.error(message, at: name.span)
                } else {
                    first[text] = name.span.start
                }
            }
            return read(node, reading)
        }
    }

    /// One value, or a list of at least one.
    static func oneOrMore<Element>(_ element: Reader<Element>) -> Self where Value == [Element] {
        Self { node, reading in
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
        Self { node, reading in
            guard case .mapping(let pairs) = node.content else {
                reading.report.error("expected a mapping from names to \(what)s, found \(node.kind)", at: node.span)
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
        guard let scalar, !scalar.isMissing else { return nil }
        return "put it in brackets: [ … ]"
    }
}
