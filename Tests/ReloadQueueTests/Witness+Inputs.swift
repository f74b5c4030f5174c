import Vocabulary

@testable import ReloadQueue

/// How each input moves records between the piles.
extension Witness {
    mutating func configured(_ settings: QueueSettings) {
        slots = settings.maxConcurrentLoads
        for model in Set(books.keys).union(settings.models.keys) {
            guard let policy = settings.models[model] else {
                books[model]?.removed = true
                continue
            }
            if books[model] == nil { books[model] = Book(policy: policy) }
            books[model]?.policy = policy
            books[model]?.removed = false
        }
        forgetRemoved()
    }

    mutating func forgetRemoved() {
        books = books.filter { _, book in
            !book.removed || !book.open.isEmpty || book.flight != nil || book.looking || !book.failed.isEmpty
        }
    }

    mutating func arrived(
        _ event: EventID?,
        _ model: ModelReference,
        _ selectors: SelectorSet,
        job: JobID,
        _ now: MonotonicTime
    ) {
        guard var book = books[model] else { return }
        expect(book.open.isEmpty || book.job == job, "Q4: a second open job of \(model.name)")
        book.job = job
        book.accepted += UInt64(selectors.count)
        for (selector, unknown) in selectors.members {
            let known = book.open.contains { $0.selector == selector || $0.selector == .everything }
            book.open.append(
                Record(
                    event: event,
                    selector: selector,
                    ignoring: unknown == .ignore,
                    at: now,
                    deadline: known ? nil : now + book.policy.maxWait
                )
            )
        }
        if draining { book.urgent = true }
        books[model] = book
    }

    mutating func flushed(_ model: ModelReference, at now: MonotonicTime) {
        guard var book = books[model], !book.open.isEmpty else { return }
        book.urgent = true
        book.backoff?.flush(at: now)
        book.pause?.flush(at: now)
        books[model] = book
    }

    mutating func giveBack(
        _ records: [Record],
        _ job: JobID,
        attempts: Int,
        failingSince: MonotonicTime?,
        to model: ModelReference
    ) {
        guard var book = books[model] else { return }
        book.open += records.map { record in
            var record = record
            record.exempt = true
            return record
        }
        book.job = min(job, book.job ?? job)
        book.attempts += attempts
        book.failingSince = [book.failingSince, failingSince].compactMap(\.self).min()
        if draining { book.urgent = true }
        books[model] = book
    }

    mutating func retried(_ job: JobID, _ model: ModelReference) {
        guard let failed = books[model]?.failed.removeValue(forKey: job) else { return }
        giveBack(failed.records, job, attempts: failed.attempts, failingSince: nil, to: model)
        books[model]?.wanted = true
    }

    /// The end of a load, by the book. `newFailed` are failed jobs that the machine shows and the witness does not know.
    mutating func ended(
        _ model: ModelReference,
        _ result: LoadResult,
        newFailed: [FailedJob],
        at now: MonotonicTime
    ) {
        guard let flight = books[model]?.flight else { return }
        books[model]?.flight = nil
        var records = flight.records
        var newFailed = newFailed
        let unknown = unknown(of: flight, result)

        for job in books[model].map({ Array($0.failed.keys) }) ?? [] {
            let rejected = unknown.keys.filter { selector in
                books[model]?.failed[job]?.records.contains { $0.selector == selector } ?? false
            }
            books[model]?.failed[job]?.culprits.formUnion(rejected)
        }
        let rejected = records.filter { unknown[$0.selector] != nil }
        let culprits = rejected.filter { record in
            unknown[record.selector] == .fail
                || rejected.contains { $0.selector == record.selector && !$0.ignoring }
        }
        records.removeAll { unknown[$0.selector] != nil }
        if !culprits.isEmpty {
            let names = Set(culprits.map(\.selector))
            if let index = newFailed.firstIndex(where: {
                SelectorSet($0.changes.changes.keys).texts == SelectorSet(names).texts
            }) {
                let job = newFailed.remove(at: index)
                expect(records.isEmpty == (job.job.id == flight.order.job), "Q20: culprits in a job of their own")
                let attempts = records.isEmpty ? flight.order.attempt : 0
                books[model]?.failed[job.job.id] = Failed(records: culprits, culprits: names, attempts: attempts)
            } else {
                problems.append("Q20: no failed job names \(names)")
            }
        }
        close(model, flight, records, result, unknown: Set(unknown.keys), newFailed: newFailed, at: now)
        forgetRemoved()
    }

    private func unknown(of flight: Flight, _ result: LoadResult) -> [Selector: UnknownTables] {
        var unknown: [Selector: UnknownTables] = [:]
        for table in result.unknown { unknown[table.selector] = table.policy }
        if result.end == .nothingToLoad {
            for selector in flight.order.selectors.members.keys { unknown[selector] = unknown[selector] ?? .ignore }
            for record in flight.records { unknown[record.selector] = unknown[record.selector] ?? .ignore }
        }
        return unknown
    }

    private mutating func close(
        _ model: ModelReference,
        _ flight: Flight,
        _ records: [Record],
        _ result: LoadResult,
        unknown: Set<Selector>,
        newFailed: [FailedJob],
        at now: MonotonicTime
    ) {
        guard let policy = books[model]?.policy else { return }
        func fail(_ witness: inout Witness) {
            if records.isEmpty { return }
            witness.expect(newFailed.map(\.job.id) == [flight.order.job], "Q19: \(flight.order.job) did not fail")
            witness.books[model]?.failed[flight.order.job] = Failed(
                records: records,
                culprits: [],
                attempts: flight.order.attempt
            )
        }
        func attemptFailed(_ witness: inout Witness, _ retryAfter: Duration?) {
            if records.isEmpty { return }
            let since = flight.failingSince ?? now
            if now - since >= policy.retry.giveUpAfter { return fail(&witness) }
            let order = flight.order
            witness.giveBack(records, order.job, attempts: order.attempt, failingSince: since, to: model)
            witness.books[model]?.backoff = Wait(policy.retry, retryAfter, at: now)
        }
        func withdraw(_ witness: inout Witness) {
            witness.books[model]?.lastStart = flight.earlierStart
            if records.isEmpty { return }
            let order = flight.order
            witness.giveBack(
                records,
                order.job,
                attempts: order.attempt - 1,
                failingSince: flight.failingSince,
                to: model
            )
            if flight.urgent { witness.books[model]?.urgent = true }
            if flight.wanted { witness.books[model]?.wanted = true }
        }
        func covered(_ witness: inout Witness) {
            let sent = flight.order.selectors
            for (job, failed) in witness.books[model]?.failed ?? [:] {
                let covers = failed.records.allSatisfy {
                    sent.contains($0.selector) && !(unknown.contains($0.selector) && !sent.isEverything)
                }
                if covers, !newFailed.contains(where: { $0.job.id == job }) { witness.books[model]?.failed[job] = nil }
            }
        }

        switch result.end {
        case .succeeded, .succeededWithWarnings: covered(&self)
        case .dryRun, .nothingToLoad: break
        case .unconfirmed: policy.confirm == .bestEffort ? covered(&self) : attemptFailed(&self, nil)
        case .failed(.transient(_, let retryAfter)): attemptFailed(&self, retryAfter)
        case .failed(.unanswered): attemptFailed(&self, nil)
        case .failed(.permanent), .failed(.canceled): fail(&self)
        case .failed(.busy(_, let retryAfter)):
            withdraw(&self)
            let bound = retryAfter ?? .zero
            books[model]?.pause = Wait(
                earliest: now + max(policy.poll.initial, bound),
                latest: now + max(policy.poll.maximum, bound)
            )
        case .failed(.credentialsRefused), .failed(.poolForbidden): withdraw(&self)
        }
    }

    /// A look was answered; if no load starts now, the next look comes after a pause.
    mutating func looked(_ model: ModelReference, _ look: Look, at now: MonotonicTime) {
        guard let policy = books[model]?.policy else { return }
        var pause: Wait?
        switch look {
        case .free, .failed(.credentialsRefused), .failed(.poolForbidden): break
        case .busy, .failed(.busy):
            pause = Wait(earliest: now + policy.poll.initial, latest: now + policy.poll.maximum)
        case .failed(.transient(_, let retryAfter)): pause = Wait(policy.retry, retryAfter, at: now)
        case .failed(.unanswered): pause = Wait(policy.retry, nil, at: now)
        case .notUnderstood, .failed(.permanent), .failed(.canceled):
            if policy.confirm == .required { pause = Wait(policy.retry, nil, at: now) }
        }
        books[model]?.pause = pause
    }
}

extension Witness.Wait {
    /// Full jitter: at any time up to the cap, but not before Celonis's own bound (Q18).
    init(_ retry: ModelPolicy.Retry, _ retryAfter: Duration?, at now: MonotonicTime) {
        let least = retryAfter ?? .zero
        self.init(
            earliest: now + least,
            latest: now + max(least, retry.maximum),
            bound: retryAfter.map { now + $0 }
        )
    }
}
