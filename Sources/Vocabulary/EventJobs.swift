/// The jobs that an event's changes are part of: nearly always one, which then needs no array. Events are remembered by
/// the ten thousand.
package enum EventJobs: Hashable, Sendable, ExpressibleByArrayLiteral {
    case one(JobID)
    /// Never of one.
    case many([JobID])

    package init(_ jobs: [JobID]) { self = jobs.count == 1 ? .one(jobs[0]) : .many(jobs) }

    package init(arrayLiteral jobs: JobID...) { self.init(jobs) }

    package var all: [JobID] {
        switch self {
        case .one(let only): [only]
        case .many(let jobs): jobs
        }
    }

    package func contains(_ job: JobID) -> Bool {
        switch self {
        case .one(let only): only == job
        case .many(let jobs): jobs.contains(job)
        }
    }

    package mutating func replace(_ job: JobID, by other: JobID) {
        switch self {
        case .one(let only): if only == job { self = .one(other) }
        case .many(let jobs) where jobs.contains(other): remove(job)
        case .many(let jobs): if jobs.contains(job) { self = .many(jobs.map { $0 == job ? other : $0 }) }
        }
    }

    package mutating func append(_ job: JobID) { if !contains(job) { self = Self(all + [job]) } }

    package mutating func remove(_ job: JobID) { if contains(job) { self = Self(all.filter { $0 != job }) } }

    /// By id, each once.
    package func union(_ more: [JobID] = []) -> Self { Self(Set(all).union(more).sorted()) }
}
