import JSONPath
import Rules
import Testing
import Vocabulary

/// Looks at a JSON text.
func withJSON<Result>(_ json: String, _ body: (JSONNode) throws -> Result) throws -> Result {
    var parser = JSONParser()
    let result = try parser.parse(Array(json.utf8)) { root in Swift.Result { try body(root) } }
    return try result.get()
}

/// A test of one path or header.
func test(_ subject: String, _ tests: ValueTest...) throws -> Condition {
    .test(try Subject(subject), .value(tests))
}

func test(_ subject: String, _ predicate: Predicate) throws -> Condition {
    .test(try Subject(subject), predicate)
}

func equals(_ text: String) -> ValueTest { .equals(Scalar(text)) }

/// A rule of the source `s` that reloads `m`.
func rule(_ name: String, _ condition: Condition = .all([]), tables: TableMapping = .fixed([.table("T")])) -> Rule {
    Rule(name: name, sources: ["s"], condition: condition, reloads: [Reload(model: "m", tables: tables)])
}

/// Whether a condition holds of a body.
func holds(_ condition: Condition, _ json: String, _ headers: HeaderList = [:]) throws -> Bool {
    let rules = RuleSet([rule("r", condition)])
    return try withJSON(json) { root in
        let matched = !rules.match(source: "s", root: root, headers: headers).changes.isEmpty
        let verdicts = rules.verdicts(source: "s", root: root, headers: headers)
        #expect(verdicts.count == 1)
        #expect(matched == (verdicts.first?.miss == nil), "match and verdicts differ")
        return matched
    }
}

/// The selectors that a mapping gives for a body, as texts; nil if the rule did not match.
func selectors(_ tables: TableMapping, _ json: String) throws -> SelectorSet? {
    let rules = RuleSet([rule("r", tables: tables)])
    return try withJSON(json) { root in
        rules.match(source: "s", root: root, headers: HeaderList()).changes.first?.selectors
    }
}

/// Why the only rule did not match.
func reason(_ condition: Condition, _ json: String, _ headers: HeaderList = [:]) throws -> String? {
    let rules = RuleSet([rule("r", condition)])
    return try withJSON(json) { root in
        rules.verdicts(source: "s", root: root, headers: headers).first?.miss?.description
    }
}
