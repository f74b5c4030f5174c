import Settings

/// One reading of a configuration file: what it says, and the state of every file that this came from, secrets'
/// included, just before that file was read. So a change during the reading is one that is still to be seen. The files
/// of `listen.tls` are read later, by whoever puts the configuration in force.
package struct ConfigurationReading: Sendable {
    /// What `serve` can use, or the diagnostics.
    package let file: ConfigurationFile
    let states: [String: FileState]

    /// `certificate`: the files of `listen.tls` in force, which stay of interest also where the file is refused.
    package init(path: String, secrets: any SecretSource = MachineSecrets(), certificate: [String] = []) {
        let witness = FileWitness(secrets)
        witness.note(path)
        for file in certificate { witness.note(file) }
        file = ConfigurationFile(path: path, secrets: witness, mustRun: true)
        if let tls = file.configuration?.listen.tls {
            witness.note(tls.certificate)
            witness.note(tls.privateKey)
        }
        states = witness.states
    }

    /// Why the file cannot be used, for health: its first error, and how many more there are.
    var error: String {
        let errors = file.errors
        let first = errors.first?.summary ?? "unknown"
        return errors.count < 2 ? first : first + " (and \(errors.count - 1) more)"
    }
}

extension Diagnostic {
    /// Where and what, in one line.
    var summary: String { "\(file):\(place): \(message)" }
}

/// Notes the state of each file of a secret when it is asked for, whether or not it can be read.
private final class FileWitness: SecretSource {
    private let secrets: any SecretSource
    private(set) var states: [String: FileState] = [:]

    init(_ secrets: any SecretSource) { self.secrets = secrets }

    func note(_ path: String) {
        // A file that several secrets name is read for each of them: the first state is the safe one.
        if states[path] == nil { states[path] = FileState(path: path) }
    }

    func variable(_ name: String) -> String? { secrets.variable(name) }

    func contents(ofFile path: String) throws(SecretFileError) -> [UInt8] {
        note(path)
        return try secrets.contents(ofFile: path)
    }
}
