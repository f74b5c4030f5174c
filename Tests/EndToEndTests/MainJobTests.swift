import CelonisSimulator
import Foundation
import Testing
import Vocabulary

extension EndToEndTests {
    /// Deliveries become loads, through real sockets and the real binary.
    @Suite("The main job")
    struct MainJobTests {
        @Test("Q11, Q14: a burst becomes exactly one partial load of exactly the union")
        func burst() async throws {
            let world = try await World(debounce: "2s")
            // Without an await between them, after which a busy machine may go on too late for the debounce.
            let connection = try Connection(to: world.base)
            for (index, table) in ["EKPO", "EKKO", "VBAK", "EKKO", "VBAP"].enumerated() {
                let request = try world.request(World.body(table, id: "sync-\(index)"))
                connection.send(request.head + request.body)
                let answer = connection.read(until: "]}")
                #expect(answer.contains(" 202 ") && answer.contains(#""status":"accepted""#), "\(answer)")
                #expect(answer.contains(#""tables":["\#(table)"]"#), "\(answer)")
            }
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "outcome=succeeded"))
            let report = world.simulator.report
            #expect(report.loadCount == 1)
            #expect(report.loads.first?.kind == .partial)
            #expect(report.loads.first?.tables.sorted() == ["EKKO", "EKPO", "VBAK", "VBAP"])
            #expect(report.violations == [])
            let health = try await world.health()
            #expect(health.status == .ok)
            #expect(health.queue.pendingTables == 0)
            #expect(health.models["order-to-cash"]?.lastLoad?.outcome == "succeeded")
            #expect(health.sources["fivetran"]?.accepted == 5)
            #expect(try await world.stop().status == 0)
        }

        @Test("Q1, Q3, Q4: events during a load become exactly one more, after it")
        func duringALoad() async throws {
            let world = try await World()
            _ = try await world.post(World.body("EKKO", id: "1"))
            await world.loadsStarted(1)
            for (index, table) in ["EKKO", "EKPO", "LIKP"].enumerated() {
                let (status, _, text) = try await world.post(World.body(table, id: "during-\(index)"))
                #expect(status == 202, "\(text)")
            }
            let running = try await world.health()
            #expect(running.models["order-to-cash"]?.state == "loading")
            #expect(running.models["order-to-cash"]?.pendingTables == ["EKKO", "EKPO", "LIKP"])
            world.simulator.finishLoad()
            await world.loadsStarted(2)
            world.simulator.finishLoad()
            #expect(try await world.stop().status == 0)
            let report = world.simulator.report
            #expect(report.loads.map { $0.tables.sorted() } == [["EKKO"], ["EKKO", "EKPO", "LIKP"]])
            #expect(report.violations == [])
        }

        @Test("Q1: Celonis is down for a while and nothing is lost")
        func outage() async throws {
            let world = try await World(faults: [Fault(.reset, count: nil)])
            let (status, _, _) = try await world.post(World.body("EKKO", id: "1"))
            #expect(status == 202)
            await world.faultyCalls(3)
            _ = try await world.post(World.body("BKPF", id: "2"))
            let waiting = try await world.health()
            #expect(waiting.queue.pendingTables == 2)
            #expect(waiting.reasons.contains { $0.contains("cannot be loaded at present") }, "\(waiting.reasons)")
            world.simulator.clearFaults()
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "outcome=succeeded"))
            #expect(world.simulator.report.loads.map { $0.tables.sorted() } == [["BKPF", "EKKO"]])
            #expect(try await world.health().reasons == [])
            #expect(try await world.stop().status == 0)
        }

        @Test("Q20: unknown tables become a failed job of their own while the rest loads")
        func unknownTable() async throws {
            let world = try await World(debounce: "9m")
            _ = try await world.post(World.body("EKKO", id: "1"))
            _ = try await world.post(World.body("EKKX", id: "2"))
            try await world.flush()
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "outcome=succeeded"))
            #expect(world.simulator.report.loads.map(\.tables) == [["EKKO"]])
            let health = try await world.health()
            #expect(health.status == .degraded)
            #expect(health.queue.failed == 1)
            #expect(health.reasons.contains { $0.contains("EKKX") && $0.contains("reloader retry job_") })
            #expect(world.simulator.report.violations == [])
            _ = try await world.stop()
        }
    }
}
