import Settings

/// What `reloader check` prints.
package struct CheckReport: Sendable {
    private let file: ConfigurationFile
    private let name: String
    private let tablesAtCelonis: Int?

    /// `tablesAtCelonis`: how many the models have, where that was asked.
    package init(_ file: ConfigurationFile, name: String, tablesAtCelonis: Int? = nil) {
        self.file = file
        self.name = name
        self.tablesAtCelonis = tablesAtCelonis
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
            if more > 0 { lines.append("and \(counted(more, "more \(severity.rawValue)"))") }
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
        let warned = warnings == 0 ? "" : ", \(counted(warnings, "warning"))"
        guard let configuration = file.configuration else {
            return "\(name): \(counted(file.errors.count, "error"))\(warned)"
        }
        var parts = [
            counted(configuration.sources.count, "source"), counted(configuration.rules.count, "rule"),
            counted(configuration.models.count, "model"),
            "\(counted(configuration.tests.count, "test")) passed",
        ]
        if let tablesAtCelonis { parts.append("\(counted(tablesAtCelonis, "table")) at Celonis") }
        return "\(name): ok, \(parts.joined(separator: ", "))\(warned)"
    }
}
