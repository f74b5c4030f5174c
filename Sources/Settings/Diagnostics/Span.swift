/// A place in a file as people count: the first character of the file is 1:1, and a column is a Unicode scalar.
package struct Place: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    /// From 1.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// As compilers write it: `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }

    /// Reading order.
    package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// From the first character of something in the file to just behind its last.
package struct Span: Hashable, Sendable {
    /// The first character.
    package var start: Place
    /// Just behind the last character; may lie on a later line.
    package var end: Place

    package init(start: Place, end: Place) {
        self.start = start
        self.end = end
    }

    /// How many characters a caret line underlines: what lies on the first line, at least 1.
    var length: Int { start.line == end.line ? max(1, end.column - start.column) : 1 }
}
