import JSONPath

/// A scalar that a rule compares with: the YAML scalar's text, whether it was quoted or not (product.md §2.3).
///
/// "Quoting a scalar in YAML makes no difference" together with "a string equals the same text" and "true, false and null
/// equal their JSON kind" means that a scalar has two faces, and equals an event's value if either does: the text as
/// written, for strings; and what the text says in YAML 1.2's core schema, for every other kind.
///
/// | in YAML | equals in JSON | does not equal |
/// | --- | --- | --- |
/// | `done`, `'done'` | `"done"` | `"Done"`, `"done "` |
/// | `10`, `'10'` | `10`, `10.0`, `1e1`, `"10"` | `"10.0"`, `"010"`, `11` |
/// | `10.0`, `'10.0'` | `10`, `10.0`, `"10.0"` | `"10"` |
/// | `0123`, `'0123'` | `123`, `"0123"` (not octal) | `83`, `"123"` |
/// | `9007199254740993` | `9007199254740993`, its text | `9007199254740992` (integers exactly) |
/// | `true`, `'true'` | `true`, `"true"` | `1`, `"True"` |
/// | `null`, `'null'`, `~` | `null`, the same text | `""`, `false`, a path that selects nothing |
/// | `True`, `yes`, `NO` | the same text: only `true` and `false` are booleans (product.md §2.1) | `true`, `false` |
/// | `''` | `""` | `null` |
///
/// Objects and arrays equal no scalar. A header's value is a string.
package struct Scalar: Hashable, Sendable {
    /// The text as written, without quotes.
    package let text: String
    let utf8: [UInt8]
    let meaning: Meaning

    /// What the text equals beside strings.
    enum Meaning: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(Number)
        case onlyText
    }

    package init(_ text: String) {
        self.text = text
        utf8 = Array(text.utf8)
        meaning =
            switch text {
            case "null", "Null", "NULL", "~": .null
            case "true": .bool(true)
            case "false": .bool(false)
            default: Number(text).map(Meaning.number) ?? .onlyText
            }
    }

    /// A value left out in YAML (`$.error:`) is null.
    package static let null = Self("null")

    func isEqual(to value: EventValue) -> Bool {
        switch value {
        case .string(let text), .header(let text): utf8.withUnsafeBufferPointer { $0.isSame(as: text) }
        case .null: meaning == .null
        case .bool(let bool): meaning == .bool(bool)
        case .number(let number):
            switch meaning {
            case .number(let own): own.isEqual(to: number)
            case .null, .bool, .onlyText: false
            }
        case .container: false
        }
    }
}

extension Scalar: CustomStringConvertible {
    /// As it reads in a reason: text in quotes, everything else bare.
    package var description: String {
        switch meaning {
        case .null, .bool, .number: text
        case .onlyText: "\"\(text)\""
        }
    }
}
