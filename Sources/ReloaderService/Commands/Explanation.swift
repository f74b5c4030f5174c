import FoundationEssentials
import JSONPath
import Rules
import Settings
import Vocabulary

/// What `reloader explain` finds out about one event: each rule, each condition, and the tables (product.md §5).
package struct Explanation: Sendable {
    private let rules: [RuleExplanation]
    private let tables: Result<[String: SelectorSet], StepsExceeded>
    private let source: String
    private let interception: Interception?

    /// - Throws: `JSONError` where the body would be answered with 400.
    package init(
        _ configuration: Configuration,
        source: String,
        headers: HeaderList,
        body: [UInt8]
    ) throws(JSONError) {
        var parser = JSONParser()
        let ruleSet = configuration.ruleSet
        self.source = source
        (interception, rules, tables) = try parser.parse(body) { root in
            (
                Interception(of: root, configuration.sources.first { $0.name == source }),
                ruleSet.explain(source: source, root: root, headers: headers),
                Result { () throws(StepsExceeded) in
                    try ruleSet.tables(source: source, root: root, headers: headers)
                }
            )
        }
    }

    /// For people.
    package var text: String {
        var lines: [String] = []
        for rule in rules {
            lines.append("rule \(rule.rule): \(rule.miss.map { "no match, \($0)" } ?? "matches")")
            append(rule.condition, depth: 1, to: &lines)
            for reload in rule.reloads {
                let tables = reload.selectors.isEmpty ? "nothing" : reload.selectors.texts.joined(separator: ", ")
                let why = reload.reason ?? reload.from.map { "from \($0)" }
                let verb = rule.miss == nil && interception == nil ? "reloads" : "would reload"
                lines.append("  \(verb) \(reload.model): \(tables)" + (why.map { " (\($0))" } ?? ""))
            }
        }
        if rules.isEmpty { lines.append("no rule names source \(source)") }
        let sum = merged
        if let error {
            lines.append("result: the delivery is answered with 400, and no table is reloaded: \(error)")
        } else if interception != nil {
            lines.append("result: the delivery is a handshake, which is answered at once: no table is reloaded")
        } else if sum.isEmpty {
            lines.append("result: no table is reloaded")
        } else {
            let models = sum.map { "\($0.model) [\($0.tables.joined(separator: ", "))]" }
            lines.append("result: " + models.joined(separator: ", "))
        }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    private func append(_ condition: ConditionExplanation, depth: Int, to lines: inout [String]) {
        let indent = String(repeating: "  ", count: depth)
        switch condition {
        case .group(let kind, let held, let conditions):
            // The outermost `all` is the `when` itself.
            let isOutermost = depth == 1 && kind == .all
            if !isOutermost { lines.append("\(indent)\(held ? "✓" : "✗") \(kind.rawValue) of:") }
            for inner in conditions { append(inner, depth: isOutermost ? depth : depth + 1, to: &lines) }
        case .test(let test):
            let more = test.selected.count > test.selected.shown.count ? ", … (\(test.selected.count) in all)" : ""
            let selected = test.selected.shown.isEmpty ? "nothing" : test.selected.shown.joined(separator: ", ") + more
            lines.append(
                "\(indent)\(test.held ? "✓" : "✗") \(test.subject) wants \(test.wanted); the event has \(selected)"
            )
        }
    }

    private var error: String? {
        if case .failure(let error) = tables { return "\(error)" }
        return interception == .refusedArray ? Interception.arrayRefusal : nil
    }

    /// Per model the union over all rules, as the queue would get it.
    private var merged: [(model: String, tables: [String])] {
        guard interception == nil, case .success(let tables) = tables else { return [] }
        return tables.sorted { $0.key < $1.key }.map { ($0.key, $0.value.texts) }
    }

    /// For machines: `{"source","rules":[{"rule","matched","reason","conditions":…,"reloads":[…]}],"result":[…]}`, with
    /// `"error"` where the delivery would be answered with 400.
    package func json() throws -> String {
        let document = Document(
            source: source,
            rules: rules.map(Document.Rule.init),
            result: merged.map { Document.Reload(model: $0.model, tables: $0.tables) },
            error: error
        )
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // The encoder leaves some of what is unprintable as it is; a line of JSON holds such only inside its strings.
        let lines = String(decoding: try encoder.encode(document), as: UTF8.self).split(separator: "\n")
        return lines.map { String($0).printable }.joined(separator: "\n") + "\n"
    }
}

extension Interception {
    /// As the source's own, by its settings.
    init?(of root: JSONNode, _ source: SourceSettings?) {
        guard let source else { return nil }
        self.init(of: root, Handshake(source), refusesArrays: source.scheme.refusesArrays)
    }
}

/// The JSON form of an explanation.
private struct Document: Encodable {
    var source: String
    var rules: [Rule]
    var result: [Reload]
    var error: String?

    struct Rule: Encodable {
        var rule: String
        var matched: Bool
        var reason: String?
        var condition: Condition
        var reloads: [Reload]
    }

    /// Either a group with `of`, or a test with `subject`.
    struct Condition: Encodable {
        var group: String?
        var of: [Condition]?
        var subject: String?
        var wanted: String?
        var selected: [String]?
        var selectedCount: Int?
        var held: Bool
        var reason: String?
    }

    struct Reload: Encodable {
        var model: String
        var tables: [String]
        var from: String?
        var reason: String?
    }
}

extension Document.Rule {
    init(_ explanation: RuleExplanation) {
        rule = explanation.rule
        matched = explanation.miss == nil
        reason = explanation.miss?.description
        condition = Document.Condition(explanation.condition)
        reloads = explanation.reloads.map {
            Document.Reload(model: $0.model, tables: $0.selectors.texts, from: $0.from, reason: $0.reason)
        }
    }
}

extension Document.Condition {
    init(_ explanation: ConditionExplanation) {
        switch explanation {
        case .group(let kind, let held, let conditions):
            group = kind.rawValue
            of = conditions.map(Document.Condition.init)
            self.held = held
        case .test(let test):
            subject = test.subject
            wanted = test.wanted
            selected = test.selected.shown
            selectedCount = test.selected.count
            held = test.held
            reason = test.reason?.description
        }
    }
}
