import JSONPath

/// A number of a rule, to be compared with an event's: two integers exactly, anything else as doubles (product.md §2.3).
package struct Number: Sendable {
    /// As written.
    package let text: String
    let value: JSONNumber
    /// An integer that 64 bits cannot hold, kept as a double. Events have none (product.md §3), so that no integer of an
    /// event is equal to it, however close the doubles are.
    private let isBeyond64Bits: Bool

    /// A number as YAML 1.2's core schema has them: decimal (`0123` is 123), `0x1F`, `0o17`, or a decimal fraction with
    /// an optional exponent. nil for any other text, infinity and not-a-number included: JSON does not have those.
    package init?(_ text: String) {
        self.text = text
        if text.hasPrefix("0x") || text.hasPrefix("0o") {
            let digits = text.dropFirst(2)
            guard digits.first != "+", digits.first != "-",
                let value = UInt64(digits, radix: text.hasPrefix("0x") ? 16 : 8)
            else { return nil }
            self.value = .unsigned(value)
            isBeyond64Bits = false
        } else if let value = Int64(text) {
            self.value = .signed(value)
            isBeyond64Bits = false
        } else if let value = UInt64(text) {
            self.value = .unsigned(value)
            isBeyond64Bits = false
        } else {
            // The standard library reads more than the core schema does: `inf`, `nan(…)` and hexadecimal fractions.
            guard text.utf8.allSatisfy(Self.isInDecimal), let value = Double(text), value.isFinite else { return nil }
            self.value = .double(value)
            isBeyond64Bits = text.utf8.allSatisfy(Self.isInInteger)
        }
    }

    private static func isInInteger(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isInDecimal(_ byte: UInt8) -> Bool {
        isInInteger(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    func isEqual(to number: JSONNumber) -> Bool {
        switch number {
        case .signed, .unsigned: !isBeyond64Bits && number == value
        case .double: number == value
        }
    }
}

extension Number: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
