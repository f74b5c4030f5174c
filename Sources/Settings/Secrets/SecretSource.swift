/// Where the values of secrets are found: the machine in the service, a dictionary in tests.
package protocol SecretSource {
    /// An environment variable; nil when it is not set.
    func variable(_ name: String) -> String?
    /// A file's bytes.
    func contents(ofFile path: String) throws(SecretFileError) -> [UInt8]
}

/// Why a secret's file could not be read.
package enum SecretFileError: Error, Hashable, CustomStringConvertible {
    /// Larger than any secret; probably another file.
    case tooLarge
    /// What the system says, e.g. `No such file or directory`.
    case system(String)

    package var description: String {
        switch self {
        case .tooLarge: "it is larger than 64 KiB"
        case .system(let text): text
        }
    }
}

/// Secrets held in memory: for tests, and for what has them at hand.
package struct FixedSecrets: SecretSource {
    package var variables: [String: String]
    package var files: [String: [UInt8]]

    package init(variables: [String: String] = [:], files: [String: [UInt8]] = [:]) {
        self.variables = variables
        self.files = files
    }

    package func variable(_ name: String) -> String? { variables[name] }

    package func contents(ofFile path: String) throws(SecretFileError) -> [UInt8] {
        guard let bytes = files[path] else { throw .system("No such file or directory") }
        return bytes
    }
}
