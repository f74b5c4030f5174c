import Vocabulary

/// A JSON value that is written for people: its members keep their order.
indirect enum JSONValue {
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    /// The text, one member or element a line; a list of single values stays on one.
    func text(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .bool(let bool): return bool ? "true" : "false"
        case .integer(let integer): return String(integer)
        case .number(let number): return String(number)
        case .string(let string): return JSONText.quoted(string)
        case .array(let values) where values.allSatisfy(\.isSingle):
            return "[" + values.map { $0.text() }.joined(separator: ", ") + "]"
        case .array(let values):
            return "[\n" + values.map { inner + $0.text(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where members.isEmpty: return "{}"
        case .object(let members):
            let lines = members.map { inner + JSONText.quoted($0.key) + ": " + $0.value.text(indent: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isSingle: Bool {
        switch self {
        case .bool, .integer, .number, .string: true
        case .array, .object: false
        }
    }
}
