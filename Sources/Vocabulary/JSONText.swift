/// JSON text (RFC 8259) of single strings, for JSON that is written by hand: where it is hot (the answer to a delivery)
/// or a line long (logs, problems, diagnostics). What is unprintable is escaped also where JSON would allow it: such text
/// ends up on terminals.
package enum JSONText {
    /// The text as a JSON string with its quotes.
    package static func quoted(_ text: String) -> String {
        var result = ""
        append(text, to: &result)
        return result
    }

    /// Appends the text as a JSON string with its quotes.
    package static func append(_ text: String, to result: inout String) {
        result.append("\"")
        if isPlain(text) {
            result.append(text)
        } else {
            for scalar in text.unicodeScalars { appendEscaped(scalar, to: &result) }
        }
        result.append("\"")
    }

    /// Appends the text's UTF-8 as a JSON string with its quotes.
    package static func append(_ text: String, to result: inout [UInt8]) {
        let isDone = text.utf8.withContiguousStorageIfAvailable { text in
            guard isPlain(text) else { return false }
            result.append(UInt8(ascii: "\""))
            result.append(contentsOf: text)
            result.append(UInt8(ascii: "\""))
            return true
        }
        if isDone != true { result += quoted(text).utf8 }
    }

    /// Whether every character stands for itself.
    private static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isPlain($0) }
    }

    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text where byte < 0x20 || byte > 0x7e || byte == 0x22 || byte == 0x5C { return false }
        return true
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\"": result.append("\\\"")
        case "\\": result.append("\\\\")
        case _ where scalar.isUnprintable: result.append(scalar.escaped)
        default: result.unicodeScalars.append(scalar)
        }
    }
}

extension [UInt8] {
    /// Appends the text's UTF-8; as a `String` it would cost three times as much.
    package mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
