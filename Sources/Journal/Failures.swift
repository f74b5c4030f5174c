import GRDB
import Vocabulary

extension JournalError {
    /// What SQLite's errors mean for people: what is the matter, and what they can do.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? JournalError ?? .unavailable("the journal \(path) failed: \(error)")
            return
        }
        let said = "SQLite says: \(error.message ?? "nothing"), code \(error.extendedResultCode.rawValue)"
        self =
            switch error.resultCode {
            case .SQLITE_FULL:
                .unavailable("the disk of the journal \(path) is full; make room, the service goes on by itself")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                .unavailable("the journal \(path) is held by another program that writes to it; end that program")
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                .unavailable(
                    """
                    the journal \(path) cannot be written: the service's user must be allowed to write the file, its \
                    -wal and -shm beside it, and the directory (\(said))
                    """
                )
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
                .damaged(path, said)
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_ERROR, .SQLITE_MISUSE:
                .unusable("what was to be written does not fit the journal \(path): a bug, please report it (\(said))")
            default:
                .unavailable("the journal \(path) cannot be read or written: look after its disk (\(said))")
            }
    }

    static func damaged(_ path: String, _ said: String) -> Self {
        .unusable(
            """
            the journal \(path) is damaged (\(said)); see what `reloader journal export` still prints, then put a backup \
            in its place or move it away, with its -wal and -shm, to start empty
            """
        )
    }

    static func foreign(_ path: String) -> Self {
        .unusable(
            "\(path) is a file of another program, not a journal; move it away, or name another file in journal.path"
        )
    }

    static func newer(_ path: String, _ version: Int) -> Self {
        .unusable(
            """
            the journal \(path) was written by a newer release (its schema is version \(version), this one knows \
            \(Schema.version)); start that release, or move the file away to start empty
            """
        )
    }
}
