import Foundation
import Measuring
import ReloadQueue
import Vocabulary

/// 10,000 events a second, each an id of its own, on tables that are pending and on disk: nothing is written.
func pendingTables(in folder: Folder) throws {
    let (perSecond, duration) = (10_000, 5)
    let path = folder.path("pending.sqlite")
    let models = models(50)
    let day = Duration.seconds(86_400)
    let queue = try ReloadQueue.open(path, models, ModelPolicy(start: .debounce(day), maxWait: day))
    guard let journal = queue.journal else { throw Failure("there is no journal") }
    func submit(_ number: Int) throws -> UInt64 {
        let table = "TABLE_\(number / models.count % 20)"
        let admission = queue.submit(number, table, of: models[number % models.count])
        guard case .admitted(let admitted) = admission else { throw Failure("refused: \(admission)") }
        return admitted.first?.write ?? 0
    }

    for number in 0..<1000 { _ = try submit(number) }
    let written = DispatchSemaphore(value: 0)
    journal.whenKnown(journal.submittedWrite) { written.signal() }
    written.wait()
    let before = (commits: queue.commits, files: try stamps(path))

    let total = perSecond * duration
    var (sent, waits) = (0, 0)
    let took = try seconds {
        let clock = ContinuousClock()
        let start = clock.now
        while sent < total {
            let due = Int((clock.now - start) / .seconds(1) * Double(perSecond))
            while sent < min(due, total) {
                if !journal.isWritten(try submit(1000 + sent)) { waits += 1 }
                sent += 1
            }
            usleep(500)
        }
    }
    let commits = queue.commits - before.commits
    let isUntouched = try stamps(path) == before.files
    report(
        "events on pending tables",
        [
            "events": "\(sent)", "events_per_s": fixed(Double(sent) / took, 0), "commits": "\(commits)",
            "waited_for_the_disk": "\(waits)", "files": isUntouched ? "untouched" : "written",
        ]
    )
    require(Double(sent) / took > 0.98 * Double(perSecond), "events on pending tables: 10,000/s")
    require(commits == 0 && waits == 0 && isUntouched, "events on pending tables: no write at all")
    try queue.finish()
}

/// Size and time of the last write of each of the journal's files.
private func stamps(_ path: String) throws -> [String] {
    ["", "-wal"].map { suffix in
        var status = stat()
        guard stat(path + suffix, &status) == 0 else { return "none" }
        return "\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }
}
