/// Turns the text of a configuration file into checked settings, or into everything that is wrong with it.
package enum SettingsLoader {
    /// Reads a file's bytes. `file` is its name for messages. With `secrets` nil none is looked up: their values are
    /// then missing in the settings, and nothing about them is an error but how they are written.
    ///
    /// The configuration is nil exactly when a diagnostic is an error. Diagnostics come in the order of the file, all of
    /// one run: only broken YAML hides what follows it.
    package static func load(
        bytes: [UInt8],
        file: String,
        secrets: (any SecretSource)?
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        let source = SourceText(String(decoding: bytes, as: UTF8.self))
        let report = Report(source: source, file: file)
        guard let root = YAMLTree.parse(bytes, report: report) else {
            if !report.hasErrors {
                let start = Place(line: 1, column: 1)
                report.error("the file is empty", at: Span(start: start, end: start))
            }
            return (nil, report.diagnostics())
        }
        var configuration = Reader.configuration.read(root, Reading(report: report, secrets: secrets))
        if report.hasErrors { configuration = nil }
        return (configuration, report.diagnostics())
    }

    /// As `load(bytes:file:secrets:)`, for text.
    package static func load(
        text: String,
        file: String,
        secrets: (any SecretSource)?
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        load(bytes: Array(text.utf8), file: file, secrets: secrets)
    }
}
