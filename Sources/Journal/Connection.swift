import GRDB
import Vocabulary

/// One SQLite connection to the file that this process owns.
struct Connection {
    let file: OwnedFile
    let queue: DatabaseQueue
    /// What a loss of power took where commits do not wait for the disk.
    let loss: LogFrames.Loss?
    private let path: String
    private let log: LogFile
    /// How the files were when this process had last written to them.
    private var traces: [FileTrace?] = []

    /// Opens the file and brings its tables up to date.
    init(_ path: String, _ file: OwnedFile, sync: SQLiteJournal.Sync) throws {
        self.path = path
        self.file = file
        guard file.isEmpty || file.beginsLikeSQLite else { throw JournalError.foreign(path) }
        if file.isEmpty, let size = LogFile.size(path + "-wal"), size > 0 { throw JournalError.emptied(path, size) }
        loss = try LogFrames.loss(in: path + "-wal")
        if let loss, sync == .full { throw JournalError.torn(path, loss) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(0.5)
        configuration.prepareDatabase { db in
            // The file is this process's alone, and what SQLite would share with others in memory is a `-shm` file: cut
            // short by somebody, it would end the process. It comes first, since it holds for what is opened after it.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
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
            // Whoever has to go back to the release before, because the file is damaged, must find it as it was.
            if version > 0, version < Schema.version { try Self.check(db, path) }
            try Schema.migrate(db, from: version)
            // What has not been read yet has no log either.
            _ = try Schema.state(db)
        }
        if file.isEmpty { try OwnedFile.synchronizeDirectory(of: path) }
        log = try LogFile(path + "-wal")
        noteTraces()
    }

    /// Reads every page, and what the schema promises of each row.
    func check() throws { try queue.writeWithoutTransaction { try Self.check($0, path) } }

    private static func check(_ db: Database, _ path: String) throws {
        guard let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), finding != "ok" else { return }
        if let code = readError(in: finding) { throw DatabaseError(resultCode: code, message: finding) }
        throw JournalError.damaged(path, "SQLite says: \(finding)", at: .start)
    }

    /// The check reports a page that the disk does not give as a finding, with the error's number in it: nothing is known
    /// of the page, so it is not damaged.
    private static func readError(in finding: String) -> ResultCode? {
        guard let words = finding.firstRange(of: "error code"),
            let code = Int32(finding[words.upperBound...].drop { !$0.isNumber })
        else { return nil }
        let result = ResultCode(rawValue: code)
        return result.primaryResultCode == .SQLITE_IOERR ? result : nil
    }

    /// Where its files are.
    enum Place {
        case unchanged
        /// One of them is gone: what is written now would be lost with this process.
        case vanished
        /// Something else has the journal's name.
        case taken
        /// Somebody else wrote to one of them.
        case overwritten
    }

    /// A look at two names and at how two files begin, some microseconds.
    func place() throws(JournalError) -> Place {
        guard [file.trace, log.trace] == traces else { return .overwritten }
        guard let now = try FileIdentity.of(path) else { return .vanished }
        guard now == file.identity else { return .taken }
        return try FileIdentity.of(log.path) == log.identity ? .unchanged : .vanished
    }

    /// To be called whenever this process has written.
    mutating func noteTraces() { traces = [file.trace, log.trace] }

    /// Lets go of the files. SQLite ends by moving its log into the file, and removes what has the log's name: neither is
    /// for files that are somebody else's by now. Such a connection stays open for as long as the process lives.
    func close() {
        switch try? place() {
        case .unchanged, .vanished: try? queue.close()
        case .taken, .overwritten, nil: _ = Unmanaged.passRetained(queue)
        }
    }
}
