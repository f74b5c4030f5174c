import GRDB
import Vocabulary

extension Database {
    /// One entry, inside the transaction of its group. What each means, `JournalBook` says.
    func write(_ entry: JournalEntry) throws {
        switch entry {
        case .job(let job): try write(job)
        case .changed(let job, let changes): for change in changes { try write(change, of: job) }
        case .moved(let selectors, let from, let to): try move(selectors, from, to)
        case .merged(let from, into: let to): try merge(from, to)
        case .ended(let job): try run("DELETE FROM jobs WHERE id = ?", job.column)
        case .held(let model):
            try run(
                "INSERT OR IGNORE INTO held VALUES (?, ?, ?)",
                model.name.column,
                model.poolID.column,
                model.dataModelID.column
            )
        case .released(let model):
            try run(
                "DELETE FROM held WHERE model = ? AND pool_id = ? AND data_model_id = ?",
                model.name.column,
                model.poolID.column,
                model.dataModelID.column
            )
        case .remembered(let event, let oldest):
            try run("DELETE FROM remembered WHERE event < ?", .integer(Int64(bitPattern: oldest.rawValue)))
            try write(event)
        case .forgotten(let event):
            try run("DELETE FROM remembered WHERE event = ?", .integer(Int64(bitPattern: event.rawValue)))
        case .forgottenWith(let job):
            try run(
                "DELETE FROM remembered WHERE event IN (SELECT event FROM remembered_jobs WHERE job = ?)",
                job.column
            )
        case .settled(let job):
            try run("DELETE FROM remembered_jobs WHERE job = ?", job.column)
        }
    }

    private func write(_ job: JournaledJob) throws {
        try run(
            """
            INSERT INTO jobs (
                id, model, pool_id, data_model_id, phase, baseline, created_at, events, event_count, attempts, failures,
                failing_since, retry_at, error, not_before, waits_since, ended_at, sent_at
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                model = excluded.model, pool_id = excluded.pool_id, data_model_id = excluded.data_model_id,
                phase = excluded.phase, baseline = excluded.baseline, created_at = excluded.created_at,
                events = excluded.events, event_count = excluded.event_count, attempts = excluded.attempts,
                failures = excluded.failures, failing_since = excluded.failing_since, retry_at = excluded.retry_at,
                error = excluded.error, not_before = excluded.not_before, waits_since = excluded.waits_since,
                ended_at = excluded.ended_at, sent_at = excluded.sent_at
            """,
            job.id.column,
            job.model.name.column,
            job.model.poolID.column,
            job.model.dataModelID.column,
            job.phase.name.column,
            .optional(job.phase.baseline?.mark),
            job.createdAt.column,
            .blob(job.events.prefix(100).flatMap { $0.rawValue.bytes }),
            .integer(Int64(job.eventCount)),
            .integer(Int64(job.attempts)),
            .integer(Int64(job.failures)),
            .optional(job.failingSince?.milliseconds),
            .optional(job.retryAt?.milliseconds),
            .optional(job.error),
            .optional(job.notBefore?.milliseconds),
            .optional(job.waitsSince?.milliseconds),
            .optional(job.endedAt?.milliseconds),
            .optional(job.phase.baseline?.sentAt?.milliseconds)
        )
        try run("DELETE FROM culprits WHERE job = ?", job.id.column)
        guard case .failed(let culprits) = job.phase else { return }
        for (position, culprit) in culprits.enumerated() {
            try run(
                "INSERT INTO culprits VALUES (?, ?, ?)",
                job.id.column,
                .integer(Int64(position)),
                culprit.stored.column
            )
        }
    }

    /// What becomes of a selector that the job has already.
    private static let meeting = """
        ON CONFLICT (job, selector) DO UPDATE SET
            unknown = max(unknown, excluded.unknown), since = min(since, excluded.since)
        """

    private func write(_ change: JournaledChange, of job: JobID) throws {
        try run(
            "INSERT INTO changes VALUES (?, ?, ?, ?) " + Self.meeting,
            job.column,
            change.selector.stored.column,
            .integer(change.unknown == .fail ? 1 : 0),
            change.since.column
        )
    }

    private func move(_ selectors: [Selector], _ from: JobID, _ to: JobID) throws {
        guard from != to else { return }
        for selector in selectors {
            try run(
                """
                INSERT INTO changes SELECT ?, selector, unknown, since FROM changes WHERE job = ? AND selector = ?
                \(Self.meeting)
                """,
                to.column,
                from.column,
                selector.stored.column
            )
            try run("DELETE FROM changes WHERE job = ? AND selector = ?", from.column, selector.stored.column)
        }
        try run(
            "INSERT OR IGNORE INTO remembered_jobs SELECT event, ? FROM remembered_jobs WHERE job = ?",
            to.column,
            from.column
        )
    }

    private func merge(_ from: JobID, _ to: JobID) throws {
        guard from != to else { return }
        try run(
            "INSERT INTO changes SELECT ?, selector, unknown, since FROM changes WHERE job = ? " + Self.meeting,
            to.column,
            from.column
        )
        try run("DELETE FROM jobs WHERE id = ?", from.column)
        try run("UPDATE OR REPLACE remembered_jobs SET job = ? WHERE job = ?", to.column, from.column)
    }

    private func write(_ event: RememberedEvent) throws {
        let id = Column.integer(Int64(bitPattern: event.event.rawValue))
        let key = Column.blob(event.key.bytes)
        try run(
            "DELETE FROM remembered WHERE event = ? OR (source = ? AND key = ?)",
            id,
            event.source.column,
            key
        )
        try run(
            "INSERT INTO remembered VALUES (?, ?, ?, ?)",
            id,
            event.source.column,
            key,
            event.expiresAt.column
        )
        for job in event.jobs.all { try run("INSERT OR IGNORE INTO remembered_jobs VALUES (?, ?)", id, job.column) }
    }
}

extension JobID {
    fileprivate var column: Column { .integer(Int64(bitPattern: rawValue)) }
}

extension WallTime {
    fileprivate var column: Column { .integer(milliseconds) }
}

extension String {
    fileprivate var column: Column { .text(self) }
}

extension UInt64 {
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension JournaledPhase {
    fileprivate var baseline: LoadBaseline? {
        switch self {
        case .loading(let baseline), .sending(let baseline), .answered(let baseline): baseline
        case .pending, .failed: nil
        }
    }
}
