import Vocabulary

extension ReloadQueue {
    /// The whole queue at this moment.
    package func snapshot(naming: Bool = true) -> QueueSnapshot { read { $0.snapshot(naming: naming, at: $1) } }

    /// What is known of the journal; nil where there is none.
    package var journalReport: JournalReport? {
        journal.map { journal in
            read { machine, _ in
                JournalReport(
                    status: journal.status,
                    recoveredChanges: machine.recoveredChanges,
                    strangers: machine.strangers
                )
            }
        }
    }

    /// One model by its name.
    package func model(_ name: String) throws(QueueError) -> ModelSnapshot {
        try read { machine, now throws(QueueError) in try machine.model(name, at: now) }
    }

    /// A job, open or ended; nil if it never was or has left the history.
    package func job(_ id: JobID) -> JobSnapshot? { read { $0.job(id, at: $1) } }

    /// Newest first; of one table: those that hold it or everything.
    package func jobs(
        state: JobState? = nil,
        model: String? = nil,
        table: String? = nil,
        limit: Int = 100
    ) -> [JobSnapshot] {
        read { $0.jobs(state: state, model: model, table: table, limit: limit, at: $1) }
    }

    /// Starts now what is pending; nothing pending: does nothing (product.md §4). Throws `held` for a model on hold.
    @discardableResult
    package func flush(_ model: String) throws(QueueError) -> ModelSnapshot {
        try change(model) { machine, now throws(QueueError) in try machine.flush(model, at: now) }
    }

    /// Keeps taking changes in, starts no load.
    @discardableResult
    package func hold(_ model: String) throws(QueueError) -> ModelSnapshot {
        try change(model) { machine, now throws(QueueError) in try machine.hold(model, at: now) }
    }

    /// Ends a hold; what is overdue starts at once.
    @discardableResult
    package func release(_ model: String) throws(QueueError) -> ModelSnapshot {
        try change(model) { machine, now throws(QueueError) in try machine.release(model, at: now) }
    }

    /// A change by hand; the job that it joined.
    @discardableResult
    package func reload(_ model: String, selectors: SelectorSet) throws(QueueError) -> JobSnapshot {
        if let journal, !journal.isAccepting { throw .unwritable }
        return try modifyStateAndRunActions { machine, now throws(QueueError) in
            let (id, actions) = try machine.reload(model, selectors, at: now)
            return (try Self.snapshot(of: id, in: machine, now), actions)
        }
    }

    /// Makes a failed job pending again, due at once. If an older job is pending, this one ends `merged` into it.
    @discardableResult
    package func retry(_ job: JobID) throws(QueueError) -> JobSnapshot {
        try modifyStateAndRunActions { machine, now throws(QueueError) in
            let actions = try machine.retry(job, at: now)
            return (try Self.snapshot(of: job, in: machine, now), actions)
        }
    }

    /// Ends a failed job without a load.
    @discardableResult
    package func discard(_ job: JobID) throws(QueueError) -> JobSnapshot {
        try modifyStateAndRunActions { machine, now throws(QueueError) in
            let actions = try machine.discard(job, at: now)
            return (try Self.snapshot(of: job, in: machine, now), actions)
        }
    }

    private static func snapshot(of id: JobID, in machine: QueueMachine, _ now: Now) throws(QueueError) -> JobSnapshot {
        guard let job = machine.job(id, at: now) else { throw .unknownJob(id) }
        return job
    }

    private func change(
        _ model: String,
        _ verb: (inout QueueMachine, Now) throws(QueueError) -> [QueueMachine.Action]
    ) throws(QueueError) -> ModelSnapshot {
        try modifyStateAndRunActions { machine, now throws(QueueError) in
            let actions = try verb(&machine, now)
            return (try machine.model(model, at: now), actions)
        }
    }
}
