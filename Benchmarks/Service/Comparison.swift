import Foundation
import Measuring

/// `make bench`.
func compare(in folder: URL) throws {
    let floor = try Contestant.floor()
    let webhook = try Contestant.webhook(in: folder)
    let reloader = try Contestant.reloader(in: folder)
    let journaled = try Contestant.reloader(in: folder, journal: true)
    let hasJournal = try journaled.isAccepted()
    let contestants = [floor, webhook, reloader] + (hasJournal ? [journaled] : [])

    let speed = try Speed(script: "Benchmarks/Service/deliveries.lua", folder: folder)
    let runs = try speed.measure(contestants, rounds: 3)
    let medians = runs.map(Run.median)
    for (contestant, run) in zip(contestants, medians) {
        let counts = contestant.name == webhook.name ? nil : try Counts.measure(contestant, folder: folder)
        report(
            contestant.name,
            [
                "requests/s": fixed(run.requestsPerSecond, 0), "p99_ms": fixed(run.p99, 2),
                "cpu_us": fixed(run.costPerRequest, 2),
                "cpu_ratio": fixed(run.costPerRequest / medians[0].costPerRequest, 2),
                "rss_mib": fixed(run.memory, 1), "instructions": counts.map { fixed($0.instructions, 0) } ?? "-",
                "allocations": counts.map { fixed($0.allocations, 1) } ?? "-",
            ]
        )
    }
    let cost = medians[0].costPerRequest
    require(medians[2].costPerRequest <= 1.8 * cost, "processor time of a request: at most 1.8 × floor")
    if hasJournal {
        require(medians[3].costPerRequest <= 2 * cost, "with journal: at most 2.0 × floor")
    } else {
        print("with journal: not measured")
    }
    require(
        medians[2].requestsPerSecond >= 2.5 * medians[1].requestsPerSecond,
        "requests a second: at least 2.5 × webhook"
    )
    require(medians[2].p99 <= medians[1].p99, "p99: no worse than webhook's")
}

extension Run {
    /// Of each number by itself.
    static func median(_ runs: [Run]) -> Run {
        func median<Value: Comparable>(_ value: (Run) -> Value) -> Value { runs.map(value).sorted()[runs.count / 2] }
        return Run(
            requests: median(\.requests),
            requestsPerSecond: median(\.requestsPerSecond),
            p99: median(\.p99),
            costPerRequest: median(\.costPerRequest),
            memory: median(\.memory)
        )
    }
}
