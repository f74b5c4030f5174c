import GRDB
import Synchronization
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The journal in one SQLite file in write-ahead mode, owned by one process.
///
/// A commit is one transaction. Before it, the file and its name are looked at: what is written to a file that was deleted
/// goes with the process. Such a file is still whole for whoever has it open, so it is written out anew under its name.
/// One that somebody else wrote to is not, and left alone.
package final class SQLiteJournal: QueueJournal {
    /// How much a commit waits for.
    package enum Sync: String, Sendable {
        /// Until the disk has it: survives a loss of power.
        case full = "FULL"
        /// Until the system has it: survives the end of the process, not that of the machine.
        case normal = "NORMAL"
    }

    /// What was committed and could not be found any more: with `normal`, a loss of power may take it.
    package let loss: String?
    private let path: String
    private let sync: Sync
    private let state: Mutex<State>

    private enum State {
        case open(Connection)
        /// Written out anew, but not opened again yet.
        case written(OwnedFile)
        case closed
    }

    /// Opens the journal, which is created where there is none.
    package init(path: String, sync: Sync = .full) throws(JournalError) {
        do {
            let path = Self.resolved(path)
            self.path = path
            self.sync = sync
            let connection = try Connection(path, OwnedFile.own(path), sync: sync)
            loss = connection.loss.map { JournalError.broken(path, $0) }
            state = Mutex(.open(connection))
        } catch {
            throw JournalError(error, path: path, at: .start)
        }
    }

    package func recover() throws(JournalError) -> JournalImage {
        try withConnection(.start) { connection in try connection.queue.writeWithoutTransaction { try $0.image() } }
    }

    package func check() throws(JournalError) { try withConnection(.start) { try $0.check() } }

    package func commit(_ entries: [JournalEntry]) throws(JournalError) {
        try withConnection(.run) { connection in
            guard !entries.isEmpty else { return }
            try connection.queue.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for entry in entries { try db.write(entry) }
                    return .commit
                }
            }
        }
    }

    package func close() {
        state.withLock { state in
            if case .open(let connection) = state { connection.close() }
            state = .closed
        }
    }

    deinit { close() }

    private func withConnection<Answer>(
        _ occasion: Occasion,
        _ body: (Connection) throws -> Answer
    ) throws(JournalError) -> Answer {
        try state.withLock { state throws(JournalError) in
            do {
                var connection = try ready(&state)
                defer {
                    connection.noteTraces()
                    state = .open(connection)
                }
                return try body(connection)
            } catch {
                throw JournalError(error, path: path, at: occasion)
            }
        }
    }

    /// The connection to a file that is where it belongs.
    private func ready(_ state: inout State) throws -> Connection {
        switch state {
        case .closed:
            throw JournalError.unavailable("the journal \(path) is closed")
        case .written(let file):
            return try reopen(file, &state)
        case .open(let connection):
            switch try connection.place() {
            case .unchanged:
                return connection
            case .vanished:
                do {
                    state = .written(try writeAnew(connection))
                } catch {
                    throw JournalError.lost(JournalError(error, path: path, at: .run).message)
                }
                try connection.queue.close()
                return try ready(&state)
            case .overwritten:
                throw JournalError.overwritten(path)
            case .taken:
                throw JournalError.lost(
                    """
                    another file lies in the place of the journal \(path); move it away, and the journal is written \
                    there again
                    """
                )
            }
        }
    }

    private func reopen(_ file: OwnedFile, _ state: inout State) throws -> Connection {
        let connection = try Connection(path, file, sync: sync)
        try connection.check()
        state = .open(connection)
        return connection
    }

    /// Copies what the connection still sees into a new file, and gives it the journal's name once it is on disk.
    private func writeAnew(_ connection: Connection) throws -> OwnedFile {
        let new = path + "-new"
        unlink(new)
        let file = try OwnedFile.own(new, exclusively: true)
        defer { unlink(new) }
        try connection.queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [new]) }
        try file.synchronize(new)
        // A log that was left behind would be taken for the new file's. The file itself may be there, where only its log
        // vanished: it holds less than the new one.
        unlink(path + "-wal")
        guard rename(new, path) == 0 else {
            throw JournalError.unavailable(
                "the journal \(path) vanished and cannot be written again: \(systemMessage())"
            )
        }
        try OwnedFile.synchronizeDirectory(of: path)
        return file
    }

    /// The path without symbolic links, so that the file, its log and its copy lie in one directory.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
