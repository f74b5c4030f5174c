import Admin
import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// `GET /api/v1/stream` and `GET /` of the real service.
    @Suite("The stream and the dashboard")
    struct StreamTests {
        private struct Event {
            var name: String
            var id: String?
            var data: String
        }

        private func follow(_ world: World, headers: String = "") throws -> (connection: Connection, head: String) {
            let connection = try Connection(to: world.admin)
            connection.send("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n".utf8)
            return (connection, connection.read(until: "event: status"))
        }

        private func events(_ text: String) -> [Event] {
            text.components(separatedBy: "\n\n").compactMap { block in
                var fields: [String: String] = [:]
                for line in block.split(separator: "\n") {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    if parts.count == 2 { fields[String(parts[0])] = String(parts[1].dropFirst()) }
                }
                return fields["event"].map { Event(name: $0, id: fields["id"], data: fields["data"] ?? "") }
            }
        }

        private func jobChanges(_ events: [Event]) throws -> [StreamMessage.JobChange] {
            try events.filter { $0.name == "job" }
                .map { try AdminJSON.decode(StreamMessage.JobChange.self, Array($0.data.utf8)) }
        }

        @Test("every change of a job comes in order with an id, and who comes again gets the rest")
        func order() async throws {
            let world = try await World(debounce: "10ms")
            let (connection, head) = try follow(world)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"))
            #expect(head.contains("\r\n\r\nretry: 2000\n\n"))
            let posted = try await world.post(World.body("ekko", id: "1"))
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            var text = connection.read(until: #""outcome":"succeeded""#)
            text += connection.read(until: "\n\n")
            let found = events(text)
            let changes = try jobChanges(found)
            #expect(changes.map(\.job.id) == Array(repeating: posted.answer?.jobs?.first?.id, count: changes.count))
            #expect(changes.map(\.job.state) == ["waiting", "ready", "loading", "loading", "ended"])
            let ids = found.compactMap(\.id)
            #expect(ids.count == 5)
            #expect(ids.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } } == [1, 2, 3, 4, 5])

            let (again, _) = try follow(world, headers: "Last-Event-ID: \(ids[2])\r\n")
            _ = try await HTTPCaller.patient.post(
                world.admin + "/api/v1/models/order-to-cash/hold",
                headers: HeaderList(),
                body: []
            )
            #expect(again.read(until: #""what":"held""#).contains("event: change"))
            let (missed, first) = try follow(world, headers: "Last-Event-ID: \(ids[2])\r\n")
            #expect(events(first).compactMap(\.id).prefix(2) == ids[3...])
            _ = missed
            _ = try await world.stop()
            // The service ends what it has begun.
            #expect(!connection.read(until: "never sent").contains("never sent"))
        }

        @Test("it needs the token, as Bearer or Basic, and a HEAD gets its head only")
        func token() async throws {
            let world = try await World(
                edit: { text, _ in
                    text.replacingOccurrences(
                        of: "admin: { address: 127.0.0.1:0 }",
                        with: "admin: { address: 127.0.0.1:0, token: \"literal:the-admin-token\" }"
                    )
                }
            )
            let caller = HTTPCaller.patient
            for path in ["/api/v1/stream", "/", "/dashboard.js", "/api/v1/timeline"] {
                let answer = try await caller.get(world.admin + path)
                #expect(answer.status == 401)
                #expect(answer.headers.values(named: "www-authenticate").first?.hasPrefix("Basic ") == true)
            }
            // `user:the-admin-token`
            for right in ["Bearer the-admin-token", "Basic dXNlcjp0aGUtYWRtaW4tdG9rZW4="] {
                #expect(try follow(world, headers: "Authorization: \(right)\r\n").head.contains(" 200 OK"))
                let head = try await caller.call(
                    "HEAD",
                    world.admin + "/api/v1/stream",
                    headers: HeaderList([("authorization", right)])
                )
                #expect(head.status == 200)
            }
            _ = try await world.stop()
        }

        @Test("a new configuration ends every stream, so that nobody follows with a token that holds no more")
        func reload() async throws {
            let world = try await World()
            let (connection, _) = try follow(world)
            try world.text.replacingOccurrences(of: "debounce: 300ms", with: "debounce: 301ms")
                .write(toFile: world.file, atomically: true, encoding: .utf8)
            #expect(!connection.read(until: "never sent").contains("never sent"))
            _ = try await world.stop()
        }

        @Test("the dashboard is served with a policy that lets nothing but itself run")
        func page() async throws {
            let world = try await World()
            let page = try await HTTPCaller.patient.get(world.admin + "/")
            #expect(page.status == 200)
            #expect(page.headers.values(named: "content-type") == ["text/html; charset=utf-8"])
            let policy = try #require(page.headers.values(named: "content-security-policy").first)
            for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"] {
                #expect(policy.contains(part))
            }
            for file in DashboardFile.allCases {
                let answer = try await HTTPCaller.patient.get(world.admin + "/\(file.rawValue)")
                #expect(answer.body == file.bytes)
                #expect(answer.headers.values(named: "x-content-type-options") == ["nosniff"])
            }
            _ = try await world.stop()
        }

        @Test("the time line has what happened to each model")
        func timeline() async throws {
            let world = try await World(debounce: "10ms")
            _ = try await world.post(World.body("ekko", id: "1"))
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            _ = await world.service.line(with: "job changed", "outcome=succeeded")
            let answer = try await HTTPCaller.patient.get(world.admin + "/api/v1/timeline?hours=1")
            let timeline = try AdminJSON.decode(TimelineDocument.self, answer.body)
            let model = try #require(timeline.models["order-to-cash"])
            #expect(model.events.map(\.count) == [1])
            #expect(model.jobs.map(\.outcome) == ["succeeded"])
            #expect(model.jobs[0].attempts.count == 1)
            #expect(timeline.eventsCompleteSince == nil)
            _ = try await world.stop()
        }
    }
}
