/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    private static let hex = Array("0123456789ABCDEF")

    /// Everything but the unreserved characters is escaped, so that the result is safe as one path segment and as a
    /// form field.
    package static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 128, character.isLetter || character.isNumber || "-._~".contains(character) {
                result.append(character)
            } else {
                result += ["%", hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return result
    }

    /// What is not a valid escape stays as it is.
    package static func decode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
