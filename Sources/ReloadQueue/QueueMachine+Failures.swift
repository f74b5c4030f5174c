import Vocabulary

extension QueueMachine {
    /// What a failed load means, by the class of the failure (celonis-api.md, errors).
    mutating func failed(
        _ loading: Loading,
        _ result: LoadResult,
        _ failure: LoadFailure,
        _ place: Int,
        at now: Now,
        using generator: inout some RandomNumberGenerator
    ) {
        switch failure {
        case .transient(let message, let retryAfter):
            models[place].countLoad(result.kind, .failed)
            tryAgain(loading, "transient", message, notBefore: retryAfter, place, at: now, using: &generator)
        case .unanswered(let message):
            // The look before the next attempt waits for what this POST may have started (queue.md Q28).
            models[place].countLoad(result.kind, .failed)
            tryAgain(loading, "unanswered", message, notBefore: nil, place, at: now, using: &generator)
        case .permanent(let message):
            models[place].countLoad(result.kind, .failed)
            giveUp(loading, "permanent", message, place, at: now)
        case .canceled(let message):
            models[place].countLoad(result.kind, .failed)
            giveUp(loading, "canceled", message, place, at: now)
        case .busy(let message, let retryAfter):
            withdraw(loading, place, at: now)
            let poll = models[place].policy.poll
            let refusals = loading.refusals + 1
            let delay = Backoff.ceiling(refusals, initial: poll.initial, maximum: poll.maximum)
            var polling = Polling(until: .distantPast, refusals: refusals, refusal: message)
            polling.pause(for: delay, atLeast: retryAfter, at: now)
            models[place].phase = .polling(polling)
        case .credentialsRefused(let message):
            withdraw(loading, place, at: now)
            openBreaker(.credentials, message, byLoad: true, endsProbe: loading.trial == .credentials, at: now)
        case .poolForbidden(let message):
            withdraw(loading, place, at: now)
            let scope = BreakerScope.pool(models[place].reference.poolID)
            openBreaker(scope, message, byLoad: true, endsProbe: loading.trial == scope, at: now)
        }
    }

    /// A failed attempt gives its set back (queue.md Q5) and is tried again after a back-off (Q18), until `giveUpAfter`.
    mutating func tryAgain(
        _ loading: Loading,
        _ result: String,
        _ message: String,
        notBefore: Duration?,
        _ place: Int,
        at now: Now,
        using generator: inout some RandomNumberGenerator
    ) {
        if loading.changes.isEmpty { return }
        let retry = models[place].policy.retry
        let failingSince = loading.job.failingSince ?? now.monotonic
        if now.monotonic - failingSince >= retry.giveUpAfter {
            giveUp(loading, result, "given up after \(loading.job.attemptCount) attempts: \(message)", place, at: now)
            return
        }
        var job = loading.job
        job.failAttempt(result, error: message, at: now)
        job.failures += 1
        job.failingSince = failingSince
        let delay = Backoff.delay(job.failures, retry, using: &generator)
        var pending = Pending(job: job, changes: loading.changes)
        pending.notBefore = notBefore.map { now.monotonic.after($0) }
        pending.retryAt = max(now.monotonic.after(delay), pending.notBefore ?? .distantPast)
        giveBack(pending, place, at: now)
    }

    /// Nothing was loaded and no attempt used up: as if the load had never begun.
    private mutating func withdraw(_ loading: Loading, _ place: Int, at now: Now) {
        models[place].lastStart = loading.earlierStart
        if loading.changes.isEmpty { return }
        var job = loading.job
        job.withdrawAttempt()
        var pending = Pending(job: job, changes: loading.changes)
        pending.urgency = loading.urgency
        giveBack(pending, place, at: now)
    }

    /// Makes a set pending again, merged with what arrived since (queue.md Q5).
    mutating func giveBack(_ pending: Pending, _ place: Int, at now: Now) {
        var pending = pending
        pending.changes.stopWaitingForAll()
        join(pending, place, at: now)
    }

    /// Makes a set part of what is pending.
    mutating func join(_ pending: Pending, _ place: Int, at now: Now) {
        var pending = pending
        if let other = models[place].pending.take() { pending = merge(pending, other, at: now) }
        if isDraining {
            pending.urgency = Urgency.stronger(pending.urgency, Urgency(kind: .drain, at: now.monotonic))
        }
        journal?.note(pending, at: now)
        models[place].pending = pending
    }

    /// The older job keeps its id, attempts and first-change times; the younger ends `merged`.
    private mutating func merge(_ a: Pending, _ b: Pending, at now: Now) -> Pending {
        var (older, younger) = a.job.id < b.job.id ? (a, b) : (b, a)
        older.job.absorb(younger.job)
        older.urgency = Urgency.stronger(a.urgency, b.urgency)
        older.retryAt = [a.retryAt, b.retryAt].compactMap(\.self).max()
        older.notBefore = [a.notBefore, b.notBefore].compactMap(\.self).max()
        older.changes.formUnion(younger.changes)
        end(younger.job, .merged, younger.changes.selectors, "merged", mergedInto: older.job.id, at: now)
        return older
    }

    /// The job fails; the model is free at once (queue.md Q19).
    private mutating func giveUp(_ loading: Loading, _ result: String, _ message: String, _ place: Int, at now: Now) {
        if loading.changes.isEmpty { return }
        var job = loading.job
        job.failAttempt(result, error: message, at: now)
        models[place].lastLoad = fail(job, loading.changes, culprits: [], place, at: now).snapshot
    }

    @discardableResult
    private mutating func fail(
        _ job: Job,
        _ changes: ChangeSet,
        culprits: Set<Selector>,
        splitFrom other: JobID? = nil,
        _ place: Int,
        at now: Now
    ) -> FailedJob {
        let failed = FailedJob(job: job, changes: changes, culprits: culprits, endedAt: now.wall)
        journal?.note(failed, at: now)
        if let other { journal?.note(.moved(changes.changes.keys.sorted(), from: other, to: job.id)) }
        let index = models[place].failed.firstIndex { $0.job.id > job.id } ?? models[place].failed.count
        models[place].failed.insert(failed, at: index)
        record(.job(failed.snapshot, reason: job.error ?? "failed"))
        if models[place].failed.count > FailedJob.limit {
            let younger = models[place].failed.remove(at: 1)
            models[place].failed[0].job.absorb(younger.job)
            models[place].failed[0].changes.formUnion(younger.changes)
            models[place].failed[0].culprits.formUnion(younger.culprits)
            let into = models[place].failed[0].job.id
            end(younger.job, .merged, younger.changes.selectors, "too many failed jobs", mergedInto: into, at: now)
            journal?.note(models[place].failed[0], at: now)
        }
        return failed
    }

    /// Of so many unknown tables an error says why; `unknown_tables` names them all.
    private static let shownReasons = 10

    /// Takes what could not be loaded out of the set, whatever became of the rest (queue.md Q20): under `fail` it
    /// becomes a failed job that names it, under `ignore` it is only noted. If that leaves nothing, the job itself ends.
    mutating func setAsideUnknown(_ loading: inout Loading, _ result: LoadResult, _ place: Int, at now: Now) {
        var unknown: [Selector: UnknownTable] = [:]
        for table in result.unknown { unknown[table.selector] = table }
        if case .nothingToLoad = result.end {
            let all = Set(loading.order.selectors.members.keys).union(loading.changes.changes.keys)
            for selector in all where unknown[selector] == nil {
                let reason = "the model has no table for \"\("\(selector)".shown)\""
                unknown[selector] = UnknownTable(selector: selector, policy: .ignore, reason: reason)
            }
        }
        if unknown.isEmpty { return }

        let names = unknown.keys.sorted()
        loading.job.addUnknownTables(names.map(\.description))
        for index in models[place].failed.indices {
            let failed = models[place].failed[index].changes.changes
            let more = names.filter { failed[$0] != nil && !models[place].failed[index].culprits.contains($0) }
            if more.isEmpty { continue }
            models[place].failed[index].culprits.formUnion(more)
            journal?.note(models[place].failed[index], at: now)
        }
        let own = loading.changes.changes
        let mine = Set(names.filter { own[$0] != nil })
        let failing = Set(
            mine.filter { max(own[$0]?.unknown ?? .ignore, unknown[$0]?.policy ?? .ignore) == .fail }
        )
        if mine.isEmpty { return }
        var ignored = loading.changes.split { selector, _ in mine.contains(selector) }
        let culprits = ignored.split { selector, _ in failing.contains(selector) }
        let reasons = names.compactMap { unknown[$0]?.reason }
        let more = reasons.count - Self.shownReasons
        let reason = reasons.prefix(Self.shownReasons).joined(separator: "; ") + (more > 0 ? "; and \(more) more" : "")
        var job = loading.job
        var origin: JobID?
        if loading.changes.isEmpty {
            job.failAttempt("nothing_to_load", error: reason, at: now)
            if culprits.isEmpty {
                // All of it is ignored: nothing was loaded for this job, and nobody is to blame.
                end(job, .discarded, ignored.selectors, "none of its tables exists", at: now)
                return
            }
        } else {
            letGo(ignored, of: loading.job, at: now)
            if culprits.isEmpty { return }
            origin = job.id
            job = newJob(place, createdAt: now.wall(at: culprits.tally.first))
            job.shareEvents(of: loading.job)
            loading.job.sharesEvents = true
            job.unknownTables = failing.sorted().map(\.description)
            job.error = reason
            record(.split(from: loading.job.id, into: job.id, culprits.keptSelectors))
        }
        if origin == nil { letGo(ignored, of: job, at: now) }
        fail(job, culprits, culprits: failing, splitFrom: origin, place, at: now)
    }
}
