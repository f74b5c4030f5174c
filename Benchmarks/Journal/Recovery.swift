import Foundation
import Journal
import Measuring
import ReloadQueue
import Vocabulary

/// A start with 100,000 pending tables of fifty models: from the opening of the file to a queue that runs, and from the
/// start of the program to its READY. Then the same with as many remembered events.
func recovery(in folder: Folder) throws {
    let path = folder.path("full.sqlite")
    let models = models(50)
    try fill(path, models)
    try starts(path, models, folder, "100,000 pending tables", isBound: true)
    try remember(path, models)
    try starts(path, models, folder, "100,000 pending tables and as many remembered events", isBound: false)
}

private func starts(
    _ path: String,
    _ models: [ModelReference],
    _ folder: Folder,
    _ name: String,
    isBound: Bool
) throws {
    let day = Duration.seconds(86_400)
    var spent: [(wall: Double, processor: Double)] = []
    for _ in 0..<5 {
        var queue: ReloadQueue?
        let before = processorTime()
        let wall = try seconds { queue = try .open(path, models, ModelPolicy(start: .debounce(day), maxWait: day)) }
        spent.append((wall, processorTime() - before))
        guard queue?.journalReport?.recoveredChanges == 100_000 else { throw Failure("changes are missing") }
        try queue?.finish()
    }
    let program = try ServiceStart(folder, journal: path, models)
    let programs = try (0..<5).map { _ in try program.timeToReady() }
    let (queue, whole) = (median(spent.map(\.wall)), median(programs.map(\.wall)))
    // What else the machine does is in the wall's time and not in the processor's.
    report(
        "start with \(name)",
        [
            "queue_ms": fixed(queue, 1), "queue_processor_ms": fixed(median(spent.map(\.processor)), 1),
            "program_ms": fixed(whole, 1), "program_processor_ms": fixed(median(programs.map(\.processor)), 0),
        ]
    )
    guard isBound else { return }
    require(queue < 150, "from the opening of the file to a queue that runs, \(name): under 150 ms")
    require(whole < 150, "from the start of the program to READY, \(name): under 150 ms")
}

/// In milliseconds.
private func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] * 1000 }

/// User and system time of this process, in seconds.
private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func fill(_ path: String, _ models: [ModelReference]) throws {
    let journal = try SQLiteJournal(path: path, sync: .normal)
    let now = SystemClock().now().wall
    for (index, model) in models.enumerated() {
        let job = JobID(rawValue: UInt64(index + 1))
        let changes = (0..<100_000 / models.count).map {
            JournaledChange(selector: .table("TABLE_\($0)"), unknown: .fail, since: now)
        }
        try journal.commit([
            .job(JournaledJob(id: job, model: model, phase: .pending, createdAt: now)), .changed(job, changes),
        ])
    }
    journal.close()
}

private func remember(_ path: String, _ models: [ModelReference]) throws {
    let journal = try SQLiteJournal(path: path, sync: .normal)
    for start in stride(from: 0, to: 100_000, by: 1000) {
        try journal.commit(
            (start..<start + 1000).map { number in
                let key = RememberedKey(number)
                return .remembered(
                    RememberedEvent(
                        source: key.source,
                        key: key.key,
                        event: EventID(rawValue: UInt64(number)),
                        jobs: [JobID(rawValue: UInt64(number % models.count + 1))],
                        expiresAt: key.expiresAt
                    )
                )
            }
        )
    }
    journal.close()
}
