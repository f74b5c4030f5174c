import Settings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file of `record:`, of whole lines, for its owner only. Over `max_size` it becomes `FILE.1`, in place of an
/// earlier one.
struct RecordFile: ~Copyable {
    let settings: RecordSettings
    private let descriptor: Int32
    /// Bytes in it.
    private var size: Int
    private let identity: FileState.Identity

    /// Opens or creates it. It follows no symbolic link and takes no pipe or device: a record belongs to a plain file.
    static func open(_ settings: RecordSettings) throws(RecordFileError) -> Self {
        let (descriptor, status) = try opened(settings.path)
        var file = Self(settings, descriptor, status)
        // What ends in the middle of a line, after a power cut, must not spoil the next one.
        if file.size > 0, !file.endsWithLine() { try file.append([0x0A]) }
        return file
    }

    private init(_ settings: RecordSettings, _ descriptor: Int32, _ status: stat) {
        self.settings = settings
        self.descriptor = descriptor
        size = Int(status.st_size)
        identity = FileState.Identity(status)
    }

    private static func opened(_ path: String) throws(RecordFileError) -> (Int32, stat) {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw RecordFileError(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, fchmod(descriptor, 0o600) == 0 else {
            close(descriptor)
            throw RecordFileError(path, EINVAL)
        }
        return (descriptor, status)
    }

    deinit { close(descriptor) }

    /// Whether the path still leads to this file: somebody may have moved or removed it.
    var isInPlace: Bool {
        var status = stat()
        return lstat(settings.path, &status) == 0 && FileState.Identity(status) == identity
    }

    /// Whether so many more bytes are too many, the first `waiting` of which are to be written in any case. A line that is
    /// larger than all of the file may be is written alone.
    func isFull(before count: Int, waiting: Int = 0) -> Bool { size + waiting > 0 && size + count > settings.maxSize }

    /// Moves it out of the way of a new one.
    func rotate() throws(RecordFileError) {
        guard rename(settings.path, settings.path + ".1") == 0 else { throw RecordFileError(settings.path) }
    }

    /// Appends whole lines, or nothing: where the disk is full, half of a line is taken back.
    mutating func append(_ lines: [UInt8]) throws(RecordFileError) {
        var written = 0
        while written < lines.count {
            let count = lines.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, lines.count - written) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = RecordFileError(settings.path)
                _ = ftruncate(descriptor, off_t(size))
                throw error
            }
            written += count
        }
        size += written
    }

    private func endsWithLine() -> Bool {
        let reading = Glibc.open(settings.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard reading >= 0 else { return false }
        defer { close(reading) }
        var last: UInt8 = 0
        return pread(reading, &last, 1, off_t(size - 1)) == 1 && last == 0x0A
    }
}

/// Why nothing can be recorded, in the system's words.
struct RecordFileError: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ code: Int32 = errno) { description = "\(path): \(String(cString: strerror(code)))" }
}
