import Foundation
import Measuring

/// `make bench-start`: from the start of the program to the first answer that it is ready, and what it has in memory a second later.
func start(in folder: URL) throws {
    let reloader = try Contestant.reloader(in: folder)
    dropFromCache(reloader.command[0])
    let runs = try (0..<9).map { _ in
        let clock = ContinuousClock()
        let began = clock.now
        let child = try reloader.start()
        let answer = try Connection(port: reloader.port).send(
            Array("GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        )
        guard answer.status == 200 else { throw Failure("/health/ready answered \(answer.status)") }
        let time = (clock.now - began) / .milliseconds(1)
        // Idle: what the start leaves behind it is given back a moment after it is ready.
        sleep(1)
        return (time: time, memory: try child.residentMemory)
    }
    let time = runs.map(\.time).sorted()[runs.count / 2]
    let memory = runs.map(\.memory).sorted()[runs.count / 2]
    report("reloader, idle", ["start_ms": fixed(time, 0), "rss_mib": fixed(memory, 1)])
    require(time <= 150, "from start to ready: at most 150 ms")
    require(memory <= 30, "memory when idle: at most 30 MiB")
}

/// `make bench-memory`: a million deliveries, each a new event. What is kept of events is bounded (`limits.history`,
/// `limits.remembered_ids`) and fills up first; after that nothing may grow.
func memory(in folder: URL) throws {
    let (filling, deliveries) = (150_000, 1_000_000)
    let reloader = try Contestant.reloader(in: folder)
    let child = try reloader.start()
    let connection = try Connection(port: reloader.port)
    func send(_ numbers: Range<Int>) throws -> Double {
        for number in numbers {
            let answer = try connection.send(Deliveries.request(number))
            guard answer.status == 202 else { throw Failure("delivery \(number) was answered \(answer.status)") }
        }
        return try child.residentMemory
    }
    let first = try send(0..<filling)
    let last = try send(filling..<filling + deliveries)
    try reloader.requireAllAccepted()
    report("\(deliveries) deliveries", ["before_mib": fixed(first, 1), "after_mib": fixed(last, 1)])
    require((last - first) * 1_048_576 < 10_000_000, "growth over \(deliveries) deliveries: under 10 MB")
}

/// Lets the system read the file anew, as after a boot. What was just written lies in its cache in large pieces, and each
/// counts as a whole for a process that uses a page of it: a third of the memory that is measured.
private func dropFromCache(_ path: String) {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return }
    defer { close(file) }
    fsync(file)
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
}
