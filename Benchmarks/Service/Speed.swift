import Foundation

/// What one contestant did under load.
struct Run {
    var requests: Int
    var requestsPerSecond: Double
    /// Milliseconds.
    var p99: Double
    /// Microseconds of processor time, in user and system.
    var costPerRequest: Double
    /// MiB, at the run's end.
    var memory: Double
}

/// Lets `wrk` send deliveries to each contestant in turn, round after round, so that whatever slows the machine down slows
/// all of them.
struct Speed {
    private static let connections = 32
    private static let seconds = 4
    private static let warmUp = 3
    /// More than the event ids that reloader remembers (`limits.remembered_ids`), so that one which is sent again is new.
    private static let numbers = 150_000

    private let script: String
    private let template: URL
    private let signatures: URL

    /// Signs the deliveries.
    init(script: String, folder: URL) throws {
        self.script = script
        template = folder.appendingPathComponent("request")
        signatures = folder.appendingPathComponent("signatures")
        try Deliveries.template.write(to: template, atomically: true, encoding: .utf8)
        let lines = try (0..<Self.numbers).map { try Deliveries.signature($0) + "\n" }.joined()
        try lines.write(to: signatures, atomically: true, encoding: .utf8)
    }

    /// Every contestant's runs, in the order of the contestants.
    func measure(_ contestants: [Contestant], rounds: Int) throws -> [[Run]] {
        let children = try contestants.map { try $0.start() }
        var runs = contestants.map { _ in [Run]() }
        var firsts = contestants.map { _ in 0 }
        for round in 0..<rounds {
            for index in Self.order(of: contestants.count, in: round) {
                let contestant = contestants[index]
                // At first some that do not count, for the same reason.
                for isWarmUp in [true, false] {
                    let seconds = isWarmUp ? Self.warmUp : Self.seconds
                    let run = try run(contestant, children[index], from: firsts[index], seconds: seconds)
                    // Beyond those that were sent and not answered.
                    firsts[index] = (firsts[index] + run.requests + 1000) % Self.numbers
                    if !isWarmUp { runs[index].append(run) }
                }
            }
        }
        for contestant in contestants { try contestant.requireAllAccepted() }
        for child in children { child.stop() }
        return runs
    }

    /// Each comes after each other one equally often (Williams' design): whoever came after `webhook`, which keeps both
    /// processors busy, took 5 to 15 % more of them, so that the service without a journal seemed to cost more than with
    /// one.
    private static func order(of count: Int, in round: Int) -> [Int] {
        (0..<count).map { place in
            ((place.isMultiple(of: 2) ? count - place / 2 : (place + 1) / 2) + round) % count
        }
    }

    private func run(_ contestant: Contestant, _ child: Child, from first: Int, seconds: Int) throws -> Run {
        let before = try child.processorTime
        let wrk = try Child(
            [
                "/usr/bin/wrk", "--threads", "1", "--connections", "\(Self.connections)", "--duration", "\(seconds)s",
                "--script", script, "http://127.0.0.1:\(contestant.port)\(Deliveries.path)", "--", template.path,
                signatures.path, "\(first)",
            ],
            output: .pipe
        )
        let output = String(decoding: wrk.output?.fileHandleForReading.readDataToEndOfFile() ?? Data(), as: UTF8.self)
        let result = output.split(separator: "\n").first { $0.hasPrefix("RESULT ") }?.split(separator: " ")
        guard wrk.waitUntilEnd() == 0, let numbers = result?.dropFirst().compactMap({ Double($0) }), numbers.count == 4
        else { throw Failure("wrk failed: \(output)") }
        guard numbers[3] == 0 else { throw Failure("\(contestant.name): \(Int(numbers[3])) errors of wrk") }
        return Run(
            requests: Int(numbers[0]),
            requestsPerSecond: numbers[0] / numbers[1] * 1e6,
            p99: numbers[2] / 1000,
            costPerRequest: (try child.processorTime - before) / numbers[0] * 1e6,
            memory: try child.residentMemory
        )
    }
}

extension Contestant {
    /// Of reloader: that every delivery verified, was new and matched, by its own metrics.
    func requireAllAccepted() throws {
        guard let adminPort else { return }
        let request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        let metrics = try Connection(port: adminPort).send(Array(request.utf8)).body
        let name = "reloader_deliveries_total{source=\"\(Deliveries.source)\",outcome="
        for line in metrics.split(separator: "\n") where line.hasPrefix(name) && !line.hasSuffix(" 0") {
            guard line.hasPrefix(name + "\"accepted\"") else { throw Failure("\(self.name): \(line)") }
        }
    }
}
