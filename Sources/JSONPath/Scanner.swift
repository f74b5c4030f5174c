/// A place in a text, read byte by byte. All syntax of JSONPath is ASCII; other characters occur inside names only,
/// where each of their bytes is as good as any other, so nothing needs decoding.
struct Scanner {
    let bytes: [UInt8]
    /// The UTF-8 offset of the next byte.
    var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next byte, or nil at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    func isNext(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[position...].starts(with: wanted)
    }

    /// Passes over `text` if it comes next.
    mutating func take(_ text: StaticString) -> Bool {
        guard isNext(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    /// Passes over bytes while they hold `condition`, and returns them.
    mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let byte = peek, condition(byte) { position += 1 }
        return bytes[start..<position]
    }

    /// Passes over RFC 9535's blank space.
    mutating func skipBlanks() {
        _ = take { $0.isBlank }
    }

    /// Passes over a JSON number: RFC 8259's `number`, RFC 9535's `number`. Stays where it is if there is none.
    mutating func number() -> JSONNumber? {
        let start = position
        var isInteger = true
        _ = take("-")
        let digits = take { $0.isDigit }
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
            position = start
            return nil
        }
        if isNext("."), position + 1 < bytes.count, bytes[position + 1].isDigit {
            isInteger = false
            position += 1
            _ = take { $0.isDigit }
        }
        let mantissaEnd = position
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if take(while: { $0.isDigit }).isEmpty {
                position = mantissaEnd
            } else {
                isInteger = false
            }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .signed(value) }
        if isInteger, let value = UInt64(text) { return .unsigned(value) }
        return Double(text).map(JSONNumber.double)
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLowercaseLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }

    /// RFC 9535's `name-first`: what a name without quotes may begin with.
    var isNameStart: Bool {
        (self | 0x20).isLowercaseLetter || self == UInt8(ascii: "_") || self >= 0x80
    }

    /// RFC 9535's `name-char`.
    var isNamePart: Bool { isNameStart || isDigit }

    var hexDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
