import Foundation
import Measuring
import ReloadQueue
import Synchronization
import Vocabulary

/// Events that name a new table each, with so many of them waiting for their write at a time, as so many connections
/// would. Fifty models load all the while, and those loads are written too. In turns with writes of a page to a bare
/// file: what slows the disk down slows both.
func newChanges(in folder: Folder) throws {
    let models = models(50)
    let queue = try ReloadQueue.open(
        folder.path("new.sqlite"),
        models,
        ModelPolicy(start: .debounce(.milliseconds(500)), maxWait: .seconds(2))
    )
    let bare = try BareFile(folder.path("bare"))
    var arrivals = Arrivals(queue: queue, models: models)
    try arrivals.submit(2000, atOnce: 64)
    bare.append(100)

    var best = 0.0
    for (waiting, count) in [(1, 100), (16, 1000), (64, 3000), (256, 6000)] {
        var spent = (journal: 0.0, bare: 0.0)
        let (rounds, syncs) = (7, 50)
        let before = queue.commits
        for _ in 0..<rounds {
            spent.journal += try seconds { try arrivals.submit(count, atOnce: waiting) }
            spent.bare += seconds { bare.append(syncs) }
        }
        let commits = Double(queue.commits - before)
        let changes = Double(rounds * count) / spent.journal
        let floor = Double(rounds * syncs) / spent.bare
        best = max(best, changes)
        report(
            "\(waiting) waiting",
            [
                "changes_per_s": fixed(changes, 0), "commits_per_s": fixed(commits / spent.journal, 0),
                "changes_per_commit": fixed(Double(rounds * count) / commits, 1),
                "bare_writes_per_s": fixed(floor, 0), "changes_per_bare_write": fixed(changes / floor, 2),
                "commits_per_bare_write": fixed(commits / spent.journal / floor, 2),
            ]
        )
    }
    require(best >= 5000, "new changes on disk with `sync: full`: at least 5,000/s (\(fixed(best, 0)))")
    try queue.finish()
}

/// Sends new changes and waits until the disk has them.
private struct Arrivals {
    let queue: ReloadQueue
    let models: [ModelReference]
    private var number = 0

    init(queue: ReloadQueue, models: [ModelReference]) {
        self.queue = queue
        self.models = models
    }

    mutating func submit(_ count: Int, atOnce: Int) throws {
        guard let journal = queue.journal else { throw Failure("there is no journal") }
        let room = DispatchSemaphore(value: atOnce)
        let isRefused = Atomic(false)
        for _ in 0..<count {
            room.wait()
            number += 1
            let admission = queue.submit(number, "TABLE_\(number)", of: models[number % models.count])
            guard case .admitted(let admitted) = admission, let write = admitted.first?.write, write > 0 else {
                throw Failure("change \(number) was not taken in as a new one: \(admission)")
            }
            journal.whenKnown(write) {
                if !journal.isWritten(write) { isRefused.store(true, ordering: .relaxed) }
                room.signal()
            }
        }
        for _ in 0..<atOnce { room.wait() }
        for _ in 0..<atOnce { room.signal() }
        if isRefused.load(ordering: .relaxed) { throw Failure("a write failed: \(journal.status.failure ?? "")") }
    }
}

/// A file that is appended to, a page at a time, each of them waited for.
private final class BareFile {
    private let descriptor: Int32
    private let page = [UInt8](repeating: 7, count: 4096)

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(path) cannot be opened") }
    }

    deinit { close(descriptor) }

    func append(_ times: Int) {
        for _ in 0..<times {
            guard write(descriptor, page, page.count) == page.count, fdatasync(descriptor) == 0 else {
                fatalError("the bare file cannot be written")
            }
        }
    }
}

extension ReloadQueue {
    /// Ends it as SIGTERM would.
    func finish() throws {
        let done = DispatchSemaphore(value: 0)
        let end = Mutex<[LostChange]>([])
        Task {
            let lost = await drain(timeout: .seconds(30))
            end.withLock { $0 = lost }
            done.signal()
        }
        done.wait()
        guard end.withLock(\.isEmpty) else { throw Failure("the queue ended without its changes on disk") }
    }
}

func seconds<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
}
