import JSONPath
import Vocabulary

/// Writes values as YAML that this program, and any other, reads as the same values.
package enum YAMLText {
    /// How deep a value may be, so that it may stand in a test: `tests`, its entry and `body` lie around it.
    package static let deepest = YAMLTree.depthLimit - 4

    /// A text as a scalar: plain where nobody could take it for anything else, else in double quotes.
    package static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// What follows `KEY:` or `-`, the line's end included; nil where the value is nested deeper than `deepest`.
    /// `indent` is that of the line with the key.
    package static func value(_ node: JSONNode, indent: String) -> String? {
        value(node, indent: indent, depth: 0)
    }

    private static func value(_ node: JSONNode, indent: String, depth: Int) -> String? {
        guard depth <= deepest else { return nil }
        let inner = indent + "  "
        switch node.kind {
        case .string: return " " + scalar(node.string ?? "") + "\n"
        case .null, .bool, .number: return " " + node.json + "\n"
        case .array where node.count == 0: return " []\n"
        case .object where node.count == 0: return " {}\n"
        case .array:
            var text = "\n"
            for element in node.elements {
                guard var written = value(element, indent: inner, depth: depth + 1) else { return nil }
                // The first line of what is inside stands behind the dash.
                if written.hasPrefix("\n") { written = " " + written.dropFirst(1 + inner.count + 2) }
                text += inner + "-" + written
            }
            return text
        case .object:
            var text = "\n"
            for (name, member) in node.members {
                guard let written = value(member, indent: inner, depth: depth + 1) else { return nil }
                text += inner + key(String(decoding: name, as: UTF8.self), indent: inner) + written
            }
            return text
        }
    }

    /// YAML looks no further than 1024 characters for the colon that makes a key; a longer key needs the form with `?`.
    private static func key(_ text: String, indent: String) -> String {
        let written = scalar(text)
        return written.utf8.count < 1000 ? written + ":" : "? " + written + "\n" + indent + ":"
    }

    /// Words that some version of YAML takes for something else than text.
    private static let special: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "_"), text.utf8.last != 0x20,
            text.utf8.count <= 200
        else { return false }
        return !special.contains(text.lowercased())
            && text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || "_-./ ".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isForbidden(scalar): result += escaped(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// YAML lets these stand only as escapes (YAML 1.2 §5.1), or ends a line at them, or a terminal hides them.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xfeff, 0xfffe, 0xffff: true
        default: scalar.isUnprintable
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        let digits = scalar.value > 0xffff ? 8 : 4
        return (digits == 8 ? "\\U" : "\\u") + String(repeating: "0", count: digits - hex.count) + hex
    }
}
