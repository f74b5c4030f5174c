/// A JSON number. Two integers compare exactly, any other pair as doubles (product.md §2.3, RFC 9535 §2.3.5.2.2).
package enum JSONNumber: Sendable, Comparable {
    case signed(Int64)
    case unsigned(UInt64)
    case double(Double)

    /// A number as JSON writes it (RFC 8259 §6); nil for any other text.
    package init?(json text: some StringProtocol) {
        var scanner = Scanner(String(text))
        guard let number = scanner.number(), scanner.isAtEnd else { return nil }
        self = number
    }

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.signed(let left), .signed(let right)): left == right
        case (.unsigned(let left), .unsigned(let right)): left == right
        case (.signed(let left), .unsigned(let right)): left == right
        case (.unsigned(let left), .signed(let right)): left == right
        case (.double, _), (_, .double): left.asDouble == right.asDouble
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.signed(let left), .signed(let right)): left < right
        case (.unsigned(let left), .unsigned(let right)): left < right
        case (.signed(let left), .unsigned(let right)): left < right
        case (.unsigned(let left), .signed(let right)): left < right
        case (.double, _), (_, .double): left.asDouble < right.asDouble
        }
    }

    /// The nearest double.
    package var asDouble: Double {
        switch self {
        case .signed(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        }
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number as JSON, in the shortest form that reads back the same.
    package var description: String {
        switch self {
        case .signed(let value): String(value)
        case .unsigned(let value): String(value)
        case .double(let value): String(value)
        }
    }
}
