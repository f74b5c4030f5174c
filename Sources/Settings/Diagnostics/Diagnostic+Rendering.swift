import Vocabulary

extension Diagnostic: CustomStringConvertible {
    /// In the manner of a compiler (product.md §5):
    /// ```
    /// reloader.yaml:12:5: error: unknown key "debounse" in a model
    ///     debounse: 30s
    ///     ^~~~~~~~
    ///     hint: did you mean "debounce"?
    /// ```
    package var description: String {
        var text = "\(file):\(place): \(severity.rawValue): \(message)".printable
        if let excerpt {
            let before = excerpt.unicodeScalars.prefix(place.column - 1)
            // Tabs stay tabs, so that the caret stands under its character however wide they are shown.
            var padding = String(before.map { $0 == "\t" ? "\t" : " " as Character })
            padding += String(repeating: " ", count: place.column - 1 - before.count)
            let visible = excerpt.unicodeScalars.count - before.count
            let underline = String(repeating: "~", count: max(0, min(length, visible) - 1))
            text += "\n\(excerpt.printable)\n\(padding)^\(underline)"
        }
        for note in notes { text += "\n    \(note.printable)" }
        if let hint { text += "\n    hint: \(hint.printable)" }
        return text
    }

    /// One JSON object: `severity` (`error` or `warning`), `file`, `line` and `column` (from 1), `length` (characters on
    /// that line), `message`, `notes` (further lines that say why), `hint` (null where there is none).
    package var json: String {
        let fields = [
            ("severity", JSONText.quoted(severity.rawValue)),
            ("file", JSONText.quoted(file)),
            ("line", String(place.line)),
            ("column", String(place.column)),
            ("length", String(length)),
            ("message", JSONText.quoted(message)),
            ("notes", "[" + notes.map(JSONText.quoted).joined(separator: ",") + "]"),
            ("hint", hint.map(JSONText.quoted) ?? "null"),
        ]
        return "{" + fields.map { JSONText.quoted($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }
}
