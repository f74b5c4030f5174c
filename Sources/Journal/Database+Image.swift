import GRDB
import Vocabulary

extension Database {
    /// All that is open: each table is read once, in the order in which it lies there. Where one cannot be read to its
    /// end, `onDamage` may throw, or let the rest be read.
    func image(onDamage: (any Error) throws -> Void = { throw $0 }) throws -> JournalImage {
        var image = JournalImage()
        func reading(_ body: () throws -> Void) throws {
            do { try body() } catch { try onDamage(error) }
        }
        try reading { try readJobs(&image.jobs) }
        try reading {
            try fill(&image.jobs, "SELECT job, selector FROM culprits ORDER BY job, position") { job, row in
                guard case .failed(var culprits) = job.job.phase else { return }
                // The only one who has them while they grow: there may be 100,000.
                job.job.phase = .pending
                culprits.append(Selector(stored: row.text(1)))
                job.job.phase = .failed(culprits: culprits)
            }
        }
        try reading {
            try fill(&image.jobs, "SELECT job, selector, unknown, since FROM changes ORDER BY job, selector") {
                $0.changes.append(
                    JournaledChange(
                        selector: Selector(stored: $1.text(1)),
                        unknown: $1.integer(2) == 1 ? .fail : .ignore,
                        since: $1.time(3)
                    )
                )
            }
        }
        try reading {
            try rows("SELECT model, pool_id, data_model_id FROM held ORDER BY model, pool_id, data_model_id") {
                image.held.append(ModelReference(name: $0.text(0), poolID: $0.text(1), dataModelID: $0.text(2)))
            }
        }
        try reading { try readRemembered(&image.remembered) }
        return image
    }

    private func readJobs(_ jobs: inout [RecoveredJob]) throws {
        try rows(
            """
            SELECT id, model, pool_id, data_model_id, phase, baseline, created_at, events, event_count, attempts,
                failures, failing_since, retry_at, not_before, waits_since, ended_at, error, sent_at
            FROM jobs ORDER BY id
            """
        ) { row in
            let job = JournaledJob(
                id: row.job(0),
                model: ModelReference(name: row.text(1), poolID: row.text(2), dataModelID: row.text(3)),
                phase: JournaledPhase(
                    name: row.text(4),
                    baseline: LoadBaseline(mark: row.optionalText(5), sentAt: row.optionalTime(17))
                ),
                createdAt: row.time(6),
                events: row.events(7),
                eventCount: Int(row.integer(8)),
                attempts: Int(row.integer(9)),
                failures: Int(row.integer(10)),
                failingSince: row.optionalTime(11),
                retryAt: row.optionalTime(12),
                notBefore: row.optionalTime(13),
                waitsSince: row.optionalTime(14),
                endedAt: row.optionalTime(15),
                error: row.optionalText(16)
            )
            jobs.append(RecoveredJob(job: job, changes: []))
        }
    }

    /// Rows whose first column is a job's id, each handed to its job. Both are in the order of ids.
    private func fill(
        _ jobs: inout [RecoveredJob],
        _ sql: String,
        _ body: (inout RecoveredJob, Reading) -> Void
    ) throws {
        var index = jobs.startIndex
        try rows(sql) { row in
            let id = row.job(0)
            while index < jobs.endIndex, jobs[index].job.id < id { index += 1 }
            guard index < jobs.endIndex, jobs[index].job.id == id else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row belongs to no job")
            }
            body(&jobs[index], row)
        }
    }

    private func readRemembered(_ events: inout [RememberedEvent]) throws {
        // Of a key that is none no copy will be known.
        var strangers: Set<EventID> = []
        try rows("SELECT event, source, key, expires_at FROM remembered ORDER BY event") { row in
            let id = EventID(rawValue: UInt64(bitPattern: row.integer(0)))
            guard let key = DuplicateKey(bytes: row.bytes(2)) else {
                strangers.insert(id)
                return
            }
            events.append(
                RememberedEvent(
                    source: row.text(1),
                    key: key,
                    event: id,
                    jobs: [],
                    expiresAt: row.time(3)
                )
            )
        }
        var index = events.startIndex
        try rows("SELECT event, job FROM remembered_jobs ORDER BY event, job") { row in
            let id = EventID(rawValue: UInt64(bitPattern: row.integer(0)))
            if strangers.contains(id) { return }
            while index < events.endIndex, events[index].event < id { index += 1 }
            guard index < events.endIndex, events[index].event == id else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row belongs to no event")
            }
            events[index].jobs.append(row.job(1))
        }
    }
}

extension JournaledPhase {
    /// As the disk and people name it.
    package var name: String {
        switch self {
        case .pending: "pending"
        case .loading: "loading"
        case .sending: "sending"
        case .answered: "answered"
        case .failed: "failed"
        }
    }

    /// The schema lets no other name in.
    fileprivate init(name: String, baseline: LoadBaseline) {
        self =
            switch name {
            case "loading": .loading(baseline)
            case "sending": .sending(baseline)
            case "answered": .answered(baseline)
            case "failed": .failed(culprits: [])
            default: .pending
            }
    }
}

extension Reading {
    fileprivate func job(_ index: Int32) -> JobID { JobID(rawValue: UInt64(bitPattern: integer(index))) }

    fileprivate func time(_ index: Int32) -> WallTime { WallTime(milliseconds: integer(index)) }

    fileprivate func optionalTime(_ index: Int32) -> WallTime? {
        optionalInteger(index).map(WallTime.init(milliseconds:))
    }

    fileprivate func events(_ index: Int32) -> [EventID] {
        let bytes = bytes(index)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            EventID(rawValue: bytes[start..<min(start + 8, bytes.count)].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }
}
