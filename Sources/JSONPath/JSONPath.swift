/// A JSONPath query (RFC 9535), compiled once and run over parsed documents where they lie. Immutable, so that every
/// event loop may use the same one; a class, because each event hands it around and a copy is then one reference.
package final class JSONPath: Sendable {
    let query: Query
    /// What RFC 9535 takes and yet cannot be meant: a pattern that is no I-Regexp, and so matches nothing.
    package let warnings: [JSONPathError]
    private let text: String

    /// Compiles a query; refuses what RFC 9535 calls not well-formed or not valid, and what passes the limits of
    /// `JSONPathParser`.
    package init(_ query: String) throws(JSONPathError) {
        var parser = JSONPathParser(query)
        self.query = try parser.parse()
        warnings = parser.warnings
        text = query
    }

    /// Whether the query selects at most one node by its form alone: names and indexes only.
    package var isSingular: Bool { query.singular != nil }

    /// A spelling that is the same for all spellings of this query, where it is singular: `$.a` and `$['a']`.
    package var normalized: String? { query.singular?.normalized }

    /// How a walk over the selected nodes ended.
    package enum Outcome: Sendable {
        /// All nodes were visited.
        case completed
        /// The visitor wanted no more.
        case stopped
        /// The step budget was used up: nodes may be missing.
        case exceeded
    }

    /// Calls `visit` with each selected node, in RFC 9535's order (a document's own order where the RFC leaves it
    /// open), until it returns false or `budget` is used up. A node that is selected twice is visited twice.
    package func forEach(
        in root: JSONNode,
        budget: inout StepBudget,
        _ visit: (JSONNode) -> Bool
    ) -> Outcome {
        var evaluator = Evaluator(document: root, budget: budget)
        defer { budget = evaluator.budget }
        do throws(Evaluator.Halt) {
            try evaluator.evaluate(query, from: root) { node throws(Evaluator.Halt) in
                if !visit(node) { throw .stopped }
            }
            return .completed
        } catch {
            switch error {
            case .stopped: return .stopped
            case .exceeded: return .exceeded
            }
        }
    }

    /// As `forEach(in:budget:_:)` with a standard budget of its own.
    package func forEach(in root: JSONNode, _ visit: (JSONNode) -> Bool) -> Outcome {
        var budget = StepBudget()
        return forEach(in: root, budget: &budget, visit)
    }

    /// The selected nodes, all of them.
    package func nodes(in root: JSONNode) throws(StepsExceeded) -> [JSONNode] {
        var budget = StepBudget()
        return try nodes(in: root, budget: &budget)
    }

    /// The selected nodes, all of them.
    package func nodes(in root: JSONNode, budget: inout StepBudget) throws(StepsExceeded) -> [JSONNode] {
        var nodes: [JSONNode] = []
        let outcome = forEach(in: root, budget: &budget) { node in
            nodes.append(node)
            return true
        }
        switch outcome {
        case .completed, .stopped: return nodes
        case .exceeded: throw StepsExceeded()
        }
    }
}

extension JSONPath: CustomStringConvertible {
    /// The query as it was written.
    package var description: String { text }
}

extension JSONPath: Hashable {
    package static func == (left: JSONPath, right: JSONPath) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
