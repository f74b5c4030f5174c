import CelonisSimulator
import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// What SIGTERM does without a journal (queue.md Q7).
    @Suite("Draining")
    struct DrainTests {
        @Test("Q7: what is pending is loaded at once, and the end is 0")
        func flushes() async throws {
            let world = try await World(debounce: "9m", sections: "limits: { drain_timeout: 1h }")
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            world.service.interrupt()
            await world.loadsStarted(1)
            let refused = try await world.post(World.body("EKPO", id: "2"))
            #expect(refused.status == 503)
            // Also what no rule matches is for the successor's books; a duplicate and a forgery are known for what they are.
            #expect(try await world.post(World.body("EKPO", id: "3", status: "FAILURE")).status == 503)
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 200)
            #expect(try await world.post(World.body("EKPO", id: "4"), signedWith: "forged").status == 401)
            #expect(try await HTTPCaller.patient.get(world.base + "/health/ready").status == 503)
            #expect(try await HTTPCaller.patient.get(world.base + "/health/live").status == 200)
            #expect(try await world.health().status == .ok)
            world.simulator.finishLoad()
            let end = try await world.service.ended()
            #expect(end.status == 0, "\(end.errors)")
            #expect(world.simulator.report.loads.map(\.tables) == [["EKKO"]])
            #expect(world.simulator.report.violations == [])
            await world.simulator.shutdown()
        }

        @Test("Q7: what cannot be loaded in time is named, and the end is 3")
        func namesTheLost() async throws {
            let world = try await World(
                faults: [Fault(.reset, count: nil)],
                sections: "limits: { drain_timeout: 300ms }"
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            await world.faultyCalls(1)
            let end = try await world.stop()
            #expect(end.status == 3, "\(end.errors)")
            #expect(end.errors.contains("not loaded: model order-to-cash, table EKKO, job job_"), "\(end.errors)")
        }

        @Test("a second signal ends the drain at once, still naming what is lost")
        func secondSignal() async throws {
            let world = try await World()
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            await world.loadsStarted(1)
            world.service.interrupt()
            _ = try #require(await world.service.line(with: "draining", "timeout=\"30.0 seconds\""))
            world.service.interrupt(SIGINT)
            let end = try await world.service.ended()
            #expect(end.status == 3, "\(end.errors)")
            #expect(end.errors.contains("table EKKO"))
            await world.simulator.shutdown()
        }
    }
}
