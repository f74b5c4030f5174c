import Vocabulary

/// The last jobs that ended, oldest out first: fixed in size, so that memory does not grow with events (queue.md Q23).
struct EndedJobs {
    private var ring: [JobSnapshot] = []
    /// Where the next one goes once the ring is full: the oldest.
    private var next = 0
    private var positions: [JobID: Int] = [:]
    private var capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    subscript(id: JobID) -> JobSnapshot? { positions[id].map { ring[$0] } }

    /// In no particular order.
    var all: [JobSnapshot] { ring }

    mutating func append(_ job: JobSnapshot) {
        if ring.count < capacity {
            positions[job.id] = ring.count
            ring.append(job)
        } else {
            positions[ring[next].id] = nil
            positions[job.id] = next
            ring[next] = job
            next = (next + 1) % capacity
        }
    }

    /// Keeps the newest that fit.
    mutating func resize(to capacity: Int) {
        let capacity = max(1, capacity)
        if capacity == self.capacity { return }
        let kept = (ring[next...] + ring[..<next]).suffix(capacity)
        self = EndedJobs(capacity: capacity)
        for job in kept { append(job) }
    }
}
