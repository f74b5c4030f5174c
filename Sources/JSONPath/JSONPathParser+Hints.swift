/// Guesses at what was meant, for people who know JSONPath from other programs.
extension JSONPathParser {
    func hintForMissingRoot() -> String? {
        let text = rest
        if text.isEmpty { return "$ alone is the whole document" }
        if text.hasPrefix("@") { return "@ stands inside filters only" }
        if text.first?.isWhitespace == true { return "remove the space before it" }
        if text.hasPrefix("[") || text.hasPrefix(".") { return "write $\(text)" }
        return text.utf8.first?.isNameStart == true ? "write $.\(text)" : nil
    }

    /// The query went on in a way that no segment begins.
    func unexpectedAfterQuery() -> JSONPathError {
        if scanner.bytes[scanner.position...].allSatisfy({ $0.isBlank }) {
            return error("nothing may follow the path", hint: "remove the space after it")
        }
        return error("a segment expected", hint: "segments are .name, .*, [...] and ..name")
    }

    /// What follows a dot is no name.
    func hintForShorthand() -> String? {
        guard let byte = scanner.peek else { return "remove the dot, or name a member" }
        if byte.isDigit || byte == UInt8(ascii: "-") {
            return "write an index as [\(plainWord)], a name as ['\(plainWord)']"
        }
        if byte == UInt8(ascii: "[") { return "no dot before [" }
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            return "a quoted name stands in brackets: ['name']"
        }
        if byte.isBlank { return "no space after a dot" }
        return "names with other characters need brackets: ['name']"
    }

    func hintForDash(nameStart: Int) -> String {
        var whole = self
        whole.scanner.position = nameStart
        return "names with '-' need brackets: ['\(whole.plainWord)']"
    }

    /// What follows `[` is no selector.
    func hintForBracket() -> String? {
        guard let byte = scanner.peek else { return nil }
        if byte.isNameStart { return "a name stands in quotes: ['\(plainWord)']" }
        if byte == UInt8(ascii: "(") { return "a filter begins with a question mark: [?(…)]" }
        if byte == UInt8(ascii: "@") { return "a filter begins with a question mark: [?@…]" }
        return nil
    }

    /// What stands where an operator might is none of RFC 9535's.
    func hintForOperator() -> String? {
        if scanner.isNext("===") || scanner.isNext("!==") { return "write == or !=" }
        if scanner.isNext("=~") { return "write match(@.name, 'pattern') or search(…)" }
        if scanner.isNext("=") { return "write ==" }
        if scanner.isNext("<>") { return "write !=" }
        if scanner.isNext("&") && !scanner.isNext("&&") { return "write &&" }
        if scanner.isNext("|") && !scanner.isNext("||") { return "write ||" }
        return scanner.peek?.isNameStart == true ? Self.hint(forWord: plainWord) : nil
    }

    static func hint(forWord word: String) -> String? {
        switch word.lowercased() {
        case "true", "false", "null": "write \(word.lowercased())"
        case "none", "nil": "write null"
        case "and": "write &&"
        case "or": "write ||"
        case "not": "write !"
        case "in": "write @.name == 'a' || @.name == 'b'"
        default: nil
        }
    }

    /// What a person takes for one word.
    private var plainWord: String {
        var copy = scanner
        return String(decoding: copy.take { $0.isNamePart || $0 == UInt8(ascii: "-") }, as: UTF8.self)
    }

    private var rest: String { String(decoding: scanner.bytes[scanner.position...], as: UTF8.self) }
}
