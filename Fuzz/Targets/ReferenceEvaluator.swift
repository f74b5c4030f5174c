@testable import JSONPath

/// Evaluates a query as RFC 9535 defines it, list of nodes by list of nodes, over plain Swift values. Slow, and shares
/// nothing with `Evaluator`.
struct ReferenceEvaluator {
    struct Node {
        let path: String
        let value: ReferenceValue
    }

    let root: ReferenceValue

    /// What a node list is worth, or a function: RFC 9535's ValueType; nil is Nothing.
    typealias Value = ReferenceValue?

    func nodes(_ query: Query, current: ReferenceValue) -> [Node] {
        var nodes = [Node(path: "$", value: query.root == .document ? root : current)]
        for segment in query.segments {
            switch segment {
            case .child(let selectors):
                nodes = nodes.flatMap { node in selectors.flatMap { select($0, node) } }
            case .descendant(let selectors):
                nodes = nodes.flatMap(descendants).flatMap { node in selectors.flatMap { select($0, node) } }
            }
        }
        return nodes
    }

    private func descendants(_ node: Node) -> [Node] { [node] + children(node).flatMap(descendants) }

    private func children(_ node: Node) -> [Node] {
        switch node.value {
        case .array(let elements): elements.indices.map { element(elements, $0, node.path) }
        case .object(let members): members.map { member($0.name, $0.value, node.path) }
        case .null, .bool, .number, .string: []
        }
    }

    private func element(_ elements: [ReferenceValue], _ index: Int, _ path: String) -> Node {
        Node(path: path + "[\(index)]", value: elements[index])
    }

    private func member(_ name: [UInt8], _ value: ReferenceValue, _ path: String) -> Node {
        var out = Array((path + "['").utf8)
        name.withUnsafeBufferPointer { writeEscaped($0, quote: UInt8(ascii: "'"), to: &out) }
        return Node(path: String(decoding: out, as: UTF8.self) + "']", value: value)
    }

    private func select(_ selector: Selector, _ node: Node) -> [Node] {
        switch selector {
        case .name(let name): return node.value.member(name).map { [member(name, $0, node.path)] } ?? []
        case .wildcard: return children(node)
        case .filter(let condition): return children(node).filter { holds(condition, $0.value) }
        case .index(let index):
            guard case .array(let elements) = node.value else { return [] }
            let index = index < 0 ? elements.count + index : index
            return elements.indices.contains(index) ? [element(elements, index, node.path)] : []
        case .slice(let slice):
            guard case .array(let elements) = node.value else { return [] }
            return indices(slice, elements.count).map { element(elements, $0, node.path) }
        }
    }

    /// The loops of RFC 9535 §2.3.4.2.2.
    private func indices(_ slice: Slice, _ count: Int) -> [Int] {
        func normalized(_ index: Int) -> Int { index >= 0 ? index : count + index }
        guard slice.step != 0 else { return [] }
        if slice.step > 0 {
            let lower = min(max(normalized(slice.start ?? 0), 0), count)
            let upper = min(max(normalized(slice.end ?? count), 0), count)
            return Array(stride(from: lower, to: upper, by: slice.step))
        }
        let upper = min(max(normalized(slice.start ?? count - 1), -1), count - 1)
        let lower = min(max(slice.end.map(normalized) ?? -1, -1), count - 1)
        return Array(stride(from: upper, to: lower, by: slice.step))
    }

    private func holds(_ condition: Condition, _ current: ReferenceValue) -> Bool {
        switch condition {
        case .any(let parts): return parts.contains { holds($0, current) }
        case .all(let parts): return parts.allSatisfy { holds($0, current) }
        case .not(let part): return !holds(part, current)
        case .exists(let query): return !nodes(query, current: current).isEmpty
        case .comparison(let left, let comparison, let right):
            return compare(value(left, current), comparison, value(right, current))
        case .pattern(let whole, let text, let pattern):
            guard case .string(let text) = value(text, current), let pattern = self.pattern(pattern, current) else {
                return false
            }
            let string = String(decoding: text, as: UTF8.self)
            return (try? whole ? pattern.matches(whole: string) : pattern.isFound(in: string)) ?? false
        }
    }

    private func pattern(_ pattern: PatternOperand, _ current: ReferenceValue) -> IRegexp? {
        switch pattern {
        case .literal(let pattern): return pattern
        case .computed(let operand):
            guard case .string(let text) = value(operand, current) else { return nil }
            return try? IRegexp(String(decoding: text, as: UTF8.self))
        }
    }

    private func value(_ operand: Operand, _ current: ReferenceValue) -> Value {
        switch operand {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .singular(let root, let query):
            return nodes(Query(root: root, segments: query.segments), current: current).first?.value
        case .length(let operand):
            switch value(operand, current) {
            case .string(let text): return count(String(decoding: text, as: UTF8.self).unicodeScalars)
            case .array(let elements): return count(elements)
            case .object(let members): return count(members)
            case .null, .bool, .number, nil: return nil
            }
        case .count(let query): return count(nodes(query, current: current))
        case .value(let query):
            let nodes = nodes(query, current: current)
            return nodes.count == 1 ? nodes[0].value : nil
        }
    }

    private func count(_ things: some Collection) -> Value { .number(.signed(Int64(things.count))) }

    /// RFC 9535 §2.3.5.2.2.
    private func compare(_ left: Value, _ comparison: Comparison, _ right: Value) -> Bool {
        switch comparison {
        case .equal: isEqual(left, right)
        case .notEqual: !isEqual(left, right)
        case .less: isLess(left, right)
        case .lessOrEqual: isLess(left, right) || isEqual(left, right)
        case .greater: isLess(right, left)
        case .greaterOrEqual: isLess(right, left) || isEqual(left, right)
        }
    }

    private func isLess(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.string(let left), .string(let right)):
            String(decoding: left, as: UTF8.self).unicodeScalars
                .lexicographicallyPrecedes(String(decoding: right, as: UTF8.self).unicodeScalars)
        default: false
        }
    }

    private func isEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isEqual($0, $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { member in
                    right.contains { $0.name == member.name && isEqual($0.value, member.value) }
                }
        default: left == right
        }
    }
}
