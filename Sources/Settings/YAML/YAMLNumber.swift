import JSONPath

/// A number as YAML 1.2's core schema writes it: `12`, `0123` (which is 123), `0x1F`, `0o17`, `-1.5e3`. Infinity and
/// not-a-number are nothing that JSON has, so they are text.
enum YAMLNumber: Equatable {
    case number(JSONNumber)
    /// An integer that no delivery can hold (product.md §3).
    case beyond64Bits

    /// The integer that the text is; nil for other numbers and anything else.
    static func integer(_ text: String) -> Int? {
        switch Self(text) {
        case .number(.signed(let value)): Int(exactly: value)
        case .number(.unsigned(let value)): Int(exactly: value)
        case .number(.double), .beyond64Bits, nil: nil
        }
    }

    init?(_ text: String) {
        if text.hasPrefix("0x") || text.hasPrefix("0o") {
            let digits = text.dropFirst(2)
            guard digits.first != "+", digits.first != "-",
                let value = UInt64(digits, radix: text.hasPrefix("0x") ? 16 : 8)
            else { return nil }
            self = .number(.unsigned(value))
        } else if let value = Int64(text) {
            self = .number(.signed(value))
        } else if let value = UInt64(text) {
            self = .number(.unsigned(value))
        } else {
            // Double's own parser also knows "inf", "nan" and hexadecimal.
            guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let value = Double(text),
                value.isFinite
            else { return nil }
            let isInteger = !text.utf8.contains { ".eE".utf8.contains($0) }
            self = isInteger ? .beyond64Bits : .number(.double(value))
        }
    }
}
