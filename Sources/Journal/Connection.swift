import GRDB
import Vocabulary

/// One SQLite connection to the file that this process owns.
struct Connection {
    let file: OwnedFile
    let queue: DatabaseQueue
    private let path: String
    /// The files beside it that SQLite writes, as they were when it opened them.
    private let companions: [String: FileIdentity]

    /// Opens the file, brings its tables up to date and looks whether it is whole.
    init(_ path: String, _ file: OwnedFile, sync: SQLiteJournal.Sync) throws {
        self.path = path
        self.file = file
        guard file.isEmpty || file.beginsLikeSQLite else { throw JournalError.foreign(path) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(0.5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = \(sync.rawValue)")
            // Until the last commit, the write-ahead log may have grown under a reader that took its time.
            try db.execute(sql: "PRAGMA journal_size_limit = 16777216")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            let version =
                switch try Schema.state(db) {
                case .foreign: throw JournalError.foreign(path)
                case .version(let version) where version > Schema.version: throw JournalError.newer(path, version)
                case .version(let version): version
                case .blank: 0
                }
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try Schema.migrate(db, from: version)
            try Self.check(db, path)
        }
        if file.isEmpty { try OwnedFile.synchronizeDirectory(of: path) }
        companions = try Dictionary(
            uniqueKeysWithValues: ["-wal", "-shm"].map { suffix in
                guard let identity = try FileIdentity.of(path + suffix) else {
                    throw JournalError.unavailable("\(path)\(suffix) vanished while the journal was opened; try again")
                }
                return (path + suffix, identity)
            }
        )
    }

    /// Reads every page, and what the schema promises of each row.
    static func check(_ db: Database, _ path: String) throws {
        guard let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), finding != "ok" else { return }
        throw JournalError.damaged(path, "SQLite says: \(finding)")
    }

    /// Where its files are.
    enum Place {
        case unchanged
        /// One of them is gone: what is written now would be lost with this process.
        case vanished
        /// Something else has the journal's name.
        case taken
    }

    /// Three looks at names, some microseconds.
    func place() throws(JournalError) -> Place {
        guard let now = try FileIdentity.of(path) else { return .vanished }
        guard now == file.identity else { return .taken }
        for (companion, identity) in companions where try FileIdentity.of(companion) != identity { return .vanished }
        return .unchanged
    }
}
