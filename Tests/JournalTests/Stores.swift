import Foundation
import Journal
import Vocabulary

/// One implementation of the seam, as the conformance suite sees it: a store that outlives whoever has it open.
protocol JournalStore: AnyObject {
    /// Opens the store, as a service does when it starts.
    func open() throws -> any QueueJournal

    /// From now on every commit fails as `unavailable` or `lost`, until `mend`.
    func damage() throws
    func mend() throws
}

/// Every implementation. Another one is added here and nowhere else.
enum Implementation: CaseIterable, Sendable {
    case memory
    case sqlite

    func makeStore() -> any JournalStore {
        switch self {
        case .memory: MemoryStore()
        case .sqlite: SQLiteStore()
        }
    }

    /// Whether several processes may have the store open at once.
    var isShared: Bool {
        switch self {
        case .memory: true
        case .sqlite: false
        }
    }
}

final class MemoryStore: JournalStore {
    let disk = MemoryJournal.Disk()
    func open() -> any QueueJournal { MemoryJournal(disk) }
    func damage() { disk.failure = .unavailable("the disk is full") }
    func mend() { disk.failure = nil }
}

final class SQLiteStore: JournalStore {
    let directory = TemporaryDirectory()
    var path: String { directory.path + "/journal.sqlite" }

    func open() throws -> any QueueJournal { try SQLiteJournal(path: path, sync: .normal) }

    /// Its directory lies elsewhere for a while.
    func damage() throws { try FileManager.default.moveItem(atPath: directory.path, toPath: directory.path + "-away") }
    func mend() throws { try FileManager.default.moveItem(atPath: directory.path + "-away", toPath: directory.path) }
}

/// Gone with its last user.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/journal-\(UUID().uuidString)"
        // A directory that cannot be made fails whatever test needs it.
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
