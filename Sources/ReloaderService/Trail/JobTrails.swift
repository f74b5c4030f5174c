import ReloadQueue
import Vocabulary

/// What happened to the last jobs, step by step. Fixed in jobs and in steps a job.
struct JobTrails {
    /// Steps of one job that are kept: the first and the last ones.
    private static let firstSteps = 20
    private static let lastSteps = 40

    /// Jobs in the order in which they were first heard of.
    private var trails: Ring<JobID, [TrailStep]>
    /// The jobs in which parts of a job went on, with what went; nil where it was much.
    private var parts: Ring<JobID, [(job: JobID, selectors: SelectorSet?)]>

    init(capacity: Int) {
        trails = Ring(capacity: capacity)
        parts = Ring(capacity: capacity)
    }

    mutating func resize(to capacity: Int) {
        trails.resize(to: capacity)
        parts.resize(to: capacity)
    }

    /// An event's jobs, and those in which went on what `concerns` it, in the order in which that happened.
    func withParts(_ jobs: [JobID], concerning concerns: (SelectorSet?) -> Bool) -> [JobID] {
        var all = jobs
        var index = 0
        while index < all.count, all.count < jobs.count + Self.mostParts {
            for part in parts[all[index]] ?? [] where !all.contains(part.job) && concerns(part.selectors) {
                all.append(part.job)
            }
            index += 1
        }
        return all
    }

    private static let mostParts = 100

    /// Empty for a job that has left the ring.
    subscript(id: JobID) -> [TrailStep] { trails[id] ?? [] }

    mutating func note(_ transition: Transition, at time: WallTime) {
        switch transition {
        case .job(let job, let reason):
            append(TrailStep(at: time, step: job.outcome?.rawValue ?? job.state.rawValue, reason: reason), to: job.id)
        case .split(let from, let into, let selectors):
            append(TrailStep(at: time, step: "split", reason: "part of it goes on as \(into)"), to: from)
            append(TrailStep(at: time, step: "split", reason: "came from \(from)"), to: into)
            if parts[from] == nil { parts.append([], for: from) }
            parts.update(from) { known in if known.count < Self.mostParts { known.append((into, selectors)) } }
        case .held, .released, .flushed, .lookFailed, .breakerOpened, .breakerClosed, .modelAdded, .modelRemoved:
            break
        }
    }

    private mutating func append(_ step: TrailStep, to id: JobID) {
        if trails[id] == nil { trails.append([], for: id) }
        trails.update(id) { steps in
            steps.append(step)
            if steps.count > Self.firstSteps + Self.lastSteps { steps.remove(at: Self.firstSteps) }
        }
    }
}
