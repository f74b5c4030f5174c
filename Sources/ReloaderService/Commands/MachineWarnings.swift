import Celonis
import Listener
import Settings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Configuration {
    /// What would keep the service from starting here, by this user, though the file is right. Warnings, since `check` may
    /// run elsewhere.
    package var machineWarnings: [Diagnostic] {
        var warnings: [Diagnostic] = []
        func warn(_ problem: String?, at place: Place) {
            guard let problem else { return }
            warnings.append(
                Diagnostic(
                    severity: .warning,
                    file: file,
                    place: place,
                    message: problem,
                    hint: "see to it where the service runs: it does not start like this"
                )
            )
        }
        warn(problem { _ = try listen.tls.map(ServerCertificate.init) }, at: places.tls)
        warn(problem { _ = try celonis.caFile.map(CAFile.init) }, at: places.caFile)
        warn(journalProblem, at: places.journal)
        return warnings
    }

    private func problem(_ open: () throws -> Void) -> String? {
        do {
            try open()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private var journalProblem: String? {
        guard let path = journal.path else { return nil }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT != S_IFREG {
                return "the journal is to be a file, and \(path) is something else"
            }
            if access(path, R_OK | W_OK) != 0 || access(directory, W_OK | X_OK) != 0 {
                return "this user cannot write both the journal \(path) and its directory"
            }
            return nil
        }
        if stat(directory, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
            return "the journal's directory \(directory) does not exist here"
        }
        if access(directory, W_OK | X_OK) != 0 { return "this user cannot write the journal's directory \(directory)" }
        return nil
    }
}
