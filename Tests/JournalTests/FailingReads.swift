import Foundation
import GRDBSQLite
import Synchronization

/// A disk that cannot read a file beyond its first two pages: SQLite's own way to its files, with an error there for the
/// files that a test names.
enum FailingReads {
    static func begin(_ path: String) {
        _ = isInstalled
        paths.withLock { _ = $0.insert(path) }
    }

    static func end(_ path: String) { paths.withLock { _ = $0.remove(path) } }

    private static let paths = Mutex<Set<String>>([])
    private nonisolated(unsafe) static var system = sqlite3_vfs()
    private nonisolated(unsafe) static var methods: UnsafePointer<sqlite3_io_methods>?
    private nonisolated(unsafe) static var failing = sqlite3_io_methods()

    /// Every file goes through here from now on, and is the system's own matter unless it is named.
    private static let isInstalled: Bool = {
        guard let found = sqlite3_vfs_find(nil) else { return false }
        system = found.pointee
        let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        own.initialize(to: system)
        own.pointee.zName = UnsafePointer(strdup("failing-reads"))
        own.pointee.pNext = nil
        own.pointee.xOpen = { vfs, name, file, flags, answer in
            let code = system.xOpen?(vfs, name, file, flags, answer) ?? SQLITE_ERROR
            if code == SQLITE_OK, let name, let file, isNamed(String(cString: name)) { harm(file) }
            return code
        }
        return sqlite3_vfs_register(own, 1) == SQLITE_OK
    }()

    private static func isNamed(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

    private static func harm(_ file: UnsafeMutablePointer<sqlite3_file>) {
        methods = file.pointee.pMethods
        guard let methods else { return }
        failing = methods.pointee
        failing.xRead = { file, buffer, count, offset in
            if offset >= 8192 { return SQLITE_IOERR | 1 << 8 }
            return FailingReads.methods?.pointee.xRead?(file, buffer, count, offset) ?? SQLITE_IOERR
        }
        let copy = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        copy.initialize(to: failing)
        file.pointee.pMethods = UnsafePointer(copy)
    }
}
