import Synchronization
import Vocabulary

/// The twin of the journal for tests: its disk is a value that outlives it, and fails when told to.
package struct MemoryJournal: QueueJournal {
    /// What stays when the process dies.
    package final class Disk: Sendable {
        private let state = Mutex(State())

        private struct State {
            var book = JournalBook()
            var failure: JournalError?
            var commits: [[JournalEntry]] = []
            var beforeCommit: (@Sendable ([JournalEntry]) -> Void)?
        }

        package init() {}

        /// What every call ends with until it is nil again.
        package var failure: JournalError? {
            get { state.withLock(\.failure) }
            set { state.withLock { $0.failure = newValue } }
        }

        /// The groups that were committed, the first one first.
        package var commits: [[JournalEntry]] { state.withLock(\.commits) }

        /// All that is open.
        package var image: JournalImage { state.withLock(\.book.image) }

        /// Runs ahead of each commit, on its thread: to see it come, to let it wait, or to set `failure`.
        package func beforeCommit(_ body: (@Sendable ([JournalEntry]) -> Void)?) {
            state.withLock { $0.beforeCommit = body }
        }

        fileprivate func read() throws(JournalError) -> JournalImage {
            if let failure { throw failure }
            return image
        }

        fileprivate func write(_ entries: [JournalEntry]) throws(JournalError) {
            if !entries.isEmpty { state.withLock(\.beforeCommit)?(entries) }
            try state.withLock { state throws(JournalError) in
                if let failure = state.failure { throw failure }
                if entries.isEmpty { return }
                try state.book.apply(entries)
                state.commits.append(entries)
            }
        }
    }

    private let disk: Disk

    package init(_ disk: Disk = Disk()) { self.disk = disk }

    package func recover() throws(JournalError) -> JournalImage { try disk.read() }
    package func check() throws(JournalError) { _ = try disk.read() }
    package func commit(_ entries: [JournalEntry]) throws(JournalError) { try disk.write(entries) }
    package func close() {}
}
