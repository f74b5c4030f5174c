import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// What is not taken in, and how that is said (product.md §3).
    @Suite("Refusals")
    struct RefusalTests {
        @Test("forged, unknown, oversized, unmatched and broken deliveries get their answers and load nothing")
        func refusals() async throws {
            let world = try await World()
            let good = World.body("EKKO", id: "1")

            let forged = try await world.post(good, signedWith: "another")
            #expect(forged.status == 401)
            #expect(forged.text.contains("\"status\":401"))

            let unknown = try await world.post(good, source: "nobody")
            #expect(unknown.status == 404)

            let oversized = try await world.post(World.body(String(repeating: "A", count: 3000), id: "1"))
            #expect(oversized.status == 413)

            let failed = try await world.post(World.body("EKKO", id: "1", status: "FAILURE"))
            #expect(failed.status == 202)
            #expect(failed.answer?.status == "unmatched")
            #expect(failed.answer?.jobs?.isEmpty == true)

            let test = try await world.post(Array(#"{"event":"test_event","connector_id":"_connector_1"}"#.utf8))
            #expect(test.status == 202)
            #expect(test.answer?.status == "unmatched")

            let broken = try await world.post(Array(#"{"event":"#.utf8))
            #expect(broken.status == 400)

            let method = try await HTTPCaller.patient.get(world.base + "/hooks/fivetran")
            #expect(method.status == 405)

            let health = try await world.health()
            #expect(health.sources["fivetran"]?.rejected == 4)
            #expect(health.sources["fivetran"]?.unmatched == 2)
            #expect(health.queue.pendingTables == 0)
            #expect(try await world.stop().status == 0)
            #expect(world.simulator.report.loadCount == 0)
        }

        @Test("Q16: a duplicate is answered 200 and changes nothing")
        func duplicate() async throws {
            let world = try await World()
            let body = World.body("EKKO", id: "1")
            let first = try await world.post(body)
            let second = try await world.post(body)
            #expect(first.status == 202)
            #expect(second.status == 200)
            #expect(second.answer?.status == "duplicate")
            #expect(second.answer?.event == first.answer?.event)
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            #expect(try await world.stop().status == 0)
            #expect(world.simulator.report.loadCount == 1)
        }

        @Test("Q16: after a failed job a redelivery is new")
        func afterFailure() async throws {
            let world = try await World()
            let body = World.body("EKKX", id: "1")
            let first = try await world.post(body)
            _ = try #require(await world.service.line(with: "outcome=failed"))
            let second = try await world.post(body)
            #expect(second.status == 202)
            #expect(second.answer?.event != first.answer?.event)
            _ = try await world.stop()
            #expect(world.simulator.report.loadCount == 0)
        }

        @Test("S7: neither secrets nor signatures show in logs, health, metrics or errors")
        func canary() async throws {
            let world = try await World()
            _ = try await world.post(World.body("EKKO", id: "1"))
            let forged = try await world.post(World.body("EKKO", id: "2"), signedWith: "another-canary")
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            let health = try await HTTPCaller.patient.get(world.admin + "/health")
            let metrics = try await HTTPCaller.patient.get(world.admin + "/metrics")
            let end = try await world.stop()
            let pages = [
                forged.text, String(decoding: health.body + metrics.body, as: UTF8.self), end.output, end.errors,
            ]
            for page in pages {
                #expect(!page.contains(World.secret))
                #expect(!page.contains("another-canary"))
                #expect(!page.contains(World.clientSecret))
                #expect(!page.contains("Bearer "))
            }
            #expect(end.errors.contains("delivery refused"), "debug logging was on, so the canary looked at something")
        }
    }
}
