/// JSON text (RFC 8259) of single strings, for JSON that is written by hand: where it is hot (the answer to a delivery)
/// or a line long (logs, problems, diagnostics).
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
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            result.append(text)
        } else {
            for scalar in text.unicodeScalars { appendEscaped(scalar, to: &result) }
        }
        result.append("\"")
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\"": result.append("\\\"")
        case "\\": result.append("\\\\")
        case "\n": result.append("\\n")
        case "\r": result.append("\\r")
        case "\t": result.append("\\t")
        case _ where scalar.value < 0x20:
            let hex = String(scalar.value, radix: 16)
            result.append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
        default: result.unicodeScalars.append(scalar)
        }
    }
}
