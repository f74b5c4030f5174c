import Dispatch
import Synchronization
import Vocabulary

/// How the journal is, for health and metrics.
package struct JournalStatus: Hashable, Sendable {
    /// Why it cannot be written now; nil if it can.
    package var failure: String?
    /// What was written before is not there either.
    package var isLost = false
    /// Groups that reached the disk, and the entries in them.
    package var commits: UInt64 = 0
    package var entries: UInt64 = 0
    package var failedCommits: UInt64 = 0

    package init() {}
}

/// What health and metrics tell of the journal.
package struct JournalReport: Sendable {
    package var status: JournalStatus
    /// Changes that came back at the start.
    package var recoveredChanges: Int
    /// Models of which something is on disk while the configuration does not have them.
    package var strangers: [ModelReference]
}

/// The one writer of the journal. Entries stand in line in the order in which the queue decided; one thread of its own,
/// which may block, takes all that stand there as one group, commits it and tells who waits for it.
///
/// A group that cannot be committed stays in line and is tried again until the disk takes it; who waits for it hears at
/// once that it is not written, and nobody is taken in meanwhile. The same holds for a commit that takes too long, and
/// for a file that something happened to: it is looked at now and then, so that this is known before the next write.
package final class JournalWriter: Sendable {
    package struct Limits: Sendable {
        /// Between two tries of a group that failed.
        package var retryAfter: Duration
        /// Between two looks at a journal that nothing is written to.
        package var lookAfter: Duration
        /// A commit that takes longer counts as failed for those who wait.
        package var slow: Duration
        /// Entries in line; beyond it nobody is taken in.
        package var line: Int
        /// Remembered events that wait for the next write; beyond it the oldest go.
        package var idle: Int

        package init(
            retryAfter: Duration = .seconds(1),
            lookAfter: Duration = .seconds(1),
            slow: Duration = .seconds(10),
            line: Int = 100_000,
            idle: Int = 4096
        ) {
            self.retryAfter = retryAfter
            self.lookAfter = lookAfter
            self.slow = slow
            self.line = line
            self.idle = idle
        }
    }

    private typealias Waiter = (write: UInt64, call: @Sendable () -> Void)

    private struct State {
        var line: [JournalEntry] = []
        /// Entries that are worth no commit of their own: they go with the next.
        var idle: [JournalEntry] = []
        /// The newest write in line, in the group at hand, or on disk.
        var submitted: UInt64 = 0
        /// The thread works, or will by itself.
        var isScheduled = false
        /// Since when it commits a group.
        var committingSince: DispatchTime?
        /// A timer looks after a commit that takes too long.
        var isWatched = false
        var waiters: [Waiter] = []
        /// Who waits for the end, each until its own last look has ended or its time is over.
        var finishers: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextFinisher = 0
        var status = JournalStatus()
        var isClosed = false

        /// Whether the caller has to start the thread.
        mutating func schedule() -> Bool {
            defer { isScheduled = true }
            return !isScheduled
        }
    }

    private let state = Mutex(State())
    /// The newest write on disk, and whether new ones are taken in: read for every delivery, so without the lock.
    private let committed = Atomic<UInt64>(0)
    private let accepts = Atomic<Bool>(true)
    private let journal: any QueueJournal
    private let limits: Limits
    private let thread = DispatchQueue(label: "reloader.journal", qos: .userInitiated)
    private let onFailure: @Sendable (String?) -> Void

    /// `onFailure` hears when the journal begins to fail, and why, and with nil when it is well again; from any thread.
    package init(
        _ journal: any QueueJournal,
        limits: Limits = Limits(),
        onFailure: @escaping @Sendable (String?) -> Void = { _ in }
    ) {
        self.journal = journal
        self.limits = limits
        self.onFailure = onFailure
        lookLater()
    }

    package var status: JournalStatus { state.withLock(\.status) }

    /// Whether new changes can be taken in now.
    package var isAccepting: Bool { accepts.load(ordering: .relaxed) }

    /// The newest write on disk.
    package var committedWrite: UInt64 { committed.load(ordering: .acquiring) }

    /// The newest write that is in line or on disk.
    package var submittedWrite: UInt64 { state.withLock(\.submitted) }

    package func isWritten(_ write: UInt64) -> Bool { write <= committedWrite }

    /// Looks whether all that is kept is whole, ahead of all commits.
    package func check() async throws(JournalError) {
        let result = await withCheckedContinuation { continuation in
            thread.async { [journal] in
                continuation.resume(returning: Result { () throws(JournalError) in try journal.check() })
            }
        }
        try result.get()
    }

    /// Puts a write in line. The caller's own lock keeps the order.
    func append(_ write: JournalWrite) {
        let starts = state.withLock { state in
            state.line += write.entries
            state.submitted = write.number
            updateAccepts(state)
            return state.schedule()
        }
        if starts { thread.async { self.work() } }
    }

    /// Puts entries in line that are worth no commit of their own.
    func appendIdle(_ entry: JournalEntry) {
        state.withLock { state in
            // Behind what is there already: the event's own entries may be among those that could not be written yet.
            if case .forgotten = entry, !state.line.isEmpty {
                state.line.append(entry)
                return
            }
            // In halves, so that it costs nothing per event.
            if state.idle.count >= limits.idle { state.idle.removeFirst((limits.idle + 1) / 2) }
            state.idle.append(entry)
        }
    }

    /// Calls back once, from any thread, when the write is on disk or is known not to be for now.
    package func whenKnown(_ write: UInt64, _ call: @escaping @Sendable () -> Void) {
        let isKnown = state.withLock { state in
            if isWritten(write) || state.status.failure != nil { return true }
            state.waiters.append((write, call))
            return false
        }
        if isKnown { call() }
    }

    /// Returns whether the write is on disk, as soon as that is known.
    func settled(_ write: UInt64) async -> Bool {
        await withCheckedContinuation { continuation in whenKnown(write) { continuation.resume() } }
        return isWritten(write)
    }

    /// Writes all that is in line, as far as that is possible within the time, and lets go of the file. Nothing is put in
    /// line after it.
    package func finish(within limit: Duration) async {
        let end = DispatchTime.now().after(limit)
        await withCheckedContinuation { continuation in
            let finisher = state.withLock { state in
                state.line = state.idle + state.line
                state.idle = []
                state.nextFinisher += 1
                state.finishers[state.nextFinisher] = continuation
                state.isScheduled = true
                return state.nextFinisher
            }
            thread.async {
                // A group that failed before is tried once more, at once; and nobody goes believing in a file that is gone.
                self.work(looks: true)
                self.resume(finisher)
            }
            DispatchQueue.global().asyncAfter(deadline: end) { self.resume(finisher) }
        }
        let isStuck = state.withLock { state in
            state.isClosed = true
            return state.committingSince != nil
        }
        if isStuck { return }
        await withCheckedContinuation { continuation in
            thread.async { [journal] in
                journal.close()
                continuation.resume()
            }
        }
    }

    /// For tests: how many wait in `finish`.
    var waitsForTheEnd: Int { state.withLock(\.finishers.count) }

    private func resume(_ finisher: Int) { state.withLock { $0.finishers.removeValue(forKey: finisher) }?.resume() }

    private func lookLater() {
        thread.asyncAfter(deadline: .now().after(limits.lookAfter)) { [weak self] in
            guard let self, !state.withLock(\.isClosed) else { return }
            // One that fails is tried again anyway.
            if status.failure == nil { work(looks: true) }
            lookLater()
        }
    }

    /// Commits what stands in line until nothing does; `looks` asks for a commit in any case, of nothing if need be.
    private func work(looks: Bool = false) {
        var looks = looks
        while let group = nextGroup(evenEmpty: looks) {
            looks = false
            do {
                if !group.entries.isEmpty { FaultPoint.admitted.reached() }
                try journal.commit(group.entries)
                if !group.entries.isEmpty { FaultPoint.written.reached() }
                succeeded(group.last, group.entries.count)
            } catch {
                failed(error, group.entries)
                return
            }
        }
    }

    private func nextGroup(evenEmpty: Bool) -> (entries: [JournalEntry], last: UInt64)? {
        state.withLock { state in
            let isDue = !state.line.isEmpty || state.status.failure != nil || evenEmpty
            guard isDue, !state.isClosed else {
                state.isScheduled = false
                return nil
            }
            let entries = state.line.isEmpty ? [] : state.idle + state.line
            if !state.line.isEmpty { state.idle = [] }
            state.line = []
            state.committingSince = .now()
            if !state.isWatched {
                state.isWatched = true
                watch(after: limits.slow)
            }
            return (entries, state.submitted)
        }
    }

    private func succeeded(_ last: UInt64, _ count: Int) {
        let (ready, isMended) = state.withLock { state in
            state.committingSince = nil
            committed.store(last, ordering: .releasing)
            if count > 0 { state.status.commits += 1 }
            state.status.entries += UInt64(count)
            let isMended = state.status.failure != nil
            state.status.failure = nil
            state.status.isLost = false
            updateAccepts(state)
            let ready = state.waiters.filter { $0.write <= last }
            state.waiters.removeAll { $0.write <= last }
            return (ready, isMended)
        }
        if isMended { onFailure(nil) }
        for waiter in ready { waiter.call() }
    }

    private func failed(_ error: JournalError, _ group: [JournalEntry]) {
        state.withLock { state in
            state.committingSince = nil
            state.isScheduled = true
            if !group.isEmpty {
                state.line = group + state.idle + state.line
                state.idle = []
                state.status.failedCommits += 1
            }
            if case .lost = error { state.status.isLost = true } else { state.status.isLost = false }
        }
        refuse(error.message)
        thread.asyncAfter(deadline: .now().after(limits.retryAfter)) { self.work() }
    }

    /// Tells everyone who waits that nothing is written for now, if it `applies` still: looked at and noted in one step, so
    /// that a commit which ends in between mends it.
    private func refuse(_ message: String, if applies: (inout State) -> Bool = { _ in true }) {
        let refused: (waiters: [Waiter], isNew: Bool)? = state.withLock { state in
            guard applies(&state) else { return nil }
            let isNew = state.status.failure == nil
            state.status.failure = message
            updateAccepts(state)
            defer { state.waiters = [] }
            return (state.waiters, isNew)
        }
        guard let refused else { return }
        if refused.isNew { onFailure(message) }
        for waiter in refused.waiters { waiter.call() }
    }

    private func watch(after delay: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now().after(delay)) { [weak self] in self?.lookAfterCommit() }
    }

    private func lookAfterCommit() {
        refuse("a write takes longer than \(limits.slow.inSeconds) s") { state in
            guard let since = state.committingSince else {
                state.isWatched = false
                return false
            }
            let left = limits.slow.nanoseconds - Int64(DispatchTime.now().uptimeNanoseconds - since.uptimeNanoseconds)
            // Of a slow one it is looked at again whether another came after it.
            watch(after: .nanoseconds(left > 0 ? left : limits.slow.nanoseconds))
            return left <= 0
        }
    }

    private func updateAccepts(_ state: borrowing State) {
        accepts.store(state.status.failure == nil && state.line.count < limits.line, ordering: .relaxed)
    }
}

extension DispatchTime {
    fileprivate func after(_ delay: Duration) -> Self {
        self + DispatchTimeInterval.nanoseconds(Int(clamping: max(0, delay.nanoseconds)))
    }
}
