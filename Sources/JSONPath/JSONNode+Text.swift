extension JSONNode {
    /// This value as compact JSON, for people to read: equal in value to what was sent, not always in spelling.
    package var json: String {
        var out: [UInt8] = []
        write(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(to out: inout [UInt8]) {
        switch kind {
        case .null: out += "null".utf8
        case .bool: out += (bool == true ? "true" : "false").utf8
        case .number: if let number { out += number.description.utf8 }
        case .string: if let utf8 { Self.write(utf8, to: &out) }
        case .array:
            out.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object:
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            for (name, value) in members {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                Self.write(name, to: &out)
                out.append(UInt8(ascii: ":"))
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        writeEscaped(text, quote: UInt8(ascii: "\""), to: &out)
        out.append(UInt8(ascii: "\""))
    }
}

/// Appends `text` as it stands inside quotes, in JSON and in RFC 9535's normalized paths alike: the quote, the
/// backslash and the control characters escaped, the rest as it is.
func writeEscaped(_ text: UnsafeBufferPointer<UInt8>, quote: UInt8, to out: inout [UInt8]) {
    for byte in text {
        switch byte {
        case quote, UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case 0x08: out += #"\b"#.utf8
        case 0x09: out += #"\t"#.utf8
        case 0x0A: out += #"\n"#.utf8
        case 0x0C: out += #"\f"#.utf8
        case 0x0D: out += #"\r"#.utf8
        case 0..<0x10: out += #"\u000\#(String(byte, radix: 16))"#.utf8
        case 0x10..<0x20: out += #"\u00\#(String(byte, radix: 16))"#.utf8
        default: out.append(byte)
        }
    }
}
