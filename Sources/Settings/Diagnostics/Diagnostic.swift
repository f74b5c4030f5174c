/// One mistake or doubt about a configuration file, for a person or an editor.
package struct Diagnostic: Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Nothing starts.
        case error
        /// The file works, but is probably not what was meant.
        case warning
    }

    /// Whether the file can be used all the same.
    package var severity: Severity
    /// The file's name as it was given.
    package var file: String
    /// Where it begins.
    package var place: Place
    /// How many characters it covers on its first line, at least 1.
    package var length: Int
    /// What is wrong. Never holds a secret.
    package var message: String
    /// Further lines that say why.
    package var notes: [String]
    /// What to do about it.
    package var hint: String?
    /// The line of the file, with everything that may be a secret cut off; nil where all of it may be one.
    package var excerpt: String?

    package init(
        severity: Severity,
        file: String,
        place: Place,
        length: Int = 1,
        message: String,
        notes: [String] = [],
        hint: String? = nil,
        excerpt: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.place = place
        self.length = length
        self.message = message
        self.notes = notes
        self.hint = hint
        self.excerpt = excerpt
    }
}
