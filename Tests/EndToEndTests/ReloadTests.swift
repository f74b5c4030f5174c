import Admin
import CelonisSimulator
import Foundation
import ReloaderService
import Synchronization
import Testing
import Vocabulary

extension EndToEndTests {
    /// A new configuration in a running service (queue.md Q24).
    @Suite("Reloading the configuration")
    struct ReloadTests {
        /// How a file comes to hold another text.
        enum Change: CaseIterable {
            case writtenInPlace
            case renamedOver
            /// A Kubernetes ConfigMap: the file is a link into `..data`, which is a link that is turned.
            case dataLinkTurned
            /// The file lies in a folder that is a link.
            case folderLinkTurned

            func place(in folder: TemporaryFolder, _ text: String) throws -> String {
                let files = FileManager.default
                let path = folder.url.path
                switch self {
                case .writtenInPlace, .renamedOver: return try folder.file("reloader.yaml", text)
                case .dataLinkTurned:
                    try version("..v1", in: folder, text)
                    try files.createSymbolicLink(atPath: path + "/..data", withDestinationPath: "..v1")
                    try files.createSymbolicLink(
                        atPath: path + "/reloader.yaml",
                        withDestinationPath: "..data/reloader.yaml"
                    )
                    return path + "/reloader.yaml"
                case .folderLinkTurned:
                    try version("v1", in: folder, text)
                    try files.createSymbolicLink(atPath: path + "/current", withDestinationPath: "v1")
                    return path + "/current/reloader.yaml"
                }
            }

            func make(in folder: TemporaryFolder, _ text: String) throws {
                let path = folder.url.path
                switch self {
                case .writtenInPlace: _ = try folder.file("reloader.yaml", text)
                case .renamedOver:
                    #expect(rename(try folder.file("new", text), path + "/reloader.yaml") == 0)
                case .dataLinkTurned: try turn("..data", to: "..v2", in: folder, text)
                case .folderLinkTurned: try turn("current", to: "v2", in: folder, text)
                }
            }

            private func version(_ name: String, in folder: TemporaryFolder, _ text: String) throws {
                let version = folder.url.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: version, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: version.appendingPathComponent("reloader.yaml"))
            }

            private func turn(_ link: String, to name: String, in folder: TemporaryFolder, _ text: String) throws {
                try version(name, in: folder, text)
                let path = folder.url.path
                try FileManager.default.createSymbolicLink(atPath: path + "/new", withDestinationPath: name)
                #expect(rename(path + "/new", path + "/" + link) == 0)
            }
        }

        @Test("Q24: a changed file is noticed, however it was changed", arguments: Change.allCases)
        func changed(_ change: Change) async throws {
            let world = try await World(debounce: "9m", place: change.place)
            #expect(try await world.rule(for: "EKKO") == "tables")
            try change.make(in: world.folder, try world.text(replacing: "name: tables", with: "name: changed"))
            _ = try #require(await world.service.line(with: "configuration loaded"))
            #expect(try await world.rule(for: "EKKO") == "changed")
            let health = try await world.health()
            #expect(health.status == .ok && health.configuration.loadedAt > health.startedAt)
            #expect(health.sources["fivetran"]?.accepted == 2, "counters go on")
            #expect(health.models["order-to-cash"]?.pendingTables == ["EKKO"])
            await world.abandon()
        }

        @Test("SIGHUP reads the file at once, changed or not")
        func signal() async throws {
            let world = try await World()
            world.service.interrupt(SIGHUP)
            _ = try #require(await world.service.line(with: "configuration loaded"))
            #expect(try await world.stop().status == 0)
        }

        @Test("Q24: an invalid file changes nothing and shows in health, metrics and log until it is mended")
        func invalid() async throws {
            let world = try await World()
            try world.replaceFile(with: try world.text(replacing: "debounce:", with: "debounse:"))
            let line = try #require(await world.service.line(with: "configuration refused"))
            #expect(line.contains("error ") && line.contains("debounse"))
            let health = try await world.health()
            #expect(health.status == .degraded)
            let error = try #require(health.configuration.error)
            #expect(error.hasPrefix("\(world.file):11:5: unknown key"), "\(error)")
            #expect(health.reasons.contains { $0.contains(error) }, "\(health.reasons)")
            #expect(health.configuration.loadedAt == health.startedAt)
            #expect(try await world.configurationIsValid() == false)
            #expect(try await HTTPCaller.patient.get(world.base + "/health/ready").status == 200)
            #expect(try await world.rule(for: "EKKO") == "tables")

            try FileManager.default.removeItem(atPath: world.file)
            let missing = await world.service.line(2, with: "configuration refused")
            #expect(missing?.contains("cannot read the configuration file") == true)

            try world.replaceFile(with: world.text)
            _ = try #require(await world.service.line(with: "configuration loaded"))
            #expect(try await world.health().configuration.error == nil)
            #expect(try await world.configurationIsValid())
            await world.loadsStarted(1)
            world.simulator.finishLoad()
            #expect(try await world.stop().status == 0)
        }

        @Test("a secret's file is read again when it has changed; an empty one keeps the old secret and is reported")
        func secretFile() async throws {
            let world = try await World(debounce: "9m") { text, folder in
                let path = try folder.file("secret", World.secret + "\n")
                return text.replacingOccurrences(of: "[env:SENDER_SECRET]", with: "[file:\(path)]")
            }
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            _ = try world.folder.file("secret", "")
            let refused = try #require(await world.service.line(with: "configuration refused"))
            #expect(refused.contains("the secret is empty"))
            #expect(try await world.post(World.body("EKKO", id: "2")).status == 202)
            #expect(try await world.health().status == .degraded)

            _ = try world.folder.file("secret", "rotated\n")
            _ = try #require(await world.service.line(with: "configuration loaded"))
            #expect(try await world.post(World.body("EKKO", id: "3")).status == 401)
            #expect(try await world.post(World.body("EKKO", id: "3"), signedWith: "rotated").status == 202)
            #expect(
                try await world.post(World.body("EKKO", id: "2"), signedWith: "rotated").answer?.status == "duplicate",
                "what is remembered of events stays"
            )
            #expect(try await world.health().status == .ok)
            await world.abandon()
        }

        @Test("Q24: a connection survives, and a delivery on its way ends by the version that it began with")
        func connection() async throws {
            let world = try await World(debounce: "9m", sections: "limits: { body_timeout: 1h, idle_timeout: 1h }")
            let connection = try Connection(to: world.base)
            let first = try world.request(World.body("EKKO", id: "1"))
            connection.send(first.head + first.body)
            #expect(connection.read(until: "\r\n\r\n{").contains(" 202 "))

            let second = try world.request(World.body("EKPO", id: "2"), fields: "expect: 100-continue\r\n")
            connection.send(second.head)
            #expect(connection.read(until: "\r\n\r\n").contains(" 100 "), "the delivery has begun")
            connection.send(second.body.prefix(10))
            try await world.reload(
                to: try world.text(replacing: "secrets: [env:SENDER_SECRET]", with: "secrets: [literal:rotated]")
                    .replacingOccurrences(of: "name: tables", with: "name: changed")
            )
            connection.send(second.body.dropFirst(10))
            let answer = connection.read(until: "]}")
            #expect(answer.contains(" 202 ") && answer.contains("\"rule\":\"tables\""), "\(answer)")

            let third = try world.request(World.body("VBAP", id: "3"), signedWith: "rotated")
            connection.send(third.head + third.body)
            let last = connection.read(until: "]}")
            #expect(last.contains(" 202 ") && last.contains("\"rule\":\"changed\""), "\(last)")
            await world.abandon()
        }

        @Test("a changed address is open before the former one closes; one that cannot be opened refuses everything")
        func addresses() async throws {
            let world = try await World(debounce: "9m")
            let listen = "listen: { address: 127.0.0.1:0 }"
            let taken = try #require(URL(string: world.admin)?.port)
            try world.replaceFile(
                with: try world.text(replacing: listen, with: "listen: { address: 127.0.0.1:\(taken) }")
                    .replacingOccurrences(of: "name: tables", with: "name: changed")
            )
            let refused = try #require(await world.service.line(with: "configuration refused"))
            #expect(refused.contains("cannot listen on 127.0.0.1:\(taken): Address already in use"))
            #expect(try await world.health().configuration.error?.contains("cannot listen") == true)
            #expect(try await world.rule(for: "EKKO") == "tables")

            let idle = try Connection(to: world.base)
            try await world.reload(
                to: try world.text(replacing: listen, with: "listen: { address: localhost:0 }")
                    .replacingOccurrences(
                        of: "admin: { address: 127.0.0.1:0 }",
                        with: "admin: { address: localhost:0 }"
                    )
            )
            let moved = try #require(await world.service.line(with: "address changed", "key=listen"))
            let movedAdmin = try #require(await world.service.line(with: "address changed", "key=admin"))
            #expect(idle.read(until: "never").isEmpty, "the former address lets its connections go")
            let base = "http://" + (try #require(World.value("address", in: moved)))
            #expect(try await HTTPCaller.patient.get(base + "/health/ready").status == 200)
            #expect(throws: (any Error).self) { try Connection(to: world.base) }
            let admin = "http://" + (try #require(World.value("address", in: movedAdmin)))
            let health = try HealthReport(json: try await HTTPCaller.patient.get(admin + "/health").body)
            #expect(health.sources["fivetran"]?.accepted == 1, "counters go on")
            #expect(health.models["order-to-cash"]?.pendingTables == ["EKKO"], "open jobs survive")
            await world.abandon()
        }

        @Test(
            "Q10, Q24: open jobs keep their time; a removed model loads what is pending by its old settings, then goes"
        )
        func models() async throws {
            let world = try await World(debounce: "1h", model: "    max_wait: 2h")
            #expect(try await world.rule(for: "EKKO") == "tables")
            let before = try await world.health().models["order-to-cash"]
            try await world.reload(
                to: try world.text(replacing: "max_wait: 2h", with: "max_wait: 3h")
            )
            let after = try await world.health().models["order-to-cash"]
            #expect(after?.pendingSince == before?.pendingSince && after?.loadAt == before?.loadAt)

            let other = try world.text(replacing: "order-to-cash", with: "other")
                .replacingOccurrences(of: "data_model_id: demo-model", with: "data_model_id: other-model")
            try await world.reload(to: other, number: 2)
            #expect(try await world.health().models["order-to-cash"]?.loadAt == before?.loadAt)
            try await world.flush()
            await world.loadsStarted(1)
            #expect(try await world.rule(for: "EKPO") == "tables")
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(with: "model removed", "model=order-to-cash"))
            #expect(world.simulator.report.loads.map(\.tables) == [["EKKO"]])
            #expect(try await world.health().models.keys.sorted() == ["other"])
            await world.abandon()
        }

        @Test("what is lost at the end is named in the form that the log has by then")
        func lostInTheNewForm() async throws {
            let world = try await World(
                faults: [Fault(.reset, count: nil)],
                sections: "limits: { drain_timeout: 300ms }"
            )
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            await world.faultyCalls(1)
            try await world.reload(to: try world.text(replacing: "{ level: debug }", with: "{ format: json }"))
            let end = try await world.stop()
            #expect(end.status == 3)
            let lost = end.errors.split(separator: "\n").filter { $0.contains("not loaded") }
            #expect(lost.count == 1 && lost.allSatisfy { $0.hasPrefix("{") }, "\(end.errors)")
        }

        @Test("a running load ends on the client that it began with, the next one goes where the new settings say")
        func celonis() async throws {
            let world = try await World()
            let other = try await CelonisSimulator.start(
                SimulatorConfiguration(models: [SimulatedModel(loadTime: .zero)]),
                host: "127.0.0.1",
                port: 0,
                clock: SystemClock()
            )
            _ = try await world.rule(for: "EKKO")
            await world.loadsStarted(1)
            try await world.reload(to: try world.text(replacing: world.simulator.baseURL, with: other.baseURL))
            _ = try await world.rule(for: "EKPO")
            #expect(other.report.calls.isEmpty, "the model is loading")
            world.simulator.finishLoad()
            _ = try #require(await world.service.line(2, with: "state=ended", "outcome=succeeded"))
            #expect(world.simulator.report.loads.map(\.tables) == [["EKKO"]])
            #expect(other.report.loads.map(\.tables) == [["EKPO"]])
            #expect(world.simulator.report.violations == [] && other.report.violations == [])
            #expect(try await world.stop().status == 0)
            await other.shutdown()
        }

        @Test("log settings change at once; what changes at the next start only is said")
        func logAndThreads() async throws {
            let world = try await World()
            try await world.reload(
                to: try world.text(replacing: "log: { level: debug }", with: "log: { level: warning, format: json }")
                    .replacingOccurrences(of: "listen: {", with: "listen: { threads: 3,")
            )
            let line = try #require(await world.service.line(with: "holds from the next start on"))
            #expect(line.contains(#""key":"listen.threads""#), "\(line)")
            let end = try await world.stop()
            #expect(end.status == 0)
            #expect(!end.errors.contains("\"stopped\"") && !end.errors.contains(" stopped "), "below the level")
        }

        @Test("Q1, Q24: a storm of deliveries during 50 reloads: each is answered 2xx by one version, and none is lost")
        func storm() async throws {
            let world = try await World(debounce: "20ms", loadTime: .milliseconds(5)) { text, _ in
                text.replacingOccurrences(of: "log: { level: debug }", with: "log: { level: info }")
            }
            // The versions differ in rule, mapping, model and secret: an answer shows which one an event saw.
            let other = try world.text(replacing: "order-to-cash", with: "renamed")
                .replacingOccurrences(of: "name: tables", with: "name: lower")
                .replacingOccurrences(of: "case: upper", with: "case: upper, replace: { pattern: EKKO, with: VBAK }")
            let isOver = Flag()
            let sent = try await withThrowingTaskGroup(of: [String].self) { group in
                for sender in 0..<3 {
                    group.addTask {
                        var seen: [String] = []
                        while !isOver.isSet {
                            let answer = try await world.post(World.body("EKKO", id: "\(sender)-\(seen.count)"))
                            #expect(answer.status == 202, "\(answer.text)")
                            let job = try #require(answer.answer?.jobs?.first)
                            seen.append("\(job.model) \(job.rule) \(job.tables)")
                        }
                        return seen
                    }
                }
                for number in 1...50 {
                    try await world.reload(to: number.isMultiple(of: 2) ? world.text : other, number: number)
                }
                isOver.set()
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let versions = [#"order-to-cash tables ["EKKO"]"#, #"renamed lower ["VBAK"]"#]
            #expect(Set(sent) == Set(versions))
            let health = try await world.health()
            #expect(health.sources["fivetran"]?.accepted == UInt64(sent.count))
            let end = try await world.stop()
            #expect(end.status == 0, "every accepted change was loaded: \(end.errors.suffix(2000))")
            let report = world.simulator.report
            #expect(Set(report.loads.flatMap(\.tables)) == ["EKKO", "VBAK"])
            #expect(report.violations == [])
        }

        @Test("a service that read its configuration from a pipe does not wait for another one, and ends")
        func pipe() async throws {
            let folder = try TemporaryFolder()
            let path = folder.url.appendingPathComponent("pipe").path
            #expect(mkfifo(path, 0o600) == 0)
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
            let service = try Program(
                "reloader",
                ["serve", "--config", path],
                environment: ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
            )
            try Data((text + "\nlimits: { drain_timeout: 1ms }\n").utf8).write(to: URL(fileURLWithPath: path))
            _ = try #require(await service.line(with: "listening"))
            service.interrupt(SIGHUP)
            _ = try #require(await service.line(with: "configuration refused", "no file that can be read again"))
            service.interrupt()
            #expect(try await service.ended().status == 0)
        }
    }
}

/// Set once, by one task, for others.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
