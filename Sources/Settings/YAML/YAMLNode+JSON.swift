import Vocabulary

extension Reader where Value == String {
    /// Any value of YAML as JSON text: how a test's body is written (product.md §2.4).
    static var json: Self {
        Self(.anything) { node, reading in node.json(reading.report) }
    }
}

extension YAMLNode {
    /// This value as JSON text; nil when a number is beyond 64 bits, which is reported.
    fileprivate func json(_ report: Report) -> String? {
        switch content {
        case .scalar(let scalar):
            if let json = scalar.json { return json }
            report.error("no delivery can hold an integer beyond 64 bits", at: span, hint: "put it in quotes")
            return nil
        case .sequence(let nodes):
            let values = nodes.map { $0.json(report) }
            return "[" + values.compactMap { $0 }.joined(separator: ",") + "]"
        case .mapping(let pairs):
            let members = pairs.map { pair in
                pair.value.json(report).map { JSONText.quoted(pair.key) + ":" + $0 }
            }
            return "{" + members.compactMap { $0 }.joined(separator: ",") + "}"
        }
    }
}

extension YAMLScalar {
    /// As YAML 1.2's core schema understands it, where only `true` and `false` are booleans (product.md §2.1); nil for an
    /// integer that 64 bits cannot hold.
    fileprivate var json: String? {
        guard isPlain else { return JSONText.quoted(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return "null"
        case "true", "false": return text
        default: break
        }
        switch YAMLNumber(text) {
        case .number(let number): return number.description
        case .beyond64Bits: return nil
        case nil: return JSONText.quoted(text)
        }
    }
}
