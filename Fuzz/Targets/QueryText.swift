@testable import JSONPath

/// A compiled query written out in full: bracket notation, quoted names, every bracket that the grammar allows. `blank`
/// stands wherever RFC 9535 lets blank space stand.
struct QueryText {
    let blank: String

    func text(_ query: Query) -> String {
        (query.root == .document ? "$" : "@") + query.segments.map { blank + text($0) }.joined()
    }

    private func text(_ segment: Segment) -> String {
        switch segment {
        case .child(let selectors): list(selectors)
        case .descendant(let selectors): ".." + list(selectors)
        }
    }

    private func list(_ selectors: [Selector]) -> String {
        "[" + blank + selectors.map(text).joined(separator: blank + "," + blank) + blank + "]"
    }

    private func text(_ selector: Selector) -> String {
        switch selector {
        case .name(let name): return quoted(name)
        case .wildcard: return "*"
        case .index(let index): return String(index)
        case .slice(let slice):
            let colon = blank + ":" + blank
            let bounds = [slice.start, slice.end].map { $0.map { String($0) } ?? "" }
            return bounds.joined(separator: colon) + colon + String(slice.step)
        case .filter(let condition): return "?" + blank + text(condition)
        }
    }

    private func quoted(_ name: [UInt8]) -> String {
        var out = [UInt8(ascii: "\"")]
        name.withUnsafeBufferPointer { writeEscaped($0, quote: UInt8(ascii: "\""), to: &out) }
        return String(decoding: out, as: UTF8.self) + "\""
    }

    func text(_ condition: Condition) -> String {
        switch condition {
        case .any(let parts): return bracketed(parts.map(text).joined(separator: blank + "||" + blank))
        case .all(let parts): return bracketed(parts.map(text).joined(separator: blank + "&&" + blank))
        case .not(let part): return "!" + blank + bracketed(text(part))
        case .comparison(let left, let comparison, let right):
            return text(left) + blank + text(comparison) + blank + text(right)
        case .exists(let query): return text(query)
        case .pattern(let whole, let text, let pattern):
            let arguments = [self.text(text), self.text(pattern)].joined(separator: blank + "," + blank)
            return (whole ? "match" : "search") + bracketed(arguments)
        }
    }

    private func bracketed(_ text: String) -> String { "(" + blank + text + blank + ")" }

    private func text(_ comparison: Comparison) -> String {
        switch comparison {
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }

    private func text(_ operand: Operand) -> String {
        switch operand {
        case .null: return "null"
        case .bool(let bool): return bool ? "true" : "false"
        case .number(let number): return text(number)
        case .string(let text): return quoted(text)
        case .singular(let root, let query):
            return (root == .document ? "$" : "@") + query.segments.map { blank + text($0) }.joined()
        case .length(let operand): return "length" + bracketed(text(operand))
        case .count(let query): return "count" + bracketed(text(query))
        case .value(let query): return "value" + bracketed(text(query))
        }
    }

    /// A literal may be beyond a double, and is infinite then.
    private func text(_ number: JSONNumber) -> String {
        guard case .double(let value) = number, value.isInfinite else { return number.description }
        return value > 0 ? "1e999" : "-1e999"
    }

    private func text(_ pattern: PatternOperand) -> String {
        switch pattern {
        case .literal(let pattern): quoted(Array((pattern?.description ?? "[").utf8))
        case .computed(let operand): text(operand)
        }
    }
}

extension SingularQuery {
    /// The segments that it was made of.
    var segments: [Segment] {
        steps.map { step in
            switch step {
            case .name(let start, let end): .child([.name(Array(names[start..<end]))])
            case .index(let index): .child([.index(index)])
            }
        }
    }
}
