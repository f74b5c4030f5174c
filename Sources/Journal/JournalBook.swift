import Vocabulary

/// What a journal holds, as a value: what each entry means, said once and slowly. The twin in memory is made of it, and
/// every other implementation is held against it.
///
/// A change can only become part of a job that is there. All else about a job that is not there does nothing, so that
/// an end which is told twice harms nobody.
package struct JournalBook: Hashable, Sendable {
    private var jobs: [JobID: Page] = [:]
    private var held: Set<ModelReference> = []
    private var remembered: [EventID: RememberedEvent] = [:]

    private struct Page: Hashable {
        var job: JournaledJob
        var changes: [Selector: JournaledChange] = [:]
    }

    package init() {}

    /// Applies all entries in their order, or none of them.
    package mutating func apply(_ entries: some Sequence<JournalEntry>) throws(JournalError) {
        var next = self
        for entry in entries { try next.apply(entry) }
        self = next
    }

    /// All that is open.
    package var image: JournalImage {
        JournalImage(
            jobs: jobs.values.sorted { $0.job.id < $1.job.id }.map { page in
                RecoveredJob(
                    job: page.job,
                    changes: page.changes.values.sorted { precedes($0.selector.stored, $1.selector.stored) }
                )
            },
            held: held.sorted { a, b in
                guard a.name == b.name else { return precedes(a.name, b.name) }
                guard a.poolID == b.poolID else { return precedes(a.poolID, b.poolID) }
                return precedes(a.dataModelID, b.dataModelID)
            },
            remembered: remembered.values.sorted { $0.event < $1.event }
        )
    }

    private mutating func apply(_ entry: JournalEntry) throws(JournalError) {
        switch entry {
        case .job(let job):
            jobs[job.id, default: Page(job: job)].job = job
        case .changed(let id, let changes):
            try add(changes, to: id)
        case .moved(let selectors, let from, let to):
            guard from != to else { return }
            try add(selectors.compactMap { jobs[from]?.changes[$0] }, to: to)
            for selector in selectors { jobs[from]?.changes[selector] = nil }
            for (event, known) in remembered where known.jobs.contains(from) {
                remembered[event]?.jobs = known.jobs.union([to])
            }
        case .merged(let from, into: let to):
            guard from != to else { return }
            try add(jobs[from].map { Array($0.changes.values) } ?? [], to: to)
            jobs[from] = nil
            for (event, var known) in remembered where known.jobs.contains(from) {
                known.jobs.replace(from, by: to)
                remembered[event]?.jobs = known.jobs.union()
            }
        case .ended(let id):
            jobs[id] = nil
        case .held(let model):
            held.insert(model)
        case .released(let model):
            held.remove(model)
        case .remembered(var event, let oldest):
            for id in remembered.keys where id < oldest { remembered[id] = nil }
            event.jobs = event.jobs.union()
            for (id, known) in remembered where known.source == event.source && known.key == event.key {
                remembered[id] = nil
            }
            remembered[event.event] = event
        case .forgotten(let event):
            remembered[event] = nil
        case .forgottenWith(let job):
            for (event, known) in remembered where known.jobs.contains(job) { remembered[event] = nil }
        case .settled(let job):
            for (event, known) in remembered where known.jobs.contains(job) { remembered[event]?.jobs.remove(job) }
        }
    }

    private mutating func add(_ changes: [JournaledChange], to id: JobID) throws(JournalError) {
        guard !changes.isEmpty else { return }
        guard var page = jobs[id] else { throw .unusable("a change was written for \(id), which the journal lacks") }
        for var change in changes {
            if let known = page.changes[change.selector] {
                change.since = min(change.since, known.since)
                change.unknown = max(change.unknown, known.unknown)
            }
            page.changes[change.selector] = change
        }
        jobs[id] = page
    }
}

/// Bytewise, as a database sorts; Swift's own order of strings is another.
private func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
