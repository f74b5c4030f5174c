import CelonisSimulator
import Foundation
import Testing
import Vocabulary

extension EndToEndTests {
    /// `before` and `dry_run` with the real binary.
    @Suite("Before a load, and instead of it")
    struct BeforeTests {
        private func world() async throws -> World {
            try await World(
                debounce: "0s",
                model: "    before: { data_job: demo-job, mode: full }",
                simulated: SimulatorConfiguration(
                    models: [SimulatedModel(loadTime: nil, dataJob: SimulatedDataJob(runTime: nil))]
                )
            )
        }

        @Test("extraction finished → data job → load: the load is asked for after the job's success only")
        func chain() async throws {
            let world = try await world()
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            await world.answered(1, .executeDataJob)
            // What changes while the data job runs is loaded after another run of it.
            #expect(try await world.post(World.body("EKPO", id: "2")).status == 202)
            await world.answered(3, .dataJob)
            #expect(world.simulator.report.loads == [])
            #expect(world.simulator.finishDataJob())
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            await world.answered(2, .executeDataJob)
            #expect(world.simulator.finishDataJob())
            await world.loadsStarted(2)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(2, with: "outcome=succeeded"))
            let report = world.simulator.report
            #expect(report.loads.map(\.tables) == [["EKKO"], ["EKPO"]])
            #expect(report.violations == [])
            let end = try await world.stop()
            #expect(end.status == 0)
            #expect(end.errors.contains("/data-jobs/demo-job/execute?mode=FULL"))
        }

        @Test("a data job that fails is a failed attempt: nothing is loaded until one has succeeded")
        func failing() async throws {
            let world = try await world()
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            await world.answered(1, .executeDataJob)
            #expect(world.simulator.finishDataJob(SimulatedModelID(), "FAIL"))
            await world.answered(2, .executeDataJob)
            #expect(world.simulator.report.loads == [])
            #expect(try await world.health().reasons.contains { $0.contains("the data job ended with FAIL") })
            #expect(world.simulator.finishDataJob())
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "outcome=succeeded"))
            #expect(world.simulator.report.violations == [])
            #expect(try await world.stop().status == 0)
        }

        @Test("a dry run does everything but the POSTs", arguments: [false, true])
        func dryRun(before: Bool) async throws {
            let world = try await World(
                debounce: "0s",
                model: before ? "    before: { data_job: demo-job }" : "",
                simulated: SimulatorConfiguration(models: [SimulatedModel(dataJob: before ? SimulatedDataJob() : nil)]),
                edit: { text, _ in text.replacingOccurrences(of: "celonis:\n", with: "celonis:\n  dry_run: true\n") }
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            _ = try #require(await world.service.line(with: "outcome=dry_run"))
            let calls = world.simulator.report.callCounts
            #expect(Set(calls.keys) == [.token, .tables, .lastLoad])
            #expect(try await world.health().queue.pendingTables == 0)
            #expect(try await world.stop().status == 0)
        }
    }
}
