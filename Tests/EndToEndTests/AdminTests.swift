import Admin
import CelonisSimulator
import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// The person on call: the API and the commands against the real service.
    @Suite("See it, ask it, steer it")
    struct AdminTests {
        private func get<Document: Decodable>(
            _ world: World,
            _ path: String,
            as type: Document.Type
        ) async throws -> Document {
            let answer = try await HTTPCaller.patient.get(world.admin + path)
            #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
            return try AdminJSON.decode(type, answer.body)
        }

        private func post(_ world: World, _ path: String, _ body: String = "", headers: HeaderList = HeaderList())
            async throws -> HTTPCaller.Answer
        {
            try await HTTPCaller.patient.post(world.admin + path, headers: headers, body: Array(body.utf8))
        }

        private func command(_ world: World, _ arguments: String...) async throws -> (status: Int32, text: String) {
            let program = try Program("reloader", arguments + ["--url", world.admin])
            let end = try await program.ended()
            return (end.status, end.output + end.errors)
        }

        @Test("a delivery is followed from its answer over the event and the job to the end of the load")
        func trail() async throws {
            let world = try await World(debounce: "10ms")
            let posted = try await world.post(World.body("ekko", id: "1"))
            _ = try await world.post(World.body("ekko", id: "1"))
            let id = try #require(posted.answer?.event)
            let jobID = try #require(posted.answer?.jobs?.first?.id)
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = await world.service.line(with: "job changed", "outcome=succeeded")

            let event = try await get(world, "/api/v1/events/\(id)", as: EventDocument.self)
            #expect(event.status == "accepted")
            #expect(event.secretPosition == 0)
            #expect(event.rules.map(\.matched) == [true])
            #expect(event.rules[0].reason.contains("EKKO"))
            #expect(event.jobs == [jobID])
            #expect(event.duplicates == 1)

            let job = try await get(world, "/api/v1/jobs/\(jobID)", as: JobDocument.self)
            #expect(job.outcome == "succeeded")
            #expect(job.events == [id])
            #expect(job.trail?.map(\.step) == ["waiting", "ready", "loading", "loading", "succeeded"])

            for subject in [id, jobID, "EKKO"] {
                let why = try await command(world, "why", subject)
                #expect(why.status == 0)
                #expect(why.text.contains("verified with secret 1"), "\(why.text)")
                #expect(why.text.contains("succeeded"), "\(why.text)")
                #expect(why.text.contains("delivered again 1 time,"), "\(why.text)")
            }
            let unknown = try await command(world, "why", "VBAK")
            #expect(unknown.status == 1)
            #expect(unknown.text.contains("No job that is known holds"))
            _ = try await world.stop()
        }

        @Test("why a rule did not match is told with what the event held")
        func unmatched() async throws {
            let world = try await World()
            let id = try #require(try await world.post(World.body("ekko", id: "1", status: "FAILED")).answer?.event)
            let listed = try await get(
                world,
                "/api/v1/events?status=unmatched&source=fivetran",
                as: ListDocument.Events.self
            )
            #expect(listed.events.map(\.id) == [id])
            #expect(listed.events[0].rules[0].reason == #"$.data.status is "FAILED", not "SUCCESSFUL""#)
            #expect(try await command(world, "why", id).text.contains("no rule matched"))
            _ = try await world.stop()
        }

        @Test("hold, flush, release and a change by hand act, in the API and on the command line")
        func verbs() async throws {
            let world = try await World(debounce: "1h", model: "    max_wait: 2h")
            #expect(try await command(world, "hold", "order-to-cash").text.contains("held"))
            #expect(try await post(world, "/api/v1/models/order-to-cash/flush").status == 409)
            let reload = try await post(world, "/api/v1/models/order-to-cash/reload", #"{"tables":["EKKO"]}"#)
            #expect(reload.status == 202)
            #expect(try AdminJSON.decode(JobDocument.self, reload.body).waitingFor == "the hold to be released")
            #expect(try await command(world, "release", "order-to-cash").text.contains("waiting"))
            let waiting = try await get(world, "/api/v1/models/order-to-cash", as: ModelDocument.self)
            #expect(waiting.pendingTables == ["EKKO"])
            #expect(waiting.configuration["debounce"] == "1h")
            #expect(waiting.poolID == "demo-pool")
            #expect(try await command(world, "flush", "order-to-cash").status == 0)
            await world.loadsStarted(1)
            let jobs = try await get(world, "/api/v1/jobs?state=loading", as: ListDocument.Jobs.self).jobs
            #expect(jobs.map(\.startReason) == ["flush"])
            world.simulator.finishLoad()
            _ = try await world.stop()
        }

        @Test("a failed job can be retried and discarded; other jobs cannot")
        func failedJobs() async throws {
            let world = try await World(debounce: "10ms")
            let posted = try await world.post(World.body("nosuchtable", id: "1"))
            let id = try #require(posted.answer?.jobs?.first?.id)
            _ = await world.service.line(with: "job changed", "state=failed")
            #expect(try await command(world, "retry", id).status == 0)
            _ = await world.service.line(with: "job changed", "state=failed", "reason")
            var failed = try await get(world, "/api/v1/jobs?state=failed", as: ListDocument.Jobs.self).jobs
            while failed.isEmpty {
                failed = try await get(world, "/api/v1/jobs?state=failed", as: ListDocument.Jobs.self).jobs
            }
            #expect(failed.map(\.id) == [id])
            #expect(try await command(world, "discard", id).text.contains("discarded"))
            #expect(try await post(world, "/api/v1/jobs/\(id)/discard").status == 409)
            #expect(try await post(world, "/api/v1/jobs/\(JobID(rawValue: 1))/retry").status == 404)
            _ = try await world.stop()
        }

        @Test("where a token is set, nothing but live and ready answers without it, and no verb acts")
        func token() async throws {
            let world = try await World(
                debounce: "9m",
                edit: { text, _ in
                    text.replacingOccurrences(
                        of: "admin: { address: 127.0.0.1:0 }",
                        with: "admin: { address: 127.0.0.1:0, token: \"literal:the-admin-token\" }"
                    )
                }
            )
            let caller = HTTPCaller.patient
            func status(_ method: String, _ path: String, _ authorization: String?) async throws -> Int {
                let headers = HeaderList(authorization.map { [("authorization", $0)] } ?? [])
                return try await caller.call(method, world.admin + path, headers: headers).status
            }
            let models = "/api/v1/models"
            for wrong in [nil, "Bearer the-admin-toke", "Bearer", "Basic dXNlcjp4"] {
                for path in ["/health", "/metrics", "/openapi.yaml", models, "/api/v1/jobs", "/api/v1/events", "/none"]
                {
                    #expect(try await status("GET", path, wrong) == 401, "\(path) \(wrong ?? "nothing")")
                }
                #expect(try await status("POST", models + "/order-to-cash/hold", wrong) == 401)
            }
            for path in ["/health/live", "/health/ready"] { #expect(try await status("GET", path, nil) == 200) }
            // `user:the-admin-token`
            for right in ["Bearer the-admin-token", "Basic dXNlcjp0aGUtYWRtaW4tdG9rZW4="] {
                let answer = try await caller.get(
                    world.admin + "/health",
                    headers: HeaderList([("authorization", right)])
                )
                #expect(answer.status == 200)
                #expect(try HealthReport(json: answer.body).queue.held == 0)
                #expect(try HealthReport(json: answer.body).models["order-to-cash"]?.held == false)
            }
            for (token, sentence) in [
                ("", "asks for admin.token"), ("other", "refuses the token in $RELOADER_ADMIN_TOKEN"),
            ] {
                let end = try await Program(
                    "reloader",
                    ["status", "--url", world.admin],
                    environment: ["RELOADER_ADMIN_TOKEN": token]
                ).ended()
                #expect(end.status == 1)
                #expect(end.errors.contains(sentence), "\(end.errors)")
            }
            await world.abandon()
        }

        @Test("bad requests get a problem that says what to do; nothing changes")
        func badRequests() async throws {
            let world = try await World()
            let reload = "/api/v1/models/order-to-cash/reload"
            for body in [
                "", "{", "[]", #"{"tables":"EKKO"}"#, #"{"tables":[""]}"#, #"{"tables":[]}"#, #"{"tables":[1]}"#,
            ] {
                let answer = try await post(world, reload, body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.headers.values(named: "content-type") == ["application/problem+json"])
            }
            #expect(try await post(world, "/api/v1/models/other/flush").status == 404)
            #expect(try await HTTPCaller.patient.get(world.admin + "/api/v1/jobs?limit=many").status == 400)
            #expect(try await HTTPCaller.patient.get(world.admin + reload).status == 405)
            let foreign = try await post(
                world,
                reload,
                #"{"tables":["EKKO"]}"#,
                headers: ["origin": "https://evil.example"]
            )
            #expect(foreign.status == 403)
            #expect(try await command(world, "flush", "other").status == 1)
            let jobs = try await get(world, "/api/v1/jobs", as: ListDocument.Jobs.self).jobs
            #expect(jobs.isEmpty)
            let page = try await HTTPCaller.patient.get(world.admin + "/openapi.yaml")
            #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("openapi: 3.1.0"))
            _ = try await world.stop()
        }
    }
}
