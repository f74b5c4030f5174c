import Settings

/// A configuration file as the commands use it: read, checked, its tests run.
package struct ConfigurationFile: Sendable {
    /// nil exactly where there is an error.
    package let configuration: Configuration?
    /// Every error and warning, in the order of the file.
    package let diagnostics: [Diagnostic]

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }

    /// Reads a file, or standard input where the path is `-`. With `secrets` nil none is looked up, and only how they are
    /// written is checked. `mustRun` says whether tests of the file that fail are errors.
    package init(path: String, secrets: (any SecretSource)?, mustRun: Bool) {
        let bytes: [UInt8]
        do throws(InputFileError) {
            bytes = try InputFile.bytes(of: path)
        } catch {
            let unreadable = Diagnostic(
                severity: .error,
                file: path,
                place: Place(line: 1, column: 1),
                message: "cannot read the configuration file: \(error)",
                hint: "name an existing file that this user may read with --config"
            )
            self.init(configuration: nil, diagnostics: [unreadable])
            return
        }
        self.init(bytes: bytes, name: path, secrets: secrets, mustRun: mustRun)
    }

    /// As `init(path:secrets:mustRun:)`, of bytes that are at hand; `name` is the file's name for messages.
    package init(bytes: [UInt8], name: String, secrets: (any SecretSource)?, mustRun: Bool) {
        var (loaded, found) = SettingsLoader.load(bytes: bytes, file: name, secrets: secrets)
        if mustRun {
            // Tests need no secrets: where nothing else is wrong they are run without, as in a pipeline that has none.
            var testable = loaded
            if loaded == nil, secrets != nil {
                testable = SettingsLoader.load(bytes: bytes, file: name, secrets: nil).configuration
            }
            found += testable?.testFailures() ?? []
            found.sort { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
        }
        if found.contains(where: { $0.severity == .error }) { loaded = nil }
        self.init(configuration: loaded, diagnostics: found)
    }

    /// With what was found out besides, e.g. by asking Celonis.
    package func with(_ more: [Diagnostic]) -> Self {
        let all = (diagnostics + more).sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        let isWrong = all.contains { $0.severity == .error }
        return Self(configuration: isWrong ? nil : configuration, diagnostics: all)
    }

    private init(configuration: Configuration?, diagnostics: [Diagnostic]) {
        self.configuration = configuration
        self.diagnostics = diagnostics
    }
}
