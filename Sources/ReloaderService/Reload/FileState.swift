#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the system says of the file that a path leads to now, links followed: another file there, or the same one
/// written to, shows as another state, whichever link on the way was turned.
enum FileState: Hashable, Sendable {
    /// There is none, or it cannot be reached.
    case missing
    /// Times are nanoseconds; `changed` also moves where a writer sets the time of modification back.
    case present(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64)

    init(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .missing
            return
        }
        // What is no file is read once: its times say that it was read or written to, not that something else is there.
        let isFile = status.st_mode & S_IFMT == S_IFREG
        self = .present(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: isFile ? Int64(status.st_size) : 0,
            modified: isFile ? Self.nanoseconds(status.st_mtim) : 0,
            changed: isFile ? Self.nanoseconds(status.st_ctim) : 0
        )
    }

    /// Whether reading it again gives what is there then: no pipe does, and to open one without a writer waits for him.
    static func canBeReadAgain(_ path: String) -> Bool {
        var status = stat()
        guard path != "-" else { return false }
        guard stat(path, &status) == 0 else { return true }
        return ![S_IFIFO, S_IFCHR, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension FileState {
    /// Which file it is, under whatever name.
    struct Identity: Hashable, Sendable {
        private let device: UInt64
        private let inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }
}
