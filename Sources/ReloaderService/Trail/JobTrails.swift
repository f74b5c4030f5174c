import ReloadQueue
import Vocabulary

/// What happened to the last jobs, step by step. Fixed in jobs and in steps a job.
struct JobTrails {
    /// Steps of one job that are kept: the first and the last ones.
    private static let firstSteps = 20
    private static let lastSteps = 40

    private let capacity: Int
    private var trails: [JobID: [TrailStep]] = [:]
    /// In the order in which they were first heard of.
    private var order: [JobID] = []
    private var next = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Empty for a job that has left the ring.
    subscript(id: JobID) -> [TrailStep] { trails[id] ?? [] }

    mutating func note(_ transition: Transition, at time: WallTime) {
        switch transition {
        case .job(let job, let reason):
            append(TrailStep(at: time, step: (job.outcome?.rawValue ?? job.state.rawValue), reason: reason), to: job.id)
        case .split(let from, let into):
            append(TrailStep(at: time, step: "split", reason: "part of it goes on as \(into)"), to: from)
            append(TrailStep(at: time, step: "split", reason: "came from \(from)"), to: into)
        case .held, .released, .flushed, .lookFailed, .breakerOpened, .breakerClosed, .modelAdded, .modelRemoved:
            break
        }
    }

    private mutating func append(_ step: TrailStep, to id: JobID) {
        if trails[id] == nil { makeRoom(for: id) }
        trails[id, default: []].append(step)
        if let count = trails[id]?.count, count > Self.firstSteps + Self.lastSteps {
            trails[id]?.remove(at: Self.firstSteps)
        }
    }

    private mutating func makeRoom(for id: JobID) {
        if order.count < capacity {
            order.append(id)
        } else {
            trails[order[next]] = nil
            order[next] = id
            next = (next + 1) % capacity
        }
    }
}
