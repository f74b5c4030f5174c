import Vocabulary

extension HealthReport {
    /// What health says of a snapshot.
    package init(_ snapshot: ServiceSnapshot) {
        let queue = snapshot.queue
        let failing = Self.failingReasons(snapshot)
        let degraded = Self.degradedReasons(snapshot)
        status = !failing.isEmpty ? .failing : !degraded.isEmpty ? .degraded : .ok
        reasons = failing + degraded + Self.notes(snapshot)
        version = snapshot.version
        startedAt = snapshot.startedAt.rfc3339
        configuration = Configuration(
            loadedAt: snapshot.configuration.loadedAt.rfc3339,
            error: snapshot.configuration.error
        )
        self.queue = Queue(
            waiting: queue.jobs[.waiting] ?? 0,
            ready: queue.jobs[.ready] ?? 0,
            loading: queue.jobs[.loading] ?? 0,
            retrying: queue.jobs[.retrying] ?? 0,
            held: queue.jobs[.held] ?? 0,
            failed: queue.jobs[.failed] ?? 0,
            pendingTables: queue.models.reduce(0) { $0 + $1.pendingCount },
            oldestChangeSeconds: queue.models.compactMap(\.oldestChangeAge).max().map(Self.rounded)
        )
        models = Dictionary(queue.models.map { ($0.model.name, Model($0)) }) { first, _ in first }
        sources = Dictionary(uniqueKeysWithValues: snapshot.sources.map { ($0.name, Source($0)) })
        journal = Journal(
            enabled: snapshot.journal != nil,
            writable: snapshot.journal.map { $0.failure == nil } ?? false,
            recoveredChanges: snapshot.journal?.recoveredChanges ?? 0
        )
    }

    /// Sentences for people: what is wrong, and what to do.
    private static func failingReasons(_ snapshot: ServiceSnapshot) -> [String] {
        let isLost = snapshot.journal?.isLost == true
        let journal = snapshot.journal?.failure.map { failure in
            """
            the journal cannot be written: \(failure). Deliveries are answered with 503, what was accepted is \
            \(isLost ? "in memory only" : "safe"), and it is tried again every second
            """
        }
        return [journal].compactMap(\.self) + refusedCredentials(snapshot)
    }

    private static func refusedCredentials(_ snapshot: ServiceSnapshot) -> [String] {
        snapshot.queue.breakers.filter { $0.poolID == nil }.map {
            """
            Celonis refuses the credentials since \($0.since.rfc3339) (\($0.message)); check celonis.auth. \
            Every model waits, nothing is lost, and loads resume by themselves
            """
        }
    }

    /// What a person should know although it changes no status (product.md §4 lists what does).
    private static func notes(_ snapshot: ServiceSnapshot) -> [String] {
        let strangers = (snapshot.journal?.strangers ?? []).map { model in
            """
            the journal holds changes of model \(model.name) (pool \(model.poolID), data model \(model.dataModelID)), \
            which the configuration does not have; they stay there until it has that model again
            """
        }
        return strangers + modelNotes(snapshot)
    }

    private static func modelNotes(_ snapshot: ServiceSnapshot) -> [String] {
        snapshot.queue.models.flatMap { model in
            var notes: [String] = []
            if let trouble = model.trouble, model.attempts <= 3 {
                let what = model.loading == nil ? "cannot be loaded at present" : "has trouble with the load that runs"
                notes.append("model \(model.model.name) \(what): \(sentence(trouble))")
            }
            if let load = model.lastLoad, load.outcome == .unconfirmed {
                notes.append(
                    """
                    the end of model \(model.model.name)'s last load (\(load.id)) was not seen, so its tables may be \
                    stale; look at its loads in Celonis, or reload them by hand
                    """
                )
            }
            return notes
        }
    }

    private static func sentence(_ trouble: WaitingTrouble) -> String {
        let next = trouble.nextTry.map { "; the next try is at \($0.rfc3339)" } ?? ""
        return "\(trouble.message) (\(trouble.job))\(next); nothing is lost"
    }

    private static func sentence(_ job: JobSnapshot, of count: Int) -> String {
        let tables = job.tables.prefix(5).joined(separator: ", ") + (job.tables.count > 5 ? ", …" : "")
        return """
            \(count == 1 ? "" : "the newest is ")\(job.id) (\(tables)): \(job.error ?? "no error was given"). Mend the \
            cause, then run: reloader retry \(job.id), or: reloader discard \(job.id)
            """
    }

    private static func degradedReasons(_ snapshot: ServiceSnapshot) -> [String] {
        let queue = snapshot.queue
        var reasons: [String] = []
        if let error = snapshot.configuration.error {
            reasons.append("the new configuration is refused, the former one stays in force: \(error)")
        }
        for case let breaker in snapshot.queue.breakers {
            guard let pool = breaker.poolID else { continue }
            reasons.append(
                """
                pool \(pool) refuses our requests since \(breaker.since.rfc3339) (\(breaker.message)); give the \
                client Edit permission on it. Its models wait, nothing is lost, and loads resume by themselves
                """
            )
        }
        for model in snapshot.queue.models {
            let name = model.model.name
            if model.failedJobs > 0 {
                let jobs = "model \(name) has \(model.failedJobs) failed \(model.failedJobs == 1 ? "job" : "jobs")"
                let newest = model.lastFailed.map { "; " + sentence($0, of: model.failedJobs) }
                reasons.append(jobs + (newest ?? ""))
            }
            if model.attempts > 3 {
                let cause = model.trouble.map { ": " + sentence($0) }
                reasons.append("model \(name) has a job past three attempts (\(model.attempts) so far)" + (cause ?? ""))
            }
            if model.isFull {
                reasons.append(
                    """
                    model \(name) holds as many tables as it may, and deliveries that name others are refused with 503; \
                    retry or discard its failed jobs, or wait for its next load
                    """
                )
            }
            if model.held { reasons.append("model \(name) is on hold") }
            if let age = model.oldestChangeAge, age > model.maxWait * 2 {
                let waiting = model.waitingFor.map { "; it waits for \($0)" } ?? ""
                let pendingAge = model.pendingSince.map { queue.at.wall - $0 }
                let isLoading = model.loading != nil && (pendingAge ?? .zero) <= model.maxWait * 2
                let state = isLoading ? "; it is in the load that runs" : waiting
                reasons.append(
                    """
                    model \(name) has a change older than twice its max_wait (\(rounded(age)) s, max_wait \
                    \(rounded(model.maxWait)) s)\(state)
                    """
                )
            }
        }
        for source in snapshot.sources where source.isSilent {
            reasons.append(
                """
                source \(source.name) is silent: no delivery of it verified for \(rounded(source.quietFor)) s \
                (expect_every \(source.expectEvery.map(rounded) ?? 0) s); see whether its sender runs, and sends here
                """
            )
        }
        return reasons
    }

    private static func rounded(_ duration: Duration) -> Double { (duration.inSeconds * 1000).rounded() / 1000 }
}

extension HealthReport.Model {
    init(_ model: ModelSnapshot) {
        self.init(
            state: model.state.rawValue,
            held: model.held,
            pendingTables: model.pendingTables,
            pendingSince: model.pendingSince?.rfc3339,
            loadAt: model.loadAt?.rfc3339,
            loading: model.loading.map { HealthReport.Loading($0, attempt: model.attempts) },
            lastLoad: model.lastLoad.map(HealthReport.LastLoad.init),
            failedJobs: model.failedJobs
        )
    }
}

extension HealthReport.Loading {
    fileprivate init(_ job: JobSnapshot, attempt: Int) {
        self.init(
            job: job.id.description,
            kind: job.kind?.rawValue,
            tables: job.tables,
            startedAt: job.startedAt?.rfc3339,
            attempt: attempt
        )
    }
}

extension HealthReport.LastLoad {
    fileprivate init(_ job: JobSnapshot) {
        self.init(
            job: job.id.description,
            outcome: job.outcome?.rawValue,
            tables: job.tables,
            startedAt: job.startedAt?.rfc3339,
            endedAt: job.endedAt?.rfc3339
        )
    }
}

extension HealthReport.Source {
    fileprivate init(_ source: SourceSnapshot) {
        self.init(
            lastDeliveryAt: source.lastDeliveryAt?.rfc3339,
            accepted: source.outcomes[.accepted] ?? 0,
            unmatched: source.outcomes[.unmatched] ?? 0,
            duplicates: source.outcomes[.duplicate] ?? 0,
            rejected: source.outcomes.reduce(0) { $0 + ($1.key.isRejection ? $1.value : 0) },
            rejections: Dictionary(
                uniqueKeysWithValues: source.outcomes.filter { $0.key.isRejection && $0.value > 0 }
                    .map { ($0.key.label, $0.value) }
            ),
            silent: source.isSilent
        )
    }
}
