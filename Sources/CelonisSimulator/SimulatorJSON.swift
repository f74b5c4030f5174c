import Vocabulary

/// JSON to be written.
enum SimulatorJSON: CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([SimulatorJSON])
    case object([(String, SimulatorJSON)])

    static func optional(_ text: String?) -> Self { text.map { .string($0) } ?? .null }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): String(value)
        case .string(let value): JSONText.quoted(value)
        case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONText.quoted($0) + ":" + $1.description }.joined(separator: ",") + "}"
        }
    }
}
