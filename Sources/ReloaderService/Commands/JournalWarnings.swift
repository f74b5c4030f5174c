import Settings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Configuration {
    /// What would keep the journal from being opened here, by this user. Warnings, since `check` may run elsewhere.
    package var journalWarnings: [Diagnostic] {
        guard let path = journal.path else { return [] }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var status = stat()
        let message: String
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT != S_IFREG {
                message = "the journal is to be a file, and \(path) is something else"
            } else if access(path, R_OK | W_OK) != 0 || access(directory, W_OK | X_OK) != 0 {
                message = "this user cannot write both the journal \(path) and its directory"
            } else {
                return []
            }
        } else if stat(directory, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
            message = "the journal's directory \(directory) does not exist here"
        } else if access(directory, W_OK | X_OK) != 0 {
            message = "this user cannot write the journal's directory \(directory)"
        } else {
            return []
        }
        return [
            Diagnostic(
                severity: .warning,
                file: file,
                place: places.journal,
                message: message,
                hint: "see to it where the service runs: it does not start without its journal"
            )
        ]
    }
}
