import GRDB
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a journal's file holds, for people: read from a copy, without a lock and without writing a byte of it, whether a
/// service has it open, has closed it or was killed.
package struct JournalContents: Sendable {
    /// The version of its schema; 0 where nothing was ever written.
    package var schema: Int
    package var image: JournalImage
    /// What could not be read, if the file is damaged.
    package var damage: [String] = []

    /// Nothing was ever written: the file becomes a journal when a service starts with it.
    package var isEmpty: Bool { schema == 0 }

    /// - Throws: where it is not a journal that this release can read, or cannot be opened.
    package init(of path: String) throws(JournalError) {
        do {
            self = try Self.read(path)
        } catch {
            throw JournalError(error, path: path, at: .reading)
        }
    }

    private init(schema: Int, image: JournalImage) {
        self.schema = schema
        self.image = image
    }

    /// The copy may be brought up to date.
    private static func read(_ path: String) throws -> Self {
        guard try isNotEmpty(path) else {
            if let size = LogFile.size(path + "-wal"), size > 0 { throw JournalError.emptied(path, size) }
            return Self(schema: 0, image: JournalImage())
        }
        let copy = try JournalCopy(of: path)
        defer { withExtendedLifetime(copy) {} }
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        let queue = try DatabaseQueue(path: copy.path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            let version =
                switch try Schema.state(db) {
                case .foreign: throw JournalError.foreign(path)
                case .version(let version) where version > Schema.version: throw JournalError.newer(path, version)
                case .version(let version): version
                case .blank: 0
                }
            var damage: [String] = []
            do {
                damage = try String.fetchAll(db, sql: "PRAGMA quick_check(10)").filter { $0 != "ok" }
            } catch {
                // Some damage ends the check itself; what can be read is told all the same.
                damage = [Self.text(error)]
            }
            do {
                try Schema.migrate(db, from: version)
            } catch  where !damage.isEmpty {
                damage.append(Self.text(error))
            }
            if let loss = copy.loss { damage.append(JournalError.broken(path, loss)) }
            var contents = Self(schema: version, image: JournalImage())
            contents.image = try db.image { damage.append(Self.text($0)) }
            contents.damage = damage
            return contents
        }
    }

    /// Closed before SQLite opens it: this process has no lock on it that could be lost.
    private static func isNotEmpty(_ path: String) throws(JournalError) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno == ENOENT ? "there is no such file" : systemMessage()
            throw .unavailable("the journal \(path) cannot be read: \(reason)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unusable("\(path) is not a file")
        }
        if status.st_size == 0 { return false }
        guard OwnedFile.beginsLikeSQLite(descriptor) else { throw .foreign(path) }
        return true
    }

    private static func text(_ error: any Error) -> String { (error as? DatabaseError)?.message ?? "\(error)" }
}
