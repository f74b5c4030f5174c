import Synchronization
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which file a path names: what a rename, a deletion or another file in its place changes.
struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// What the path names now; nil where there is nothing.
    static func of(_ path: String) throws(JournalError) -> Self? {
        var status = stat()
        if stat(path, &status) == 0 { return Self(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .unavailable("the journal \(path) cannot be looked at: \(systemMessage())")
    }
}

/// The journal's file, held open and locked for this process alone.
///
/// The lock is `flock`'s: the kernel drops it when the process is gone, however it went, and it knows nothing of the
/// POSIX locks that SQLite takes and that the closing of any descriptor of the file would drop. It is on the file
/// itself, so that there is no second file to be lost. Close it after SQLite has closed the file.
final class OwnedFile: Sendable {
    let identity: FileIdentity
    /// Nothing is in it.
    let isEmpty: Bool
    private let descriptor: Int32

    private init(descriptor: Int32, status: stat) {
        self.descriptor = descriptor
        identity = FileIdentity(status)
        isEmpty = status.st_size == 0
    }

    deinit {
        // A process that another thread is just starting has the descriptor too, until its exec.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Opens the file, which is created for its owner alone where there is none.
    static func own(_ path: String, exclusively: Bool = false) throws(JournalError) -> OwnedFile {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | (exclusively ? O_EXCL : 0)
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw cannotOpen(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unusable("the journal \(path) is not a file; name another one in journal.path")
        }
        let file = OwnedFile(descriptor: descriptor, status: status)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .unusable(
                """
                the journal \(path) belongs to another process that is running; end that one first, or give this one a \
                journal.path of its own
                """
            )
        }
        // Whatever the umask.
        if file.isEmpty, fchmod(descriptor, 0o600) != 0 { throw cannotOpen(path, errno) }
        guard try FileIdentity.of(path) == file.identity else {
            throw .unavailable("the journal \(path) was moved away while it was opened; try again")
        }
        return file
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> JournalError {
        switch code {
        case ENOENT, ENOTDIR:
            .unavailable("the journal \(path) cannot be created: its directory does not exist; create it")
        case EACCES, EPERM, EROFS:
            .unavailable(
                """
                the journal \(path) cannot be written: \(systemMessage(code)); the service's user must be allowed to \
                write both the file and its directory
                """
            )
        case EISDIR:
            .unusable("the journal \(path) is a directory; name a file in journal.path")
        default:
            .unavailable("the journal \(path) cannot be opened: \(systemMessage(code))")
        }
    }

    var beginsLikeSQLite: Bool { Self.beginsLikeSQLite(descriptor) }

    /// SQLite's files begin with its name.
    static func beginsLikeSQLite(_ descriptor: Int32) -> Bool {
        let magic = Array("SQLite format 3\0".utf8)
        return firstBytes(of: descriptor, magic.count) == magic
    }

    /// The first page has the schema, the number of pages and a count of changes.
    var trace: FileTrace? { FileTrace(descriptor, start: 4096) }

    /// Returns when the content is on disk.
    func synchronize(_ path: String) throws(JournalError) {
        guard fsync(descriptor) == 0 else {
            throw .unavailable("the journal \(path) cannot be written: \(systemMessage())")
        }
    }

    /// Returns when the names in a file's directory are on disk.
    static func synchronizeDirectory(of path: String) throws(JournalError) {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unavailable("the journal's directory \(directory) cannot be opened: \(systemMessage())")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .unavailable("the journal's directory \(directory) cannot be written: \(systemMessage())")
        }
    }
}

/// What shows that a file was written to by somebody else: its size and how it begins.
struct FileTrace: Hashable {
    private let size: Int64
    private let start: [UInt8]

    /// nil where the file cannot be looked at.
    init?(_ descriptor: Int32, start count: Int) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        size = Int64(status.st_size)
        start = firstBytes(of: descriptor, count)
    }
}

/// How a file begins; less where it is shorter.
func firstBytes(of descriptor: Int32, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
}

/// What the system says of the last error.
func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
