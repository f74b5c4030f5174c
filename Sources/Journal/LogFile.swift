import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// SQLite's write-ahead log as it was opened, beside it.
final class LogFile: Sendable {
    /// As long as SQLite's own header, which says when the log began anew.
    static let header = 32

    let path: String
    let identity: FileIdentity
    private let descriptor: Int32

    init(_ path: String) throws(JournalError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unavailable("\(path) cannot be read: \(systemMessage()); try again") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            throw .unavailable("\(path) cannot be looked at: \(systemMessage())")
        }
        self.path = path
        identity = FileIdentity(status)
    }

    deinit { close(descriptor) }

    /// nil where there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    var trace: FileTrace? { FileTrace(descriptor, start: Self.header) }
}
