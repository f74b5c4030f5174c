import Celonis
import CelonisSimulator
import Synchronization
import Testing
import Vocabulary

@Suite("Every guess about Celonis")
struct GuessTests {
    /// Starts a load that is not ours when the next look has been answered and before we can act on it.
    private final class Sniper: Sendable {
        private let state = Mutex<(simulator: CelonisSimulator?, armed: Bool)>((nil, false))

        func aim(at simulator: CelonisSimulator) { state.withLock { $0.simulator = simulator } }
        func arm() { state.withLock { $0.armed = true } }

        func saw(_ event: SimulatorEvent) {
            guard case .called(let call) = event, call.endpoint == .lastLoad, !call.faulty else { return }
            let target = state.withLock { state -> CelonisSimulator? in
                defer { state.armed = false }
                return state.armed ? state.simulator : nil
            }
            target?.startExternalLoad(loadTime: .seconds(30))
        }
    }

    @Test(
        "Q1, Q3, Q21, Q22, Q28, Q29: under every two guesses together no rule is broken and nothing is lost",
        arguments: Guess.all
    )
    func pairs(_ guess: Guess) async throws {
        let sniper = Sniper()
        try await withBench(guess.simulated, credentials: guess.credentials, onEvent: sniper.saw) { bench in
            sniper.aim(at: bench.simulator)
            let queue = QueueBench(bench, policy: guess.policy) { number in
                if guess.others == .justBeforeOurPOST, number % 3 == 1 { sniper.arm() }
            }
            let simulator = bench.simulator
            if guess.others == .nowAndThen {
                for number in 1...8 {
                    bench.clock.at(.seconds(number * 170)) { simulator.startExternalLoad(loadTime: .seconds(60)) }
                }
            }
            // The load without which some Celonis might make no partial one.
            bench.clock.at(.seconds(500)) { simulator.startExternalLoad() }
            if guess.list == .getsNewIDs {
                bench.clock.at(.seconds(800)) { simulator.setTables(SimulatedTable.sap.map(\.addedAgain)) }
            }
            let bursts: [(Int, [String])] = [
                (10, ["EKKO", "EKPO"]), (45, ["EKKO"]), (60, ["VBAK", "EKPO"]), (600, ["EKPO", "VBAP"]),
                (900, ["EKKO", "VBAK"]), (905, ["BSEG"]), (1600, ["EKKO", "LFA1"]),
            ]
            for (time, tables) in bursts { queue.change(tables, at: .seconds(time)) }
            try await queue.run()

            #expect(simulator.report.violations == [])
            let loaded = queue.loaded
            for event in queue.events {
                let isLoaded = loaded.contains { $0.frozenAt >= event.at && $0.tables.contains(event.table) }
                let isNamed = queue.jobs.contains { $0.state == .failed && $0.tables.contains(event.table) }
                #expect(isLoaded || isNamed && guess.mayFail(event.table), "\(event) was lost")
            }
            #expect(queue.jobs.allSatisfy { $0.state == .ended || $0.state == .failed })
        }
    }
}

extension SimulatedTable {
    /// Removed and added again: a table of the same name with another id.
    fileprivate var addedAgain: Self {
        Self(id: id == "table-ekpo" ? id : id + "-2", name: name, alias: alias, dataSourceID: dataSourceID)
    }
}
