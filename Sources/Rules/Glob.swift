import JSONPath

/// A pattern over a whole text (product.md §2.3): `*` stands for any characters, `?` for one, `[abc]`, `[a-z]` for one of
/// them, `[!a-z]` for one other. Everything else stands for itself, the backslash too; `[*]` is an asterisk. A `]` right
/// after `[` or `[!`, and a `-` first or last, are themselves. Case counts; a character is a Unicode scalar.
///
/// Matching goes back to the last `*` only, so its time is at most the text's length times the pattern's, and linear in
/// the text for most patterns.
package struct Glob: Sendable {
    /// As written.
    package let pattern: String
    private let tokens: [Token]

    private enum Token {
        case star
        case anyOne
        case scalar(Unicode.Scalar)
        case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    /// Compiles a pattern.
    package init(_ pattern: String) throws(GlobError) {
        self.pattern = pattern
        var tokens: [Token] = []
        var rest = Substring(pattern).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*":
                if case .star = tokens.last { continue }
                tokens.append(.star)
            case "?": tokens.append(.anyOne)
            case "[": tokens.append(try Self.characterClass(&rest))
            default: tokens.append(.scalar(scalar))
            }
        }
        self.tokens = tokens
    }

    private static func characterClass(_ rest: inout Substring.UnicodeScalarView) throws(GlobError) -> Token {
        let negated = rest.first == "!"
        if negated { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let lower = rest.popFirst() {
            if lower == "]", !ranges.isEmpty { return .oneOf(ranges, negated: negated) }
            let afterDash = rest.dropFirst().first
            guard rest.first == "-", let upper = afterDash, upper != "]" else {
                ranges.append(lower...lower)
                continue
            }
            guard lower <= upper else { throw .reversedRange("\(lower)-\(upper)") }
            rest.removeFirst(2)
            ranges.append(lower...upper)
        }
        throw .unclosedClass
    }

    /// Whether the pattern matches all of a valid UTF-8 text.
    func matches(_ text: UnsafeBufferPointer<UInt8>, budget: inout StepBudget) throws(StepsExceeded) -> Bool {
        var position = 0
        var token = 0
        var retry: (token: Int, position: Int)?
        while position < text.count {
            try budget.spend(1)
            if token < tokens.count, case .star = tokens[token] {
                token += 1
                retry = (token, position)
            } else if token < tokens.count, let next = step(tokens[token], text, position) {
                token += 1
                position = next
            } else if let (retryToken, retryPosition) = retry {
                let next = Self.scalar(text, retryPosition).end
                retry = (retryToken, next)
                token = retryToken
                position = next
            } else {
                return false
            }
        }
        while token < tokens.count, case .star = tokens[token] { token += 1 }
        return token == tokens.count
    }

    /// The position after the scalar at `position` if `token` takes it.
    private func step(_ token: Token, _ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int? {
        let (scalar, end) = Self.scalar(text, position)
        switch token {
        case .star: return nil
        case .anyOne: return end
        case .scalar(let own): return own == scalar ? end : nil
        case .oneOf(let ranges, let negated): return ranges.contains { $0.contains(scalar) } != negated ? end : nil
        }
    }

    /// The scalar at a position of valid UTF-8, and where the next one begins.
    private static func scalar(
        _ text: UnsafeBufferPointer<UInt8>,
        _ position: Int
    ) -> (scalar: Unicode.Scalar, end: Int) {
        let lead = text[position]
        if lead < 0x80 { return (Unicode.Scalar(lead), position + 1) }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        let end = min(position + length, text.count)
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for byte in text[(position + 1)..<end] { value = value << 6 | UInt32(byte & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", end)
    }
}

extension Glob: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.pattern == right.pattern }

    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }
}

/// Why a text is not a glob.
package enum GlobError: Error, Hashable, Sendable, CustomStringConvertible {
    case unclosedClass
    case reversedRange(String)

    package var description: String {
        switch self {
        case .unclosedClass: "the glob has a `[` without its `]`; write `[[]` for the character itself"
        case .reversedRange(let range): "the glob's range `\(range)` ends before it begins"
        }
    }
}
