import Celonis
import CelonisSimulator
import Testing
import Vocabulary

/// Every answer that the unknown parts of the API could give, with a fifth of all calls faulty: a caller that does no
/// more than look, run and try again never breaks a rule of the simulator and gets every set loaded.
@Suite("Every guess about Celonis, under faults")
struct GuessTests {
    private static let faults: [Fault] = [
        Fault(.reset, endpoint: .partialSync, count: nil, share: 0.1),
        Fault(.reset, endpoint: .partialSync, count: nil, share: 0.1, processed: true),
        Fault(endpoint: .partialSync, count: nil, share: 0.1, processed: true, status: 504),
        Fault(endpoint: .partialSync, count: nil, share: 0.1, status: 503),
        Fault(.reset, count: nil, share: 0.05),
        Fault(count: nil, share: 0.05, status: 502, body: "<html><title>Bad Gateway</title></html>"),
        Fault(count: nil, share: 0.05, status: 429, headers: ["x-ratelimit-reset": "3"]),
        Fault(endpoint: .lastLoad, count: nil, share: 0.05, status: 200, body: "?"),
    ]

    @Test(
        "Q3, Q21, Q22, Q28: no overlap, nothing lost",
        arguments: SimulatedBehaviour.SecondTrigger.allCases,
        [UInt64(1), 2, 3, 4]
    )
    func guesses(second: SimulatedBehaviour.SecondTrigger, seed: UInt64) async throws {
        var simulated = SimulatorConfiguration(faults: Self.faults, seed: seed)
        simulated.models[0].loadTime = .seconds(40)
        simulated.behaviour.secondTrigger = second
        simulated.behaviour.staleTime = .seconds(15)
        simulated.behaviour.dates = seed.isMultiple(of: 2) ? .iso : .epoch
        simulated.behaviour.neverLoaded = SimulatedBehaviour.NeverLoaded.allCases[Int(seed) - 1]
        simulated.behaviour.omittedFields = seed > 2 ? ["dataLoadId"] : []
        simulated.credentials.tokenLifetime = .seconds(100)
        try await withBench(simulated) { bench in
            for hour in 1...20 {
                let simulator = bench.simulator
                bench.clock.at(.seconds(hour * 170)) { simulator.startExternalLoad() }
            }
            for table in SimulatedTable.sap.map(\.name) {
                let before = bench.loads.count
                await loadAtLast(table, bench)
                #expect(bench.loads.dropFirst(before).contains([table]), "seed \(seed): \(table) was lost")
            }
            #expect(bench.simulator.report.violations == [], "seed \(seed)")
        }
    }

    /// What the queue does, in its simplest form.
    private func loadAtLast(_ table: String, _ bench: Bench) async {
        for _ in 0..<1000 {
            try? await bench.clock.sleep(until: bench.clock.now().monotonic + .seconds(5))
            guard case .free = await bench.client.look(at: Bench.model) else { continue }
            switch await bench.run([table]).end {
            case .succeeded, .succeededWithWarnings: return
            case .failed, .unconfirmed: continue
            case .dryRun, .nothingToLoad: Issue.record("\(table) is unknown")
            }
        }
        Issue.record("\(table) was never loaded")
    }
}
