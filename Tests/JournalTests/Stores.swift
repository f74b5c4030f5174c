import Journal
import Vocabulary

/// One implementation of the seam, as the conformance suite sees it: a store that outlives whoever has it open.
protocol JournalStore: AnyObject {
    /// Opens the store, as a service does when it starts.
    func open() throws -> any QueueJournal

    /// From now on every commit fails as `unavailable`, until `mend`.
    func damage() throws
    func mend() throws
}

/// Every implementation. Another one is added here and nowhere else.
enum Implementation: CaseIterable, Sendable {
    case memory

    func makeStore() throws -> any JournalStore {
        switch self {
        case .memory: MemoryStore()
        }
    }

    /// Whether several processes may have the store open at once.
    var isShared: Bool {
        switch self {
        case .memory: true
        }
    }
}

final class MemoryStore: JournalStore {
    let disk = MemoryJournal.Disk()
    func open() -> any QueueJournal { MemoryJournal(disk) }
    func damage() { disk.failure = .unavailable("the disk is full") }
    func mend() { disk.failure = nil }
}
