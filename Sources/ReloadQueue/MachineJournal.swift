import Vocabulary

/// What one input changed of what the disk must know: on disk in whole or not at all.
package struct JournalWrite: Hashable, Sendable {
    /// Rises by one from write to write; an admission names the one that it depends on.
    package var number: UInt64
    package var entries: [JournalEntry]

    package init(number: UInt64, entries: [JournalEntry]) {
        self.number = number
        self.entries = entries
    }
}

/// The machine's side of the journal: collects what the input at hand changes, under the number of the next write.
struct MachineJournal {
    /// What is on disk of models that the configuration does not have: left there until one has them (queue.md Q24).
    var strangers: [RecoveredJob] = []
    var strangersHeld: Set<ModelReference> = []
    /// Changes that came back at the start and wait for a load, or are in one.
    var recoveredChanges = 0
    private var entries: [JournalEntry] = []
    private(set) var nextWrite: UInt64 = 1

    mutating func takeWrite() -> JournalWrite? {
        if entries.isEmpty { return nil }
        defer {
            entries = []
            nextWrite += 1
        }
        return JournalWrite(number: nextWrite, entries: entries)
    }

    mutating func note(_ entry: JournalEntry) { entries.append(entry) }

    mutating func note(_ job: Job, _ phase: JournaledPhase, at now: Now) {
        entries.append(.job(job.journaled(phase, at: now)))
    }

    mutating func note(_ pending: Pending, at now: Now) {
        var job = pending.job.journaled(.pending, at: now)
        job.retryAt = pending.retryAt.map { now.wall(at: $0) }
        job.notBefore = pending.notBefore.map { now.wall(at: $0) }
        if job.retryAt != nil { job.waitsSince = now.wall }
        entries.append(.job(job))
    }

    mutating func note(_ failed: FailedJob, at now: Now) {
        var job = failed.job.journaled(.failed(culprits: failed.culprits.sorted()), at: now)
        job.endedAt = failed.endedAt
        entries.append(.job(job))
        // Their copies are new from now on (queue.md Q16).
        entries.append(.forgottenWith(failed.job.id))
    }

    /// Selectors that the disk does not have yet. The job goes along as long as its events by name grow with it, so that
    /// a busy one is not written again and again.
    mutating func note(_ selectors: [Selector], of pending: Pending, at now: Now) {
        if pending.job.eventCount <= Job.kept { note(pending, at: now) }
        let changes = selectors.compactMap { selector in
            pending.changes.changes[selector].map { $0.journaled(selector, at: now) }
        }
        entries.append(.changed(pending.job.id, changes))
    }

    mutating func note(end job: Job, _ outcome: JobOutcome, mergedInto other: JobID?) {
        if let other {
            entries.append(.merged(job.id, into: other))
            return
        }
        entries.append(.ended(job.id))
        switch outcome {
        case .failed, .discarded: entries.append(.forgottenWith(job.id))
        case .succeeded, .succeededWithWarnings, .unconfirmed, .superseded, .dryRun, .merged:
            if job.sharesEvents { entries.append(.settled(job.id)) }
        }
    }
}

extension Job {
    func journaled(_ phase: JournaledPhase, at now: Now) -> JournaledJob {
        JournaledJob(
            id: id,
            model: model,
            phase: phase,
            createdAt: createdAt,
            events: events,
            eventCount: eventCount,
            attempts: attemptCount,
            failures: failures,
            failingSince: failingSince.map { now.wall(at: $0) },
            error: error
        )
    }
}

extension Change {
    func journaled(_ selector: Selector, at now: Now) -> JournaledChange {
        JournaledChange(selector: selector, unknown: unknown, since: now.wall(at: since))
    }
}
