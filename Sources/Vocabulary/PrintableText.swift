extension String {
    /// The text as one line that is safe on a terminal and in a log: what could end the line, move the cursor or turn
    /// the reading direction is written as `\u001b`. Names come from events and from Celonis, and whoever can send an
    /// event chooses them; unescaped they could forge lines or type into somebody's terminal. Tabs stay.
    package var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isUnprintable, scalar != "\t" {
                result.append(scalar.escaped)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// C0 and C1 controls, DEL, the separators of lines and paragraphs, and the marks that change the direction in which
    /// text is shown (Unicode UAX #9).
    package var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x61c, 0x200e, 0x200f, 0x2066...0x2069: true
        default: false
        }
    }

    /// As JSON escapes it; the unprintable ones are all of four digits.
    var escaped: String {
        switch self {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let hex = String(value, radix: 16)
            return "\\u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        }
    }
}
