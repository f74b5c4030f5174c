import Vocabulary

/// How a restart goes on from what is on disk (queue.md Q8).
///
/// What was pending is pending again, with the age that it has by the wall clock, and due at its old deadline. Its quiet
/// period begins anew: of events on tables that were pending already the disk knows nothing, so nobody knows when the
/// last one came (Q9). A load that was not sent yet is pending again as if it had never begun. One that was sent goes on
/// as it would have: an answered one is watched to its end, an unanswered one until none runs (Q28).
extension QueueMachine {
    mutating func recover(_ image: JournalImage, at now: Now) {
        journal = MachineJournal()
        identifiers.skip(past: image.jobs.last?.job.id.rawValue ?? 0)
        journal?.strangers = image.jobsWithEvents
        journal?.strangersHeld = Set(image.held)
        takeUpStrangers(at: now)
    }

    /// Starts what was recovered. Call it once, when the actions can be performed.
    package mutating func begin(at now: Now) -> [Action] {
        for place in models.indices where !models[place].vacant { settle(place, at: now) }
        return commit(at: now)
    }

    /// Models of which something is on disk while the configuration does not have them.
    package var strangers: [ModelReference] {
        guard let journal else { return [] }
        let all = journal.strangersHeld.union(journal.strangers.map(\.job.model))
        return all.sorted { ($0.name, $0.dataModelID) < ($1.name, $1.dataModelID) }
    }

    /// See `MachineJournal.recoveredChanges`.
    package var recoveredChanges: Int { journal?.recoveredChanges ?? 0 }

    /// Takes up what is on disk of models that are configured by now.
    mutating func takeUpStrangers(at now: Now) {
        guard let journal, !(journal.strangers.isEmpty && journal.strangersHeld.isEmpty) else { return }
        self.journal?.strangers.removeAll { places[$0.job.model] != nil }
        self.journal?.strangersHeld = journal.strangersHeld.filter { places[$0] == nil }
        for model in journal.strangersHeld {
            if let place = places[model] { models[place].held = true }
        }
        for recovered in journal.strangers {
            if let place = places[recovered.job.model] { takeUp(recovered, place, at: now) }
        }
    }

    private mutating func takeUp(_ recovered: RecoveredJob, _ place: Int, at now: Now) {
        let policy = models[place].policy
        let attempted = recovered.job.attempts > 0
        let maxWait = policy.maxWait.nanoseconds
        var changes = ChangeSet(capacity: recovered.changes.count)
        for change in recovered.changes {
            changes.insert(change.recovered(maxWait: maxWait, waits: !attempted, at: now), for: change.selector)
        }
        var job = Job(recovered.job, giveUpAfter: policy.retry.giveUpAfter, at: now)
        openJobs[job.id] = place
        switch recovered.job.phase {
        case .failed(let culprits):
            // A journal of the first version does not say when it ended; not before this, and not at the restart.
            let ended = recovered.job.endedAt ?? recovered.job.failingSince ?? recovered.job.createdAt
            job.addUnknownTables(culprits.map(\.description))
            let failed = FailedJob(job: job, changes: changes, culprits: Set(culprits), endedAt: ended)
            models[place].failed.append(failed)
            return
        case .sending(let baseline) where models[place].isIdle:
            resume(job, changes, .unanswered, baseline, place, at: now)
        case .answered(let baseline) where models[place].isIdle:
            resume(job, changes, .answered, baseline, place, at: now)
        case .loading:
            job.withdrawAttempt()
            makePending(Pending(job: job, changes: changes), place, at: now)
        case .pending, .sending, .answered:
            var pending = Pending(job: job, changes: changes)
            if let retryAt = recovered.job.left(of: recovered.job.retryAt, atMost: policy.retry.maximum, at: now) {
                pending.notBefore = recovered.job.left(of: recovered.job.notBefore, at: now)
                pending.retryAt = max(retryAt, pending.notBefore ?? .distantPast)
            }
            makePending(pending, place, at: now)
        }
        journal?.recoveredChanges += changes.count
    }

    private mutating func makePending(_ pending: Pending, _ place: Int, at now: Now) {
        // Of a file that somebody edited: nothing of such a job is there to be loaded.
        guard !pending.changes.isEmpty else {
            openJobs[pending.job.id] = nil
            journal?.note(.ended(pending.job.id))
            return
        }
        join(pending, place, at: now)
    }

    /// The frozen set in its load again, with what is known of it: it occupies the model until its end is seen.
    private mutating func resume(
        _ job: Job,
        _ changes: ChangeSet,
        _ load: ResumedLoad,
        _ baseline: LoadBaseline,
        _ place: Int,
        at now: Now
    ) {
        var changes = changes
        changes.stopWaitingForAll()
        var job = job
        job.resumeAttempt(at: now)
        let order = LoadOrder(
            job: job.id,
            model: models[place].reference,
            selectors: changes.selectors,
            attempt: job.attemptCount,
            baseline: baseline,
            options: models[place].policy.options
        )
        models[place].phase = .loading(
            Loading(
                job: job,
                changes: changes,
                order: order,
                urgency: nil,
                startedAt: now,
                earlierStart: nil,
                isResumed: true,
                trial: nil,
                stage: load == .answered ? .answered(baseline) : .sending(baseline)
            )
        )
        usedSlots += 1
        record(.job(job.snapshot(.loading, selectors: changes.selectors), reason: "recovered from the journal"))
        emit(.resume(order, load))
    }

    /// Takes what could not be loaded and is nobody's fault out of a job on disk: as a job that ends at once.
    mutating func letGo(_ changes: ChangeSet, of job: Job, at now: Now) {
        guard !changes.isEmpty, journal != nil else { return }
        let other = Job(id: JobID(rawValue: identifiers.take()), model: job.model, createdAt: now.wall)
        journal?.note(other, .pending, at: now)
        journal?.note(.moved(changes.changes.keys.sorted(), from: job.id, to: other.id))
        journal?.note(.ended(other.id))
    }

    /// Accepted changes of which a disk that has the writes up to this one knows nothing; nil: one that has nothing.
    package func unwritten(after committed: UInt64?, reason: String) -> [LostChange] {
        let strangers = committed == nil ? journal?.strangers ?? [] : []
        return models.flatMap { model in
            var sets = model.failed.map { ($0.job.id, $0.changes) }
            if case .loading(let loading) = model.phase { sets.append((loading.job.id, loading.changes)) }
            if let pending = model.pending { sets.append((pending.job.id, pending.changes)) }
            return sets.flatMap { job, changes in
                changes.changes.filter { committed == nil || $0.value.write > committed ?? 0 }.keys.sorted().map {
                    LostChange(model: model.reference, job: job, table: $0.description, reason: reason)
                }
            }
        }
            + strangers.flatMap { stranger in
                stranger.changes.map {
                    LostChange(
                        model: stranger.job.model,
                        job: stranger.job.id,
                        table: $0.selector.description,
                        reason: reason
                    )
                }
            }
    }

    /// Ends at once: the disk has everything (queue.md Q7). Nothing is taken in, started or told any more.
    package mutating func suspend() { drain = .over }
}

extension Model {
    fileprivate var isIdle: Bool {
        if case .idle = phase { true } else { false }
    }
}

extension JournaledChange {
    /// queue.md Q13: a change's age is clamp(now − since, 0, `max_wait`). In nanoseconds: of a hundred thousand changes
    /// the durations would be felt.
    fileprivate func recovered(maxWait: Int64, waits: Bool, at now: Now) -> Change {
        let age = min(max(0, now.wall.nanoseconds(since: since)), maxWait)
        let since = now.monotonic.after(nanoseconds: -age)
        let deadline = since.after(nanoseconds: maxWait)
        return Change(since: since, last: now.monotonic, deadline: deadline, unknown: unknown, waits: waits)
    }
}

extension JournalImage {
    /// The open jobs. An event on tables that were pending already wrote nothing of the job, but is remembered with it
    /// where it has a key.
    fileprivate var jobsWithEvents: [RecoveredJob] {
        // Most that is remembered is of jobs that have ended.
        var joined = Dictionary(uniqueKeysWithValues: jobs.map { ($0.job.id, [EventID]()) })
        for event in remembered {
            for job in event.jobs.all { joined[job]?.append(event.event) }
        }
        return jobs.map { recovered in
            guard let events = joined[recovered.job.id], !events.isEmpty else { return recovered }
            var recovered = recovered
            let all = Set(recovered.job.events).union(events)
            recovered.job.events = Array(all.sorted().prefix(Job.kept))
            recovered.job.eventCount = max(recovered.job.eventCount, all.count)
            return recovered
        }
    }
}

extension JournaledJob {
    /// When the wait is over that was to end then. A journal of the first version does not say how long it was: `longest`.
    fileprivate func left(
        of wait: WallTime?,
        atMost longest: Duration = .zero,
        at now: Now
    ) -> MonotonicTime? {
        wait.map { end in
            let whole = waitsSince.map { end - $0 } ?? longest
            return now.monotonic.after(min(max(.zero, end - now.wall), max(.zero, whole)))
        }
    }
}

extension Job {
    fileprivate init(_ job: JournaledJob, giveUpAfter: Duration, at now: Now) {
        self.init(
            id: job.id,
            model: job.model,
            createdAt: job.createdAt,
            events: job.events,
            eventCount: job.eventCount,
            attempts: job.attempts
        )
        failures = job.failures
        failingSince = job.failingSince.map { now.monotonic.after(.zero - min(max(.zero, now.wall - $0), giveUpAfter)) }
        error = job.error
    }
}
