import JSONPath
import Vocabulary

/// A test that a configuration carries for its own rules (product.md §2.4).
package struct RuleTest: Sendable {
    package var name: String
    package var source: String
    package var headers: HeaderList
    /// JSON, as if a verified delivery had brought it.
    package var body: [UInt8]
    /// Empty: no rule may match. A model may stand here more than once.
    package var expect: [Expectation]

    /// What a test expects for one model.
    package struct Expectation: Hashable, Sendable {
        package var model: String
        package var tables: [Selector]

        package init(model: String, tables: [Selector]) {
            self.model = model
            self.tables = tables
        }
    }

    package init(name: String, source: String, headers: HeaderList = HeaderList(), body: [UInt8], expect: [Expectation])
    {
        self.name = name
        self.source = source
        self.headers = headers
        self.body = body
        self.expect = expect
    }

    /// How many rules are named with their reasons when a test fails.
    private static let shownRules = 10

    /// Runs the test. nil: it passed; otherwise the difference, some lines for people: per model what was expected and
    /// what the rules gave, and why rules did not match.
    package func difference(from rules: RuleSet) -> [String]? {
        var parser = JSONParser()
        do throws(JSONError) {
            return try parser.parse(body) { root in difference(from: rules, root) }
        } catch {
            return ["the body cannot be read: \(error)"]
        }
    }

    private func difference(from rules: RuleSet, _ root: JSONNode) -> [String]? {
        var expected: [String: SelectorSet] = [:]
        for expectation in expect {
            expected[expectation.model, default: SelectorSet()].formUnion(SelectorSet(expectation.tables))
        }
        let given: [String: SelectorSet]
        do throws(StepsExceeded) {
            given = try rules.tables(source: source, root: root, headers: headers)
        } catch {
            return ["the service would answer 400 and load nothing: \(error)"]
        }
        let lines = Set(expected.keys).union(given.keys).sorted().flatMap { model in
            Self.difference(of: model, expected[model], given[model])
        }
        guard !lines.isEmpty else { return nil }
        let misses = rules.verdicts(source: source, root: root, headers: headers).compactMap { verdict in
            verdict.miss.map { "rule \"\(verdict.rule)\" did not match: \($0)" }
        }
        let more =
            misses.count > Self.shownRules ? ["and \(misses.count - Self.shownRules) more rules did not match"] : []
        return lines + misses.prefix(Self.shownRules) + more
    }

    private static func difference(of model: String, _ expected: SelectorSet?, _ given: SelectorSet?) -> [String] {
        let expected = expected?.texts ?? []
        let given = given?.texts ?? []
        guard expected != given else { return [] }
        var line = "model \"\(model)\": expected \(list(expected)), got \(list(given))"
        if !expected.isEmpty, !given.isEmpty {
            let missing = expected.filter { !given.contains($0) }
            let added = given.filter { !expected.contains($0) }
            if !missing.isEmpty { line += "; missing: " + missing.joined(separator: ", ") }
            if !added.isEmpty { line += "; not expected: " + added.joined(separator: ", ") }
        }
        return [line]
    }

    private static func list(_ tables: [String]) -> String {
        tables.isEmpty ? "nothing" : "[" + tables.joined(separator: ", ") + "]"
    }
}
