import Vocabulary

extension QueueMachine {
    /// The whole queue at this moment, every number from the same state. To name the pending tables of all models takes
    /// time where there are many; who only counts them need not wait for it.
    package func snapshot(naming: Bool = true, at now: Now) -> QueueSnapshot {
        let living = models.indices.filter { !models[$0].vacant }
        var jobs: [JobState: Int] = [:]
        for place in living {
            if let state = pendingState(place, due(place, at: now), at: now) {
                jobs[state, default: 0] += 1
            }
            if case .loading = models[place].phase { jobs[.loading, default: 0] += 1 }
            if !models[place].failed.isEmpty { jobs[.failed, default: 0] += models[place].failed.count }
        }
        return QueueSnapshot(
            at: now,
            models: living.sorted(by: precedes).map { modelSnapshot($0, naming: naming, at: now) },
            jobs: jobs,
            breakers: breakerSnapshots,
            draining: isDraining
        )
    }

    /// By name; of two with one name the configured one comes before the removed one.
    private func precedes(_ one: Int, _ other: Int) -> Bool {
        let (name, otherName) = (models[one].reference.name, models[other].reference.name)
        return name == otherName ? !models[one].removed && models[other].removed : name < otherName
    }

    /// One model; the configured one where a removed one has the same name.
    package func model(_ name: String, at now: Now) throws(QueueError) -> ModelSnapshot {
        let found = models.indices.filter { !models[$0].vacant && models[$0].reference.name == name }
        guard let place = found.first(where: { !models[$0].removed }) ?? found.first else { throw .unknownModel(name) }
        return modelSnapshot(place, at: now)
    }

    /// A job, open or ended; nil if it never was or has left the history.
    package func job(_ id: JobID, at now: Now) -> JobSnapshot? {
        guard let place = openJobs[id] else { return ended[id] }
        return openSnapshots(place, at: now).first { $0.id == id }
    }

    /// Jobs in the given state, of the given model, that hold the given table or everything; newest first.
    package func jobs(
        state: JobState?,
        model name: String?,
        table: String? = nil,
        limit: Int,
        at now: Now
    ) -> [JobSnapshot] {
        let living = models.indices.filter { !models[$0].vacant && (name == nil || models[$0].reference.name == name) }
        var all = living.flatMap { openSnapshots($0, at: now) }
        all += ended.newestFirst.filter { name == nil || $0.model.name == name }
        if let state { all.removeAll { $0.state != state } }
        if let table { all.removeAll { !$0.tables.contains(table) && !$0.tables.contains("*") } }
        return Array(all.sorted { $0.id > $1.id }.prefix(max(0, limit)))
    }

    private func openSnapshots(_ place: Int, at now: Now) -> [JobSnapshot] {
        let model = models[place]
        var jobs = model.failed.map(\.snapshot)
        if case .loading(let loading) = model.phase { jobs.append(loadingSnapshot(loading)) }
        if let pending = model.pending, let state = pendingState(place, due(place, at: now), at: now) {
            jobs.append(pendingSnapshot(pending, state, place, at: now))
        }
        return jobs
    }

    private func loadingSnapshot(_ loading: Loading) -> JobSnapshot {
        loading.job.snapshot(.loading, selectors: loading.order.selectors)
    }

    private func modelSnapshot(_ place: Int, naming: Bool = true, at now: Now) -> ModelSnapshot {
        let model = models[place]
        let pending = model.pending
        var loading: Loading?
        if case .loading(let current) = model.phase { loading = current }
        let first = [pending?.changes.tally.first, loading?.changes.tally.first].compactMap(\.self).min()
        return ModelSnapshot(
            model: model.reference,
            state: state(
                of: model,
                loading: loading != nil,
                pendingState(place, due(place, at: now), at: now)
            ),
            held: model.held,
            pendingCount: pending.map { $0.changes.isEverything ? 1 : $0.changes.count } ?? 0,
            pendingChanges: naming ? pending?.changes.snapshots(at: now) ?? [] : [],
            pendingSince: pending.map { now.wall(at: $0.changes.tally.first) },
            oldestChangeAge: first.map { now.monotonic - $0 },
            oldestChangeAt: first.map { now.wall(at: $0) },
            maxWait: model.policy.maxWait,
            loadAt: loadAt(place, due(place, at: now), now),
            loading: loading.map(loadingSnapshot),
            lastLoad: model.lastLoad,
            failedJobs: model.failed.count,
            isFull: !hasRoom(place, for: 1),
            lastFailed: model.failed.last?.snapshot,
            waitingFor: pendingState(place, due(place, at: now), at: now)
                .flatMap { waitingFor(place, $0, at: now) },
            trouble: trouble(of: model, nextTry: loadAt(place, due(place, at: now), now)),
            attempts: loading?.job.attemptCount ?? pending?.job.attemptCount ?? 0,
            changes: model.changes,
            events: model.events,
            loads: model.loads,
            loadDuration: model.loadDuration,
            freshness: model.freshness
        )
    }

    /// A failed look costs no attempt (queue.md Q18), so it is told from the phase and not from the job.
    private func trouble(of model: Model, nextTry: WallTime?) -> WaitingTrouble? {
        let job: Job
        switch model.phase {
        case .loading(let loading):
            job = loading.job
        case .idle, .looking, .polling:
            guard let pending = model.pending else { return nil }
            job = pending.job
        }
        return (model.phase.lookFailure ?? job.error).map { WaitingTrouble(job: job.id, message: $0, nextTry: nextTry) }
    }

    /// The first that applies, in the contract's order (product.md §4).
    private func state(of model: Model, loading: Bool, _ pending: JobState?) -> ModelState {
        if loading { return .loading }
        if model.held { return .held }
        switch pending {
        case .retrying: return .retrying
        case .ready: return .ready
        case .waiting: return .waiting
        case .loading, .held, .failed, .ended, nil: return .idle
        }
    }
}

extension ChangeSet {
    /// What waits, as loads see it, each since when. `*` waits since the first of those that it covers.
    fileprivate func snapshots(at now: Now) -> [PendingChange] {
        if isEverything {
            return [PendingChange(table: Selector.everything.description, since: now.wall(at: tally.first))]
        }
        return changes.map { PendingChange(table: $0.description, since: now.wall(at: $1.since)) }
            .sorted { $0.table < $1.table }
    }
}
