import GRDB
import Vocabulary

/// What was being done when something failed: what people can do depends on it.
enum Occasion {
    /// A service starts; it ends now.
    case start
    /// It runs, and goes on.
    case run
    /// `reloader journal` reads the file.
    case reading
}

extension JournalError {
    /// What SQLite's errors mean for people: what is the matter, and what they can do.
    init(_ error: any Error, path: String, at occasion: Occasion) {
        guard let error = error as? DatabaseError else {
            self = error as? JournalError ?? .unavailable("the journal \(path) failed: \(error)")
            return
        }
        let said = "SQLite says: \(error.message ?? "nothing"), code \(error.extendedResultCode.rawValue)"
        self =
            switch error.resultCode {
            case .SQLITE_FULL:
                .unavailable("the disk of the journal \(path) is full; make room, \(occasion.afterwards)")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                .unavailable("the journal \(path) is held by another program; end that program")
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                .unavailable(
                    """
                    the journal \(path) cannot be written: the service's user must be allowed to write the file, its \
                    -wal beside it, and the directory (\(said))
                    """
                )
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
                .damaged(path, said, at: occasion)
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_ERROR, .SQLITE_MISUSE:
                .unusable("what was to be written does not fit the journal \(path): a bug, please report it (\(said))")
            default:
                .unavailable("the journal \(path) cannot be read or written: look after its disk (\(said))")
            }
    }

    static func damaged(_ path: String, _ said: String, at occasion: Occasion) -> Self {
        switch occasion {
        case .start:
            .unusable(
                """
                the journal \(path) is damaged (\(said)); see what `reloader journal export \(path)` still prints, then \
                put a backup in its place or move it away, with its -wal, to start empty
                """
            )
        case .run:
            .lost("the journal \(path) is damaged (\(said)); \(inMemoryOnly)")
        case .reading:
            .unusable(
                """
                the journal \(path) is damaged so that nothing of it can be read (\(said)); put a backup in its place, or \
                move it away, with its -wal, to start empty
                """
            )
        }
    }

    /// SQLite would take the file for a new one and throw its log away.
    static func emptied(_ path: String, _ size: Int) -> Self {
        .unusable(
            """
            the journal \(path) is empty, and its log \(path)-wal is not (\(size) bytes): somebody emptied the file; put a \
            backup of both in their place, or move the -wal away to start empty
            """
        )
    }

    /// What lies behind the break, SQLite would leave out in silence, and then write over it.
    static func torn(_ path: String, _ loss: LogFrames.Loss) -> Self {
        .unusable(
            """
            the journal \(path) is damaged: \(broken(path, loss)); see what `reloader journal export \(path)` still \
            prints, then put a backup of both files in their place, or go on without what is lost by \
            `truncate -s \(loss.whole) \(path)-wal` and reload by hand what it may have been
            """
        )
    }

    /// What happened to a log, without what to do.
    static func broken(_ path: String, _ loss: LogFrames.Loss) -> String {
        """
        its log \(path)-wal can be read up to byte \(loss.whole), and \(loss.lost) bytes of what was committed lie \
        behind that
        """
    }

    /// Somebody wrote to a file that is this process's alone.
    static func overwritten(_ path: String) -> Self {
        .lost("another program wrote to the journal \(path) or its -wal; \(inMemoryOnly)")
    }

    /// What to do where the file is no good any more while the queue is.
    private static let inMemoryOnly = """
        what waits is in the memory of this service only, so let it load that (`reloader status`), then stop it, move the \
        file and its -wal away, and start it again
        """

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

extension Occasion {
    /// What comes once the disk is well.
    fileprivate var afterwards: String {
        switch self {
        case .start: "then start the service again"
        case .run: "the service goes on by itself"
        case .reading: "then try again"
        }
    }
}
