@testable import JSONPath

/// More than any query here needs, unless it is one of those that the budget is there for.
private let steps = 20_000

/// The first line is a query, the rest a document. What the query selects is what RFC 9535's definitions select, in
/// the same order, and every selected node is what its normalized path selects.
let fuzzEvaluation: FuzzTarget = { input in
    let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let path = try? JSONPath(String(decoding: parts[0], as: UTF8.self)),
        let document = ReferenceJSON.parse(Array(parts[1]))
    else { return }
    withJSON(Array(parts[1])) { root in
        guard let root else { fatalError("not JSON") }
        var budget = StepBudget(steps)
        var nodes: [JSONNode] = []
        let outcome = path.forEach(in: root, budget: &budget) { node in
            nodes.append(node)
            return true
        }
        check(outcome != .stopped, "stopped by nobody")
        check(outcome != .exceeded || budget.remaining == 0, "stopped with steps to spare")
        guard outcome == .completed else { return }
        check(!path.isSingular || nodes.count <= 1, "a singular path selected several")
        let expected = ReferenceEvaluator(root: document).nodes(path.query, current: document)
        let paths = nodes.map { root.normalizedPath(to: $0) ?? "" }
        check(paths == expected.map(\.path), "\(path): \(paths), not \(expected.map(\.path))")
        for (node, text) in zip(nodes, paths).prefix(3) {
            guard let path = try? JSONPath(text), let again = try? path.nodes(in: root) else { fatalError(text) }
            check(path.isSingular && again.map(\.handle.index) == [node.handle.index], "\(text) selects another node")
        }
    }
}
