import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// SQLite's write-ahead log, frame by frame (https://sqlite.org/fileformat2.html#the_write_ahead_log).
///
/// Every frame carries on the checksum of the one before it, and SQLite ends a log where that breaks off, without a word
/// about what lies behind. Mostly that is right: frames of an earlier round, which are in the file long since, or a commit
/// that was under way when the machine lost its power. But a frame that carries on a commit was only written once that
/// commit was whole: where such a one lies behind the break, something that was there has been overwritten.
struct LogFrames {
    /// What SQLite would leave out although it was committed.
    struct Loss: Hashable {
        /// Bytes up to the end of the last commit that can be read.
        var whole: Int
        /// Bytes from there to the end of what belongs to the same round.
        var lost: Int
    }

    /// What is lost of the log under that name; nil where nothing is known to be, or where there is no log.
    static func loss(in path: String) throws(JournalError) -> Loss? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw .unavailable("\(path) cannot be read: \(systemMessage())") }
        defer { close(descriptor) }
        return try LogFrames(path: path, descriptor: descriptor).loss()
    }

    private let path: String
    private let descriptor: Int32
    /// nil: the log's header is not what SQLite wrote there, and it would leave out all of the log.
    private let start: Link?
    private let pageSize: Int
    private let isBigEndian: Bool
    private let count: Int

    /// What the next frame has to carry on.
    private struct Link {
        /// Of one round: the log begins anew under another one.
        var salt: ArraySlice<UInt8>
        var sums: Checksum
    }

    private init(path: String, descriptor: Int32) throws(JournalError) {
        self.path = path
        self.descriptor = descriptor
        let header = try Self.read(path, descriptor, at: 0, LogFile.header)
        let isOne = header.count == LogFile.header && header.word(0) & ~1 == 0x377f_0682 && header.word(4) == 3_007_000
        isBigEndian = isOne && header.word(0) & 1 == 1
        var sums = Checksum(isBigEndian: isBigEndian)
        sums.add(header.prefix(24))
        let isWhole = isOne && sums.matches(header, at: 24)
        start = isWhole ? Link(salt: header[16..<24], sums: sums) : nil
        // Without a header: the size that SQLite gives a new file's pages.
        pageSize = isWhole ? Int(header.word(8)) : 4096
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unavailable("\(path) cannot be looked at: \(systemMessage())")
        }
        count = max(0, Int(status.st_size) - LogFile.header) / (Frame.header + pageSize)
    }

    private func loss() throws(JournalError) -> Loss? {
        // As SQLite reads it: frames that carry on, and of them those up to the last commit.
        var (read, whole) = (0, 0)
        var link = start
        while let before = link, read < count {
            let frame = try frame(read)
            guard frame.salt == before.salt, frame.carriesOn(before.sums) else { break }
            link = Link(salt: before.salt, sums: frame.sums(isBigEndian))
            read += 1
            if frame.endsCommit { whole = read }
        }
        // Behind it, whatever carries on the frame before itself.
        var (end, isProven) = (0, false)
        var before: Frame?
        for index in read..<max(read, count) {
            let head = Frame(bytes: try bytes(at: index, Frame.header))
            defer { before = head }
            guard start.map({ $0.salt == head.salt }) ?? true, let before, before.salt == head.salt,
                try frame(index).carriesOn(before.sums(isBigEndian))
            else { continue }
            end = index + 1
            if before.endsCommit { isProven = true }
        }
        if !isProven { return nil }
        let kept = start == nil ? 0 : offset(of: whole)
        return Loss(whole: kept, lost: offset(of: end) - kept)
    }

    private func offset(of index: Int) -> Int { LogFile.header + index * (Frame.header + pageSize) }

    private func frame(_ index: Int) throws(JournalError) -> Frame {
        Frame(bytes: try bytes(at: index, Frame.header + pageSize))
    }

    private func bytes(at index: Int, _ count: Int) throws(JournalError) -> [UInt8] {
        try Self.read(path, descriptor, at: offset(of: index), count)
    }

    /// Padded with zeros where the file was cut meanwhile.
    private static func read(
        _ path: String,
        _ descriptor: Int32,
        at offset: Int,
        _ count: Int
    ) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(descriptor, &bytes, count, off_t(offset)) >= 0 else {
            throw .unavailable("\(path) cannot be read: look after its disk (\(systemMessage()))")
        }
        return bytes
    }
}

/// One page of the log with what stands before it, or only that.
private struct Frame {
    static let header = 24

    let bytes: [UInt8]

    /// The size of the file once this is in it; only the last frame of a commit says it.
    var endsCommit: Bool { bytes.word(4) != 0 }
    var salt: ArraySlice<UInt8> { bytes[8..<16] }

    func sums(_ isBigEndian: Bool) -> Checksum {
        Checksum(first: bytes.word(16), second: bytes.word(20), isBigEndian: isBigEndian)
    }

    func carriesOn(_ sums: Checksum) -> Bool {
        var sums = sums
        sums.add(bytes.prefix(8))
        sums.add(bytes.dropFirst(Self.header))
        return sums.matches(bytes, at: 16)
    }
}

/// The checksum that runs through a log.
private struct Checksum {
    var first: UInt32 = 0
    var second: UInt32 = 0
    /// Of the machine that wrote the log.
    let isBigEndian: Bool

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
                first &+= word(bytes, offset) &+ second
                second &+= word(bytes, offset + 4) &+ first
            }
        }
    }

    private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }

    func matches(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.word(offset) == first && bytes.word(offset + 4) == second
    }
}

extension [UInt8] {
    /// A number of a header: whatever the machine, the highest byte first.
    fileprivate func word(_ offset: Int) -> UInt32 { self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
}
