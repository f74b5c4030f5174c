import JSONPath

/// One selected value as tests see it. Texts lie in the parser's memory and are as short-lived as their node.
enum EventValue {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(UnsafeBufferPointer<UInt8>)
    /// A header's value: text that may also be read as a number, since a header has no kinds.
    case header(UnsafeBufferPointer<UInt8>)
    /// An object or an array, which no test but `exists` holds for.
    case container(isArray: Bool)

    init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool == true)
        case .number: self = node.number.map(Self.number) ?? .null
        case .string: self = node.utf8.map(Self.string) ?? .null
        case .array: self = .container(isArray: true)
        case .object: self = .container(isArray: false)
        }
    }

    /// The text of a string.
    var text: UnsafeBufferPointer<UInt8>? {
        switch self {
        case .string(let text), .header(let text): text
        case .null, .bool, .number, .container: nil
        }
    }

    /// What `above` and `below` compare.
    var number: JSONNumber? {
        switch self {
        case .number(let number): number
        case .header(let text): JSONNumber(json: String(decoding: text, as: UTF8.self))
        case .null, .bool, .string, .container: nil
        }
    }

    /// For people, and short whatever the event holds: at most 80 characters of a text, nothing of what is inside an
    /// object or array.
    var excerpt: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .number(let number): number.description
        case .string(let text), .header(let text): Self.quote(text)
        case .container(isArray: true): "an array"
        case .container(isArray: false): "an object"
        }
    }

    private static let excerptLength = 80

    private static func quote(_ text: UnsafeBufferPointer<UInt8>) -> String {
        if text.count <= excerptLength, text.allSatisfy(isPlain) {
            return "\"" + String(decoding: text, as: UTF8.self) + "\""
        }
        // A scalar has at most four bytes, so this prefix holds enough of them; one cut in two is dropped below.
        let prefix = String(decoding: text.prefix(4 * (excerptLength + 1)), as: UTF8.self).unicodeScalars
        let isCut = prefix.count > excerptLength
        var quoted = "\""
        for scalar in prefix.prefix(excerptLength) {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            // A control character could move a terminal's cursor.
            default: quoted.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
            }
        }
        return quoted + (isCut ? "…\"" : "\"")
    }

    /// Printable ASCII that needs no escape.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
