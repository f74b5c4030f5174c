/// The lines of a file, counted as the YAML parser counts them: CR, LF, CR LF, NEL, LS and PS end a line.
struct SourceText {
    private let lines: [String.UnicodeScalarView.SubSequence]

    init(_ text: String) {
        let scalars = text.unicodeScalars
        var lines: [String.UnicodeScalarView.SubSequence] = []
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            switch scalars[index] {
            case "\r" where next < scalars.endIndex && scalars[next] == "\n":
                lines.append(scalars[start..<index])
                index = scalars.index(after: next)
                start = index
            case "\r", "\n", "\u{85}", "\u{2028}", "\u{2029}":
                lines.append(scalars[start..<index])
                index = next
                start = index
            default: index = next
            }
        }
        self.lines = lines + [scalars[start...]]
    }

    /// The nearest place that is in the file; just behind the end of a line is in it.
    func clamp(_ place: Place) -> Place {
        let line = min(max(1, place.line), lines.count)
        let end = lines[line - 1].count + 1
        if place.line > lines.count { return Place(line: line, column: end) }
        return Place(line: line, column: min(max(1, place.column), end))
    }

    /// Whether only blanks stand before a place on its line.
    func isBlank(before place: Place) -> Bool {
        guard place.line <= lines.count else { return true }
        return lines[place.line - 1].prefix(place.column - 1).allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// Where on a line its first key ends; 1 where it has none.
    func columnOfValue(onLine line: Int) -> Int {
        guard (1...lines.count).contains(line), let colon = lines[line - 1].firstIndex(of: ":") else { return 1 }
        return lines[line - 1].distance(from: lines[line - 1].startIndex, to: colon) + 2
    }

    /// A line as it may be shown: what follows `maskedFrom` (a column) or a literal secret is cut off, and a line that
    /// fills a screen too.
    func excerpt(line: Int, maskedFrom: Int?) -> String? {
        var shown = lines[line - 1]
        if let maskedFrom {
            guard maskedFrom > 1 else { return nil }
            shown = shown.prefix(maskedFrom - 1)
        }
        var text = String(shown)
        if let literal = text.firstRange(of: "literal:") { text = String(text[..<literal.upperBound]) }
        return text.unicodeScalars.count > 500 ? nil : text
    }
}
