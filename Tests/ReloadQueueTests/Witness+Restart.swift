import Vocabulary

@testable import ReloadQueue

/// What a restart keeps of the piles: all of them, aged by the wall clock.
extension Witness {
    /// The process died. Who is configured goes on from what is on disk, who is not stays there.
    mutating func restarted(_ image: JournalImage, _ settings: QueueSettings, at now: Now) {
        draining = false
        slots = settings.maxConcurrentLoads
        strangers.merge(books) { _, book in book }
        strangers = strangers.filter { $1.held || !$1.open.isEmpty || $1.flight != nil || !$1.failed.isEmpty }
        books = settings.models.mapValues { Book(policy: $0) }
        takeUpStrangers(image, at: now)
    }

    /// Models that are configured and of which something is on disk.
    mutating func takeUpStrangers(_ image: JournalImage, at now: Now) {
        for (model, book) in strangers {
            guard let policy = books[model]?.policy else { continue }
            strangers[model] = nil
            books[model] = recovered(book, image.jobs.filter { $0.job.model == model }, policy, at: now)
            if draining { flushed(model, at: now.monotonic) }
        }
    }

    private func recovered(_ former: Book, _ jobs: [RecoveredJob], _ policy: ModelPolicy, at now: Now) -> Book {
        var book = Book(policy: policy)
        book.held = former.held
        for recovered in jobs {
            let job = recovered.job
            let records = aged(former.pile(of: job.id), recovered, policy, at: now)
            let since = job.failingSince.map {
                now.monotonic + (.zero - Self.clamp(now.wall - $0, policy.retry.giveUpAfter))
            }
            var attempts = job.attempts
            switch job.phase {
            case .failed(let culprits):
                book.failed[job.id] = Failed(records: records, culprits: Set(culprits), attempts: attempts)
                continue
            case .sending(let baseline), .answered(let baseline):
                book.flight = Flight(
                    order: order(recovered, baseline, policy),
                    records: records,
                    urgent: false,
                    wanted: false,
                    earlierStart: nil,
                    failingSince: since
                )
                continue
            case .loading: attempts = max(0, attempts - 1)
            case .pending:
                if let retryAt = job.retryAt {
                    let bound = job.notBefore.map { now.monotonic + Self.left(of: $0, job, at: now) }
                    let time = max(now.monotonic + Self.left(of: retryAt, job, at: now), bound ?? now.monotonic)
                    let later = max(time, book.backoff?.latest ?? time)
                    book.backoff = Wait(earliest: later, latest: later, bound: bound)
                }
            }
            book.open += records
            book.job = min(job.id, book.job ?? job.id)
            book.attempts += attempts
            book.failingSince = [book.failingSince, since].compactMap(\.self).min()
        }
        return book
    }

    private func order(_ recovered: RecoveredJob, _ baseline: LoadBaseline, _ policy: ModelPolicy) -> LoadOrder {
        var selectors = SelectorSet()
        for change in recovered.changes { selectors.insert(change.selector, unknown: change.unknown) }
        return LoadOrder(
            job: recovered.job.id,
            model: recovered.job.model,
            selectors: selectors,
            attempt: recovered.job.attempts,
            baseline: baseline,
            options: policy.options
        )
    }

    /// The first change of each selector is as old as the wall clock says; when the others came nobody knows, so the
    /// quiet period begins anew. Events that wrote nothing are not known by name any more.
    private func aged(
        _ records: [Record],
        _ recovered: RecoveredJob,
        _ policy: ModelPolicy,
        at now: Now
    ) -> [Record] {
        var ages: [Selector: MonotonicTime] = [:]
        for change in recovered.changes {
            ages[change.selector] = now.monotonic + (.zero - Self.clamp(now.wall - change.since, policy.maxWait))
        }
        let exempt = recovered.job.attempts > 0
        let aged = records.map { record in
            var record = record
            let since = record.deadline == nil ? nil : ages[record.selector]
            record.at = since ?? now.monotonic
            record.deadline = since.map { $0 + policy.maxWait }
            record.exempt = exempt
            if let event = record.event, !recovered.job.events.contains(event) { record.event = nil }
            return record
        }
        return aged
            + Set(aged.map(\.selector)).map {
                Record(event: nil, selector: $0, ignoring: true, at: now.monotonic, exempt: exempt)
            }
    }

    private static func clamp(_ duration: Duration, _ bound: Duration) -> Duration { min(max(.zero, duration), bound) }

    /// Of a wait, which no jump of the clock makes longer than it was (Q13).
    private static func left(of end: WallTime, _ job: JournaledJob, at now: Now) -> Duration {
        clamp(end - now.wall, job.waitsSince.map { end - $0 } ?? .zero)
    }

    /// The disk says what the machine holds, to the last selector.
    mutating func compare(_ machine: QueueMachine, with image: JournalImage) {
        var held = machine.journal?.strangersHeld ?? []
        var jobs: [JobID: DiskJob] = [:]
        for stranger in machine.journal?.strangers ?? [] { jobs[stranger.job.id] = DiskJob(stranger) }
        for model in machine.models where !model.vacant {
            if model.held { held.insert(model.reference) }
            if let pending = model.pending { jobs[pending.job.id] = DiskJob(pending.job, .pending, pending.changes) }
            if case .loading(let loading) = model.phase {
                jobs[loading.job.id] = DiskJob(loading.job, loading.stage, loading.changes)
            }
            for failed in model.failed {
                let phase = JournaledPhase.failed(culprits: failed.culprits.sorted())
                jobs[failed.job.id] = DiskJob(failed.job, phase, failed.changes)
            }
        }
        expect(Set(image.held) == held, "Q8: holds on disk \(image.held.map(\.name))")
        let onDisk = Dictionary(uniqueKeysWithValues: image.jobs.map { ($0.job.id, DiskJob($0)) })
        for id in Set(jobs.keys).union(onDisk.keys).sorted() where jobs[id] != onDisk[id] {
            problems.append(
                "Q8: \(id) is \(jobs[id].debugDescription) and on disk \(onDisk[id].debugDescription)"
            )
        }
    }
}

/// A job as far as disk and memory must agree at every moment.
private struct DiskJob: Equatable {
    var phase: JournaledPhase
    var attempts: Int
    var failures: Int
    var error: String?
    var changes: [Selector: UnknownTables]

    init(_ recovered: RecoveredJob) {
        phase = recovered.job.phase
        attempts = recovered.job.attempts
        failures = recovered.job.failures
        error = recovered.job.error
        changes = Dictionary(uniqueKeysWithValues: recovered.changes.map { ($0.selector, $0.unknown) })
    }

    init(_ job: Job, _ phase: JournaledPhase, _ changes: ChangeSet) {
        self.phase = phase
        attempts = job.attemptCount
        failures = job.failures
        error = job.error
        self.changes = changes.changes.mapValues(\.unknown)
    }
}

extension Witness.Book {
    fileprivate func pile(of job: JobID) -> [Witness.Record] {
        if let flight, flight.order.job == job { return flight.records }
        return failed[job]?.records ?? open
    }
}
