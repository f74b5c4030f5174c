import Settings

/// What `reloader check` prints.
package struct CheckReport: Sendable {
    private let file: ConfigurationFile
    private let name: String

    package init(_ file: ConfigurationFile, name: String) {
        self.file = file
        self.name = name
    }

    /// Diagnostics of one severity that are shown to people; a file that is wrong all over says no more by the rest.
    private static let shown = 50

    /// For people: the diagnostics, then one line that sums up.
    package var text: String {
        var lines: [String] = []
        var counts: [Diagnostic.Severity: Int] = [:]
        for diagnostic in file.diagnostics {
            counts[diagnostic.severity, default: 0] += 1
            if counts[diagnostic.severity, default: 0] <= Self.shown { lines.append(diagnostic.description) }
        }
        for severity in Diagnostic.Severity.allCases {
            let more = counts[severity, default: 0] - Self.shown
            if more > 0 { lines.append("and \(Self.count(more, "more \(severity.rawValue)"))") }
        }
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    /// For editors and pipelines: `{"valid":…,"diagnostics":[…]}`.
    package var json: String {
        let diagnostics = file.diagnostics.map(\.json).joined(separator: ",")
        return "{\"valid\":\(file.configuration != nil),\"diagnostics\":[\(diagnostics)]}\n"
    }

    private var summary: String {
        let warnings = file.diagnostics.count - file.errors.count
        let warned = warnings == 0 ? "" : ", \(Self.count(warnings, "warning"))"
        guard let configuration = file.configuration else {
            return "\(name): \(Self.count(file.errors.count, "error"))\(warned)"
        }
        let parts = [
            Self.count(configuration.sources.count, "source"), Self.count(configuration.rules.count, "rule"),
            Self.count(configuration.models.count, "model"),
            "\(Self.count(configuration.tests.count, "test")) passed",
        ]
        return "\(name): ok, \(parts.joined(separator: ", "))\(warned)"
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
