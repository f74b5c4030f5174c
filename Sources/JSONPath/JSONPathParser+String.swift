extension JSONPathParser {
    /// `string-literal`: a text in single or double quotes, as UTF-8 without its escapes (RFC 9535 §2.3.1).
    mutating func quoted() throws(JSONPathError) -> [UInt8] {
        let start = scanner.position
        guard let quote = scanner.peek else { throw error("a quoted text expected") }
        scanner.position += 1
        var text: [UInt8] = []
        while let byte = scanner.peek {
            switch byte {
            case quote:
                scanner.position += 1
                return text
            case UInt8(ascii: "\\"):
                try escape(quote: quote, into: &text)
            case 0..<0x20:
                throw error("a control character in quotes must be escaped", hint: "write \\u00XX, or \\n, \\r, \\t")
            default:
                text.append(byte)
                scanner.position += 1
            }
        }
        throw error("this quote is never closed", at: start)
    }

    private mutating func escape(quote: UInt8, into text: inout [UInt8]) throws(JSONPathError) {
        let start = scanner.position
        scanner.position += 1
        guard let escaped = scanner.peek else { throw error("this escape is not complete", at: start) }
        scanner.position += 1
        switch escaped {
        case quote, UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escaped)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += try unicodeEscape(from: start)
        default:
            throw error(
                "no such escape",
                at: start,
                hint: "a backslash itself is written \\\\; only the enclosing quote is escaped"
            )
        }
    }

    /// What follows `\u`: four hexadecimal digits, or a surrogate pair of two such escapes.
    private mutating func unicodeEscape(from start: Int) throws(JSONPathError) -> [UInt8] {
        let unit = try hexDigits(from: start)
        var value = unit
        if (0xD800..<0xDC00).contains(unit), scanner.take("\\u") {
            let low = try hexDigits(from: start)
            if (0xDC00..<0xE000).contains(low) { value = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00) }
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw error(
                "half a surrogate pair is no character",
                at: start,
                hint: "write \\uD83D\\uDE00, or the character"
            )
        }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hexDigits(from start: Int) throws(JSONPathError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = scanner.peek?.hexDigit else {
                throw error("four hexadecimal digits must follow \\u", at: start)
            }
            value = value << 4 | digit
            scanner.position += 1
        }
        return value
    }
}
