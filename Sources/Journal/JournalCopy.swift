import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A journal's file and its log as they were at one moment, in a directory of their own, gone with this value.
///
/// The owner of a journal shares it with nobody, so others read it without asking. That works because of how SQLite
/// writes: the log is only appended to until all of it is in the file, and then begins anew under another salt. So a
/// copy of the file and then one of the log, whose salt was the same all the while, fit together: what the owner moved
/// into the file meanwhile is in the log as well, and a commit whose end is missing does not count.
final class JournalCopy {
    /// The copy of the file; that of the log lies beside it.
    let path: String
    /// What is lost of the log.
    private(set) var loss: LogFrames.Loss?
    private let directory: String

    init(of original: String) throws(JournalError) {
        var template = Array("\(Self.temporary)/reloader-journal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .unavailable("\(Self.temporary) has no place for a copy of the journal: \(systemMessage())")
        }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = directory + "/journal.sqlite"
        // An owner begins its log anew after some thousand pages: twice in a row within one copy is bad luck. And what it
        // commits while the log is copied may be there but for its beginning, which no second copy shows.
        for attempt in 1...10 {
            let before = try LogHeader(of: original)
            try Self.copy(original, to: path)
            try Self.copy(original + "-wal", to: path + "-wal", isOptional: true)
            loss = try LogFrames.loss(in: path + "-wal")
            if try LogHeader(of: original) == before, loss == nil || attempt == 10 { return }
        }
        throw .unavailable("the journal \(original) changes faster than it can be read; try again")
    }

    deinit {
        for file in [path, path + "-wal", path + "-shm"] { unlink(file) }
        rmdir(directory)
    }

    private static var temporary: String {
        guard let named = getenv("TMPDIR"), named.pointee != 0 else { return "/tmp" }
        return String(cString: named)
    }

    /// What changes when the log begins anew.
    private struct LogHeader: Equatable {
        let bytes: [UInt8]
        let file: FileIdentity?

        init(of original: String) throws(JournalError) {
            file = try FileIdentity.of(original)
            let descriptor = open(original + "-wal", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else {
                bytes = []
                return
            }
            defer { close(descriptor) }
            bytes = firstBytes(of: descriptor, LogFile.header)
        }
    }

    private static func copy(_ from: String, to: String, isOptional: Bool = false) throws(JournalError) {
        unlink(to)
        let source = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if source < 0, isOptional, errno == ENOENT { return }
        guard source >= 0 else { throw .unavailable("the journal \(from) cannot be read: \(systemMessage())") }
        defer { close(source) }
        let target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw .unavailable("\(to) cannot be written: \(systemMessage())") }
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 else { throw .unavailable("the journal \(from) cannot be read: \(systemMessage())") }
            guard write(target, buffer, count) == count else {
                throw .unavailable(
                    "\(to) cannot be written, as a copy that the journal is read from: \(systemMessage())"
                )
            }
        }
    }
}
