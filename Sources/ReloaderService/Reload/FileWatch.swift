/// Tells, from looks at the files of a configuration, when to read them again.
///
/// A change counts once two looks in a row saw the same: then no writer is in the middle of it, and whatever is written
/// after the first of them bears a later time, however coarse the file system's clock is.
struct FileWatch {
    /// The state of each file just before it was read: what is in force, or was refused, came from these.
    private var read: [String: FileState]
    private var lastLook: [String: FileState]?

    init(read: [String: FileState]) { self.read = read }

    /// The files to look at.
    var paths: [String] { Array(read.keys) }

    /// - Returns: whether the files are to be read now; then `hasRead` follows.
    mutating func looked(_ states: [String: FileState]) -> Bool {
        defer { lastLook = states }
        return states != read && states == lastLook
    }

    /// The files were read, because a look said so or somebody asked for it, and may be others now.
    mutating func hasRead(_ states: [String: FileState]) {
        read = states
        lastLook = nil
    }
}
