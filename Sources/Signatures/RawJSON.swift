/// JSON cut into its pieces, numbers and strings kept as written: for trying whether a body was signed in another
/// writing. It is not for taking events in: those are read by the `JSONPath` room.
enum RawJSON {
    /// A number, `true`, `false` or `null`.
    case literal(ArraySlice<UInt8>)
    /// A string with its quotes.
    case string(ArraySlice<UInt8>)
    indirect case array([RawJSON])
    indirect case object([(key: ArraySlice<UInt8>, value: RawJSON)])

    private static let deepest = 200

    /// Nil for what is not JSON, or too deep.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        guard let value = Self.value(&rest, depth: 0), Self.skipBlanks(&rest) == nil else { return nil }
        self = value
    }

    /// The same in the usual writings: compact, with spaces as Python writes it, and indented; keys as they are and
    /// sorted; letters beyond ASCII as they are and escaped.
    func otherWritings() -> [[UInt8]] {
        var writings: [[UInt8]] = []
        for style in Style.allCases {
            for isSorted in [false, true] {
                for escapes in Escapes.allCases {
                    var text: [UInt8] = []
                    write(to: &text, style: style, isSorted: isSorted, escapes: escapes, depth: 0)
                    writings.append(text)
                }
            }
        }
        return writings
    }

    private enum Style: CaseIterable {
        case compact
        case spaced
        case indented
    }

    private enum Escapes: CaseIterable {
        case asWritten
        case ascii
        case utf8
        case utf8AndSlash
    }
}

// MARK: Reading

extension RawJSON {
    /// Skips white space; the first character after it.
    @discardableResult
    private static func skipBlanks(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        rest = rest.drop { " \t\r\n".utf8.contains($0) }
        return rest.first
    }

    private static func value(_ rest: inout ArraySlice<UInt8>, depth: Int) -> RawJSON? {
        guard depth <= deepest else { return nil }
        switch skipBlanks(&rest) {
        case UInt8(ascii: "{"):
            let members = list(&rest, end: UInt8(ascii: "}")) { rest in
                guard skipBlanks(&rest) == UInt8(ascii: "\""), let key = string(&rest),
                    skipBlanks(&rest) == UInt8(ascii: ":")
                else { return nil as (key: ArraySlice<UInt8>, value: RawJSON)? }
                rest = rest.dropFirst()
                return value(&rest, depth: depth + 1).map { (key, $0) }
            }
            return members.map(RawJSON.object)
        case UInt8(ascii: "["):
            return list(&rest, end: UInt8(ascii: "]")) { value(&$0, depth: depth + 1) }.map(RawJSON.array)
        case UInt8(ascii: "\""): return string(&rest).map(RawJSON.string)
        default:
            let literal = rest.prefix { !" \t\r\n,:]}[{\"".utf8.contains($0) }
            rest = rest.dropFirst(literal.count)
            return literal.isEmpty ? nil : .literal(literal)
        }
    }

    private static func list<Element>(
        _ rest: inout ArraySlice<UInt8>,
        end: UInt8,
        element: (inout ArraySlice<UInt8>) -> Element?
    ) -> [Element]? {
        rest = rest.dropFirst()
        var elements: [Element] = []
        if skipBlanks(&rest) == end {
            rest = rest.dropFirst()
            return elements
        }
        while let next = element(&rest) {
            elements.append(next)
            let mark = skipBlanks(&rest)
            rest = rest.dropFirst()
            if mark == end { return elements }
            guard mark == UInt8(ascii: ",") else { return nil }
        }
        return nil
    }

    private static func string(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var isEscaped = false
        for index in rest.indices.dropFirst() {
            if isEscaped {
                isEscaped = false
            } else if rest[index] == UInt8(ascii: "\\") {
                isEscaped = true
            } else if rest[index] == UInt8(ascii: "\"") {
                defer { rest = rest[(index + 1)...] }
                return rest[...index]
            }
        }
        return nil
    }
}

// MARK: Writing

extension RawJSON {
    private func write(to text: inout [UInt8], style: Style, isSorted: Bool, escapes: Escapes, depth: Int) {
        func separate(_ isFirst: Bool) {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            switch style {
            case .compact: break
            case .spaced: if !isFirst { text.append(UInt8(ascii: " ")) }
            case .indented: text += Self.newline(depth + 1)
            }
        }
        func close(_ isEmpty: Bool) {
            if style == .indented && !isEmpty { text += Self.newline(depth) }
        }
        switch self {
        case .literal(let literal): text += literal
        case .string(let string): text += Self.rewrite(string, escapes)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                separate(index == 0)
                element.write(to: &text, style: style, isSorted: isSorted, escapes: escapes, depth: depth + 1)
            }
            close(elements.isEmpty)
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            let ordered = isSorted ? members.sorted { $0.key.lexicographicallyPrecedes($1.key) } : members
            for (index, member) in ordered.enumerated() {
                separate(index == 0)
                text += Self.rewrite(member.key, escapes)
                text += style == .compact ? [UInt8(ascii: ":")] : Array(": ".utf8)
                member.value.write(to: &text, style: style, isSorted: isSorted, escapes: escapes, depth: depth + 1)
            }
            close(members.isEmpty)
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func newline(_ depth: Int) -> [UInt8] {
        [UInt8(ascii: "\n")] + [UInt8](repeating: UInt8(ascii: " "), count: depth * 2)
    }

    private static func rewrite(_ string: ArraySlice<UInt8>, _ escapes: Escapes) -> [UInt8] {
        switch escapes {
        case .asWritten: return Array(string)
        case .ascii:
            var text: [UInt8] = []
            for unit in String(decoding: string, as: UTF8.self).utf16 {
                if unit < 128 {
                    text.append(UInt8(unit))
                } else {
                    let digits = String(unit, radix: 16)
                    text += "\\u".utf8
                    text += [UInt8](repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    text += digits.utf8
                }
            }
            return text
        case .utf8, .utf8AndSlash:
            let isSlashEscaped = escapes == .utf8AndSlash
            return unescaped(string, isSlashEscaped: isSlashEscaped)
        }
    }

    /// The string with what need not be escaped written out, and slashes escaped or not.
    private static func unescaped(_ string: ArraySlice<UInt8>, isSlashEscaped: Bool) -> [UInt8] {
        var units: [UInt16] = []
        var rest = Array(String(decoding: string, as: UTF8.self).utf16)[...]
        let backslash = UInt16(UInt8(ascii: "\\"))
        let slash = UInt16(UInt8(ascii: "/"))
        while let unit = rest.popFirst() {
            if unit == slash {
                units += isSlashEscaped ? [backslash, slash] : [slash]
                continue
            }
            guard unit == backslash, let escaped = rest.popFirst() else {
                units.append(unit)
                continue
            }
            if escaped == slash {
                units += isSlashEscaped ? [backslash, slash] : [slash]
            } else if escaped == UInt16(UInt8(ascii: "u")),
                let code = UInt16(String(decoding: rest.prefix(4), as: UTF16.self), radix: 16), code >= 128
            {
                rest = rest.dropFirst(4)
                units.append(code)
            } else {
                units += [backslash, escaped]
            }
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
