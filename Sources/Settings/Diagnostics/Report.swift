/// Collects everything that is wrong with one file while it is read, so that all of it is found in one run.
final class Report {
    let file: String
    private let source: SourceText
    private var found: Set<Finding> = []
    private var masks: [Int: Int] = [:]

    private struct Finding: Hashable {
        var severity: Diagnostic.Severity
        var span: Span
        var message: String
        var hint: String?
    }

    init(source: SourceText, file: String) {
        self.source = source
        self.file = file
    }

    var hasErrors: Bool { found.contains { $0.severity == .error } }

    func error(_ message: String, at span: Span, hint: String? = nil) {
        add(.error, message, at: span, hint: hint)
    }

    func warning(_ message: String, at span: Span, hint: String? = nil) {
        add(.warning, message, at: span, hint: hint)
    }

    private func add(_ severity: Diagnostic.Severity, _ message: String, at span: Span, hint: String?) {
        // A set: an alias is read wherever it stands, but what is wrong in it stands at one place.
        found.insert(Finding(severity: severity, span: span, message: message, hint: hint))
    }

    /// Keeps what lies in this span out of every excerpt: it may be a secret.
    func mask(_ span: Span) {
        masks[span.start.line] = min(masks[span.start.line] ?? .max, span.start.column)
        // A block ends where the next key begins; that key's line shows nothing of it.
        let last = source.isBlank(before: span.end) ? span.end.line - 1 : span.end.line
        for line in span.start.line..<max(span.start.line, last) { masks[line + 1] = 1 }
    }

    /// Keeps all but the key of a line out of every excerpt: where YAML itself is wrong nobody knows what is a secret.
    func maskValue(onLine line: Int) {
        masks[line] = min(masks[line] ?? .max, source.columnOfValue(onLine: line))
    }

    /// Everything found, in the order of the file.
    func diagnostics() -> [Diagnostic] {
        found.map { finding in
            let place = source.clamp(finding.span.start)
            return Diagnostic(
                severity: finding.severity,
                file: file,
                place: place,
                length: finding.span.length,
                message: finding.message,
                hint: finding.hint,
                excerpt: source.excerpt(line: place.line, maskedFrom: masks[place.line])
            )
        }
        .sorted { ($0.place, $0.severity.rawValue, $0.message) < ($1.place, $1.severity.rawValue, $1.message) }
    }
}
