import JSONPath
import Rules

/// `when`: conditions on an event (product.md §2.3).
extension Reader where Value == Condition {
    static var when: Self {
        Self(.shared("when") { .when }) { node, reading in
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
            reading.report.error(
                "expected \(expected), found \(node.kind)",
                at: node.span,
                hint: "write { $.event: sync_end }, or one a line without a dash"
            )
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
                        ?? "a JSONPath begins with $: \(isName(pair.key) ? "$.\(pair.key)" : "$.event")"
                )
                conditions.append(nil)
            }
        }
        let sound = conditions.compactMap { $0 }
        return sound.count == conditions.count ? .all(sound) : nil
    }

    /// Whether it only lacks its `$.`.
    private static func isName(_ key: String) -> Bool {
        !key.isEmpty
            && key.utf8.allSatisfy { (97...122).contains($0) || (65...90).contains($0) || "_.".utf8.contains($0) }
    }

    private static func list(
        _ node: YAMLNode,
        _ reading: Reading,
        _ element: (YAMLNode) -> Condition?
    ) -> [Condition]? {
        guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
            let expected = "a list of mappings from JSONPaths to conditions"
            reading.report.error(
                "expected \(expected), found \(node.kind)",
                at: node.span,
                hint: "write [{ $.event: a }, { $.event: b }]"
            )
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
        guard case .path(let path) = subject, let key = path.normalized, case .value(let tests) = predicate else {
            return
        }
        for case .equals(let scalar) in tests {
            guard let other = mustEqual[key] else {
                mustEqual[key] = Placed(value: scalar, span: span)
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

extension Schema {
    /// Reading goes by hand, so its description does too.
    fileprivate static var when: Self {
        let condition = Reader<Predicate>.predicate.schema
        let groups = ["any", "all", "none"].map { key in
            let conditions = Schema.list(Reader<Condition>.when.schema, atLeast: 1)
            return ObjectSchema.Property(key: key, schema: conditions, isRequired: false, standard: nil)
        }
        let object = ObjectSchema(
            what: "when",
            properties: { groups },
            patterns: [("^\\$", condition), ("^header:", condition)]
        )
        return .object(object)
    }
}

extension Reader where Value == Predicate {
    /// What stands behind a path: a scalar, or a mapping of operators.
    fileprivate static var predicate: Self {
        Self(.shared("condition") { .either([.scalar(mayBeEmpty: true), operators.schema]) }) { node, reading in
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

    /// What other tools call them.
    private static var operatorHints: [String: String] {
        let equality = "for equality write the value itself: { $.event: sync_end }"
        let names = [
            "matches": ["regex", "regexp", "pattern", "match", "=~"],
            "above": ["gt", ">", "greater_than", "more_than"],
            "below": ["lt", "<", "less_than"], "glob": ["like", "wildcard", "starts_with"], "in": ["one_of", "any_of"],
        ]
        var hints = Dictionary(uniqueKeysWithValues: ["equals", "equal", "eq", "is", "==", "="].map { ($0, equality) })
        for (name, others) in names {
            for other in others { hints[other] = "here it is called \(name)" }
        }
        return hints
    }

    private static var operators: Self {
        .mapping("a condition", atLeast: 1, hints: operatorHints) { keys in
            var tests: [ValueTest] = []
            tests += keys.optional("in", .list(of: .scalar, atLeast: 1)).map { [.isIn($0)] } ?? []
            tests += keys.optional("glob", .glob).map { [.glob($0)] } ?? []
            tests += keys.optional("matches", .regexp).map { [.matches($0)] } ?? []
            tests += keys.optional("above", .ruleNumber).map { [.above($0)] } ?? []
            tests += keys.optional("below", .ruleNumber).map { [.below($0)] } ?? []
            var predicates: [Predicate] = tests.isEmpty ? [] : [.value(tests)]
            predicates += keys.optional("exists", .boolean).map { [.exists($0)] } ?? []
            predicates += keys.optional("not", .predicate).map { [.not($0)] } ?? []
            return predicates.count == 1 ? predicates[0] : .every(predicates)
        }
    }
}

extension Reader where Value == Scalar {
    fileprivate static var scalar: Self {
        Self(.scalar(mayBeEmpty: true)) { node, reading in
            if let scalar = node.scalar { return scalar.isMissing ? .null : Scalar(scalar.text) }
            reading.report.error("expected a single value, found \(node.kind)", at: node.span)
            return nil
        }
    }
}

extension Reader where Value == Glob {
    fileprivate static var glob: Self {
        .compiled("a pattern such as \"sap_*\"", .scalar(mayBeEmpty: true)) { $0.glob() }
    }
}

extension Reader where Value == Number {
    fileprivate static var ruleNumber: Self { .parsed("a number", .quotableNumber) { Number($0) } }
}
