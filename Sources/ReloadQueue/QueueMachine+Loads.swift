import Vocabulary

extension QueueMachine {
    /// Freezes what is due and marks the model as loading, in one step (queue.md Q2). Failed jobs' tables ride along
    /// (Q19); members of an incomplete `wait_for_all` stay behind as a job of their own (Q27).
    mutating func start(
        _ place: Int,
        _ baseline: LoadBaseline,
        trial: BreakerScope?,
        refusals: Int,
        at now: Now
    ) {
        guard let due = due(place, at: now), let pending = models[place].pending.take() else { return }
        let policy = models[place].policy
        var rest = pending.changes
        let changes = policy.takePart(of: &rest, horizon: due.horizon)
        var job = pending.job
        job.beginAttempt(due.reason, at: now)
        if !rest.isEmpty { job.sharesEvents = true }
        let selectors = models[place].failed.reduce(changes.selectors) { $0.union($1.riders) }
        let order = LoadOrder(
            job: job.id,
            model: models[place].reference,
            selectors: selectors,
            attempt: job.attemptCount,
            baseline: baseline,
            options: policy.options
        )
        models[place].phase = .loading(
            Loading(
                job: job,
                changes: changes,
                order: order,
                urgency: pending.urgency,
                startedAt: now,
                earlierStart: models[place].lastStart,
                refusals: refusals,
                trial: trial,
                stage: .loading(baseline)
            )
        )
        journal?.note(job, .loading(baseline), at: now)
        models[place].lastStart = now.monotonic
        ready.remove(place)
        usedSlots += 1
        if tellsOfJobs {
            record(.job(job.snapshot(.loading, selectors: selectors), reason: "started: \(due.reason.rawValue)"))
        }
        if !rest.isEmpty { leave(rest, behind: pending.job, place, at: now) }
        emit(.start(order))
    }

    /// What is no part of the load goes on as a job that shares the events.
    private mutating func leave(_ rest: ChangeSet, behind job: Job, _ place: Int, at now: Now) {
        var other = newJob(place, createdAt: now.wall(at: rest.tally.first))
        other.shareEvents(of: job)
        models[place].pending = Pending(job: other, changes: rest)
        journal?.note(other, .pending, at: now)
        journal?.note(.moved(rest.changes.keys.sorted(), from: job.id, to: other.id))
        record(.split(from: job.id, into: other.id, rest.keptSelectors))
    }

    /// Something became known while the load is made.
    package mutating func loadProgressed(
        _ job: JobID,
        of model: ModelReference,
        _ progress: LoadProgress,
        at now: Now
    ) -> [Action] {
        guard !isOver, let (place, loading) = loading(job, model) else { return [] }
        var changed = loading
        switch progress {
        case .resolved(let kind, let tables):
            changed.job.kind = kind
            changed.job.tables = tables
        case .sending:
            changed.sentAt = now.monotonic
            changed.stage = .sending(changed.order.baseline)
        case .answered(let baseline?):
            changed.trial = nil
            changed.stage = .answered(baseline)
        case .dataJobStarted, .answered(nil):
            changed.trial = nil
        case .watched(let failure, _):
            changed.watchFailure = failure?.message
        }
        if changed.stage != loading.stage { journal?.note(changed.job, changed.stage, at: now) }
        models[place].phase = .loading(changed)
        switch progress {
        case .resolved:
            let snapshot = changed.job.snapshot(.loading, selectors: changed.order.selectors)
            record(.job(snapshot, reason: "names became tables"))
        case .sending:
            break
        case .watched(let failure, let isCurrent):
            if let failure { record(.lookFailed(model, failure.message)) }
            if isCurrent { watched(model, failure, at: now) }
        case .dataJobStarted, .answered:
            // Celonis took the load or its data job: the refusal that this load tried is over.
            if let scope = loading.trial { closeBreaker(scope, at: now) }
        }
        return commit(at: now)
    }

    /// A refusal of what watches a load concerns every model that it would concern as a look's. An answer ends what looks
    /// were refused, as a probe's does: a model that is watched cannot be probed, and may be the only one.
    private mutating func watched(_ model: ModelReference, _ failure: LoadFailure?, at now: Now) {
        let pool = BreakerScope.pool(model.poolID)
        var answered: [BreakerScope] = []
        switch failure {
        case .credentialsRefused(let message):
            openBreaker(.credentials, message, byLoad: false, endsProbe: false, at: now)
        case .poolForbidden(let message):
            // Who is told so has shown good credentials.
            answered = [.credentials]
            openBreaker(pool, message, byLoad: false, endsProbe: false, at: now)
        case nil: answered = [.credentials, pool]
        case _?: break
        }
        for scope in answered where breakers[scope]?.byLoad == false { closeBreaker(scope, at: now) }
    }

    private func loading(_ job: JobID, _ model: ModelReference) -> (Int, Loading)? {
        guard let place = places[model], case .loading(let loading) = models[place].phase, loading.job.id == job else {
            return nil
        }
        return (place, loading)
    }

    /// The load has ended, in whatever way: its set is forgotten or given back, and the model is free.
    package mutating func loadEnded(
        _ job: JobID,
        of model: ModelReference,
        _ result: LoadResult,
        at now: Now,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard !isOver, let (place, ended) = loading(job, model) else { return [] }
        var loading = ended
        models[place].phase = .idle
        models[place].unreadyAt = now.monotonic
        usedSlots -= 1
        loading.job.kind = result.kind
        if !result.tables.isEmpty { loading.job.tables = result.tables }

        setAsideUnknown(&loading, result, place, at: now)
        close(loading, result, place, at: now, using: &generator)
        if let scope = loading.trial { endTrial(scope, result.end, place, at: now) }
        settle(place, at: now)
        return commit(at: now)
    }

    /// Whether the refusal that this load tried is over. `close` has kept the breaker open if it was refused again.
    private mutating func endTrial(_ scope: BreakerScope, _ end: LoadEnd, _ place: Int, at now: Now) {
        switch end {
        case .succeeded, .succeededWithWarnings, .unconfirmed, .failed(.permanent), .failed(.canceled), .failed(.busy):
            closeBreaker(scope, at: now)
        case .failed(.poolForbidden) where scope == .credentials:
            closeBreaker(scope, at: now)
        case .dryRun, .nothingToLoad, .failed:
            // No answer tells; another probe will.
            probeLater(scope, at: now)
        }
    }

    /// What the end means. A load whose own tables were all set aside has an empty set and no job any more; what it means
    /// for failed jobs that rode along and for breakers still counts.
    private mutating func close(
        _ loading: Loading,
        _ result: LoadResult,
        _ place: Int,
        at now: Now,
        using generator: inout some RandomNumberGenerator
    ) {
        switch result.end {
        case .succeeded:
            loaded(loading, result, .succeeded, nil, place, at: now)
        case .succeededWithWarnings(let message):
            loaded(loading, result, .succeededWithWarnings, message, place, at: now)
        case .unconfirmed(let message):
            switch models[place].policy.confirm {
            case .bestEffort:
                loaded(loading, result, .unconfirmed, message, place, at: now)
            case .required:
                models[place].countLoad(result.kind, .unconfirmed)
                tryAgain(loading, "unconfirmed", message, notBefore: nil, place, at: now, using: &generator)
            }
        case .dryRun:
            loaded(loading, result, .dryRun, nil, place, at: now)
        case .nothingToLoad:
            // `setAsideUnknown` has taken every selector, and ended the job.
            break
        case .failed(let failure):
            failed(loading, result, failure, place, at: now, using: &generator)
        }
    }

    /// The set is forgotten.
    private mutating func loaded(
        _ loading: Loading,
        _ result: LoadResult,
        _ outcome: JobOutcome,
        _ message: String?,
        _ place: Int,
        at now: Now
    ) {
        models[place].countLoad(result.kind, outcome)
        let seenToEnd = outcome == .succeeded || outcome == .succeededWithWarnings
        if seenToEnd {
            if !loading.isResumed {
                let from = loading.sentAt ?? loading.startedAt.monotonic
                models[place].loadDuration.record(now.monotonic - from)
            }
            recordFreshness(loading.changes, place, at: now)
        }
        if !loading.changes.isEmpty {
            var job = loading.job
            job.error = message
            job.endAttempt(outcome.rawValue, error: message, at: now)
            models[place].lastLoad = end(job, outcome, loading.order.selectors, "the load ended", at: now)
        }
        if outcome != .dryRun { cover(loading, result, seenToEnd: seenToEnd, place, at: now) }
    }

    /// Failed jobs whose tables the load covered end with it (queue.md Q19).
    private mutating func cover(
        _ loading: Loading,
        _ result: LoadResult,
        seenToEnd: Bool,
        _ place: Int,
        at now: Now
    ) {
        if models[place].failed.isEmpty { return }
        var covered = loading.order.selectors
        covered.subtract(result.unknown.map(\.selector))
        for failed in models[place].failed where covered.isSuperset(of: failed.changes.selectors) {
            if seenToEnd { recordFreshness(failed.changes, place, at: now) }
            models[place].failed.removeAll { $0.job.id == failed.job.id }
            end(failed.job, .superseded, failed.changes.selectors, "covered by \(loading.job.id)", at: now)
        }
    }

    private mutating func recordFreshness(_ changes: ChangeSet, _ place: Int, at now: Now) {
        for change in changes.changes.values { models[place].freshness.record(now.monotonic - change.since) }
    }

    /// The job is over and goes to the history, where anybody asks for it.
    @discardableResult
    mutating func end(
        _ job: Job,
        _ outcome: JobOutcome,
        _ selectors: SelectorSet,
        _ reason: String,
        mergedInto: JobID? = nil,
        at now: Now
    ) -> JobSnapshot? {
        openJobs[job.id] = nil
        journal?.note(end: job, outcome, mergedInto: mergedInto)
        guard tellsOfJobs else { return nil }
        let snapshot = job.snapshot(
            .ended,
            outcome: outcome,
            selectors: selectors,
            endedAt: now.wall,
            mergedInto: mergedInto
        )
        ended.append(snapshot.abridged, for: snapshot.id)
        record(.job(snapshot, reason: reason))
        return snapshot
    }
}
