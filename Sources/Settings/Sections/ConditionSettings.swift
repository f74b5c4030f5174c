import JSONPath
import Rules

/// `when`: conditions on an event (product.md §2.3).
extension Reader where Value == Condition {
    static var when: Self {
        Self { node, reading in
            var mustEqual: [String: Placed<Scalar>] = [:]
            return condition(node, reading, &mustEqual)
        }
    }

    /// A mapping whose entries must all hold. `mustEqual` has what each path that selects at most one node must equal
    /// for this condition to hold; one that must equal two things never does, which is a mistake.
    private static func condition(
        _ node: YAMLNode,
        _ reading: Reading,
        _ mustEqual: inout [String: Placed<Scalar>]
    ) -> Condition? {
        guard case .mapping(let pairs) = node.content else {
            let expected = "a mapping from JSONPaths to conditions"
            reading.report.error("expected \(expected), found \(node.kind)", at: node.span)
            return nil
        }
        var conditions: [Condition?] = []
        for pair in pairs {
            switch pair.key {
            case "all":
                let parts = list(pair.value, reading) { condition($0, reading, &mustEqual) }
                conditions.append(parts.map(Condition.all))
            case "any":
                // Each alternative on its own, together with what must hold beside them.
                let outside = mustEqual
                let parts = list(pair.value, reading) { part in
                    var inside = outside
                    return condition(part, reading, &inside)
                }
                conditions.append(parts.map(Condition.any))
            case "none":
                let parts = list(pair.value, reading) { part in
                    var inside: [String: Placed<Scalar>] = [:]
                    return condition(part, reading, &inside)
                }
                conditions.append(parts.map(Condition.none))
            case let key where key.hasPrefix("$") || key.hasPrefix("header:"):
                let subject = Compiler(text: key, span: pair.keySpan, report: reading.report).subject()
                let predicate = Reader<Predicate>.predicate.read(pair.value, reading)
                guard let subject, let predicate else {
                    conditions.append(nil)
                    continue
                }
                conditions.append(.test(subject, predicate))
                checkEquality(subject, predicate, pair.value.span, reading.report, &mustEqual)
            default:
                reading.report.error(
                    "expected a JSONPath, header:NAME, any, all or none, found \"\(pair.key)\"",
                    at: pair.keySpan,
                    hint: Suggestion.hint(for: pair.key, among: ["any", "all", "none"])
                        ?? "a JSONPath begins with $, as in $.event"
                )
                conditions.append(nil)
            }
        }
        let sound = conditions.compactMap { $0 }
        return sound.count == conditions.count ? .all(sound) : nil
    }

    private static func list(
        _ node: YAMLNode,
        _ reading: Reading,
        _ element: (YAMLNode) -> Condition?
    ) -> [Condition]? {
        guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
            let expected = "a list of mappings from JSONPaths to conditions"
            reading.report.error("expected \(expected), found \(node.kind)", at: node.span)
            return nil
        }
        let conditions = nodes.map(element)
        let sound = conditions.compactMap { $0 }
        return sound.count == conditions.count ? sound : nil
    }

    private static func checkEquality(
        _ subject: Subject,
        _ predicate: Predicate,
        _ span: Span,
        _ report: Report,
        _ mustEqual: inout [String: Placed<Scalar>]
    ) {
        // A path that selects several nodes holds when any of them does, and so does a repeated header.
        guard case .path(let path) = subject, path.isSingular, case .value(let tests) = predicate else { return }
        for case .equals(let scalar) in tests {
            guard let other = mustEqual[path.description] else {
                mustEqual[path.description] = Placed(value: scalar, span: span)
                continue
            }
            let numbers = (YAMLNumber(scalar.text), YAMLNumber(other.value.text))
            let areSameNumber = numbers.0 != nil && numbers.0 == numbers.1
            guard scalar.text != other.value.text, !areSameNumber else { continue }
            report.error(
                "\(path) can never equal both \(other.value) and \(scalar)",
                at: span,
                hint: "the other stands at \(other.span.start); for either of them write { in: [ … ] } or any: [ … ]"
            )
        }
    }
}

extension Reader where Value == Predicate {
    /// What stands behind a path: a scalar, or a mapping of operators.
    fileprivate static var predicate: Self {
        Self { node, reading in
            switch node.content {
            case .scalar(let scalar):
                return .value([.equals(scalar.isMissing ? .null : Scalar(scalar.text))])
            case .sequence:
                reading.report.error("expected a condition, found a list", at: node.span, hint: "write { in: [ … ] }")
                return nil
            case .mapping: return operators.read(node, reading)
            }
        }
    }

    private static var operators: Self {
        .mapping("a condition") { keys in
            var tests: [ValueTest] = []
            tests += keys.optional("in", .list(of: .scalar, atLeast: 1)).map { [.isIn($0)] } ?? []
            tests += keys.optional("glob", .glob).map { [.glob($0)] } ?? []
            tests += keys.optional("matches", .regexp).map { [.matches($0)] } ?? []
            tests += keys.optional("above", .ruleNumber).map { [.above($0)] } ?? []
            tests += keys.optional("below", .ruleNumber).map { [.below($0)] } ?? []
            var predicates: [Predicate] = tests.isEmpty ? [] : [.value(tests)]
            predicates += keys.optional("exists", .boolean).map { [.exists($0)] } ?? []
            predicates += keys.optional("not", .predicate).map { [.not($0)] } ?? []
            if keys.isEmpty { keys.report.error("expected a condition, found an empty mapping", at: keys.span) }
            return predicates.count == 1 ? predicates[0] : .every(predicates)
        }
    }
}

extension Reader where Value == Scalar {
    fileprivate static var scalar: Self {
        Self { node, reading in
            if let scalar = node.scalar { return scalar.isMissing ? .null : Scalar(scalar.text) }
            reading.report.error("expected a single value, found \(node.kind)", at: node.span)
            return nil
        }
    }
}

extension Reader where Value == Glob {
    fileprivate static var glob: Self {
        .compiled("a pattern such as \"sap_*\"") { $0.glob() }
    }
}

extension Reader where Value == Number {
    fileprivate static var ruleNumber: Self { .parsed("a number") { Number($0) } }
}
