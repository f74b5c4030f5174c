import Vocabulary

extension QueueMachine {
    /// Takes in what an event changes: all of it or nothing (queue.md Q6). `event` is nil for a change by hand.
    ///
    /// `version` is the models that the event was matched against. A configuration may take a model away while a delivery
    /// that saw it is under way: then the model is here again, as a removed one whose changes are yet to end (queue.md
    /// Q24).
    package mutating func changesArrived(
        event: EventID?,
        _ changes: [ModelChanges],
        version: [ModelReference: ModelPolicy] = [:],
        at now: Now
    ) -> (Admission, [Action]) {
        if let refusal = refusal(of: changes, version) { return (.refused(refusal), []) }
        var admitted: [AdmittedChange] = []
        for change in changes where !change.selectors.isEmpty {
            guard let place = place(of: change.model, version, at: now) else { continue }
            let (job, write) = mark(change.selectors, at: place, event: event, now)
            // Apart: asked in one expression, all of the machine would be copied to keep what it was before.
            let due = settle(place, at: now)
            let loadAt = loadAt(place, due, now)
            admitted.append(AdmittedChange(model: models[place].reference, job: job, loadAt: loadAt, write: write))
        }
        return (.admitted(admitted), commit(at: now))
    }

    /// The model's place; one that only `version` knows gets one as a removed model.
    private mutating func place(of model: ModelReference, _ version: [ModelReference: ModelPolicy], at now: Now) -> Int?
    {
        if let place = places[model] { return place }
        guard let policy = version[model] else { return nil }
        addRemoved(model, policy, at: now)
        return places[model]
    }

    private func refusal(of changes: [ModelChanges], _ version: [ModelReference: ModelPolicy]) -> Refusal? {
        guard case .running = drain else { return .draining }
        // Looked at where they lie: every delivery's are.
        for index in changes.indices {
            let place = places[changes[index].model]
            if place == nil, version[changes[index].model] == nil { return .unknownModel(changes[index].model) }
            if !fits(changes[index].selectors, place) { return .full }
        }
        return nil
    }

    /// Whether the model has room. A table that is pending already needs none, so a full model still takes its events.
    private func fits(_ selectors: SelectorSet, _ place: Int?) -> Bool {
        guard let place else { return selectors.count <= settings.maxPendingTables }
        let pending = models[place].pending?.changes
        if hasRoom(place, for: selectors.count) { return true }
        return selectors.members.keys.allSatisfy { pending?.isEverything == true || pending?.changes[$0] != nil }
    }

    /// Failed jobs have room of their own, as much again: names that no model has must not keep those out that it has.
    func hasRoom(_ place: Int, for count: Int) -> Bool {
        let waiting = (models[place].pending?.changes.count ?? 0) + count
        let failed = models[place].failed.reduce(0) { $0 + $1.changes.count }
        return waiting <= settings.maxPendingTables && failed + waiting <= 2 * settings.maxPendingTables
    }

    /// Marks selectors as changed in the open job, or opens one.
    /// - Returns: the job, and the write after which all of them are on disk.
    private mutating func mark(
        _ selectors: SelectorSet,
        at place: Int,
        event: EventID?,
        _ now: Now
    ) -> (JobID, write: UInt64) {
        models[place].changes += UInt64(selectors.count)
        let maxWait = models[place].policy.maxWait
        let next = journal?.nextWrite ?? 0
        var needed: UInt64 = 0
        var unwritten: [Selector] = []
        let job = openJob(place, at: now)
        for (selector, unknown) in selectors.members {
            // Changed where it lies: it is large, and every event comes by.
            let write = models[place].pending?.changes
                .mark(selector, unknown, maxWait: maxWait, at: now.monotonic, write: next)
            needed = max(needed, write ?? 0)
            if write == next, next > 0 { unwritten.append(selector) }
        }
        if models[place].pending?.job.add(event) == true { models[place].events += 1 }
        if !unwritten.isEmpty, let pending = models[place].pending { journal?.note(unwritten, of: pending, at: now) }
        return (job, needed)
    }

    /// The job that waits, or a new one.
    private mutating func openJob(_ place: Int, at now: Now) -> JobID {
        if let job = models[place].openJob { return job }
        let job = newJob(place, createdAt: now.wall)
        models[place].pending = Pending(job: job, changes: ChangeSet())
        return job.id
    }

    /// A job with an id of its own, known to be open.
    mutating func newJob(_ place: Int, createdAt: WallTime) -> Job {
        let job = Job(
            id: JobID(rawValue: identifiers.take()),
            model: models[place].reference,
            createdAt: createdAt
        )
        openJobs[job.id] = place
        return job
    }

    /// The earliest start if nothing else arrives; nil while something other than time is in the way.
    func loadAt(_ place: Int, _ due: Due?, _ now: Now) -> WallTime? {
        guard let due, !models[place].held, !isBlocked(place) else { return nil }
        switch models[place].phase {
        case .idle, .looking: return now.wall(at: due.time)
        case .polling(let polling): return now.wall(at: max(due.time, polling.until))
        case .loading: return nil
        }
    }
}
