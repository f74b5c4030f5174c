import Vocabulary

/// Rows for a terminal, padded to columns that are as wide as their widest cell; colours take no room.
enum TextTable {
    /// One field.
    struct Cell {
        let text: String
        let colour: TextStyle.Colour?
        /// Numbers stand at the right of their column.
        let isNumber: Bool

        init(_ text: String, _ colour: TextStyle.Colour? = nil, isNumber: Bool = false) {
            self.text = text.printable
            self.colour = colour
            self.isNumber = isNumber
        }
    }

    /// One line a row. Nothing stands behind the last cell.
    static func lines(_ rows: [[Cell]], style: TextStyle) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].text.count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let blanks = String(repeating: " ", count: widths[column] - cell.text.count)
                if cell.isNumber { line += blanks }
                line += style.paint(cell.text, cell.colour)
                if column < count - 1 { line += (cell.isNumber ? "" : blanks) + "  " }
            }
            return line
        }
    }
}
