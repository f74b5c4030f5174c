import Admin
import CelonisSimulator
import Dispatch
import Foundation
import Journal
import Logging
import ReloadQueue
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// The service with a journal: what a restart keeps, and what a bad disk does.
    @Suite("The journal")
    struct JournalTests {
        private func world(debounce: String, loadTime: Duration? = nil) async throws -> World {
            try await World(debounce: debounce, loadTime: loadTime) { text, folder in
                text + "\njournal: { path: \(folder.url.path)/journal.sqlite }\n"
            }
        }

        @Test("Q7: SIGTERM ends at once with 0; the next process has everything, and knows a copy for one")
        func restart() async throws {
            let world = try await world(debounce: "9m")
            let first = try await world.post(World.body("EKKO", id: "1"))
            #expect(first.status == 202)
            #expect(try await world.health().journal.enabled)
            #expect(try await world.health().journal.writable)
            world.service.interrupt()
            #expect(try await world.service.ended().status == 0)
            #expect(world.simulator.report.loadCount == 0)

            let next = try await Successor(world)
            let health = try await next.health()
            #expect(health.journal.recoveredChanges == 1)
            #expect(health.models["order-to-cash"]?.pendingTables == ["EKKO"])
            #expect(await next.program.line(with: "recovered from the journal", "changes=1 ") != nil)
            let copy = try await next.post(World.body("EKKO", id: "1"))
            #expect(copy.status == 200)
            #expect(copy.answer?.event == first.answer?.event)
            #expect(
                try await HTTPCaller.patient.post(
                    next.admin + "/api/v1/models/order-to-cash/flush",
                    headers: HeaderList(),
                    body: []
                ).status == 200
            )
            await world.loadsStarted(1)
            #expect(world.simulator.report.loads.map(\.tables) == [["EKKO"]])
            try await next.stop()
            await world.simulator.shutdown()
        }

        @Test("Q8: a load that runs while the process dies is watched to its end by the next, and not made twice")
        func answeredLoad() async throws {
            let world = try await world(debounce: "0s")
            world.service.interrupt()
            #expect(try await world.service.ended().status == 0)
            let dying = try await Successor(world, dyingAt: .answeredWritten)
            #expect(try await dying.post(World.body("EKKO", id: "1")).status == 202)
            #expect(try await dying.program.ended().status == 128 + SIGKILL)
            let next = try await Successor(world)
            world.simulator.finishLoad()
            try await next.settle()
            #expect(world.simulator.report.violations == [])
            #expect(world.simulator.report.loadCount == 1)
            #expect(try await next.health().models["order-to-cash"]?.lastLoad?.tables == ["EKKO"])
            try await next.stop()
            await world.simulator.shutdown()
        }

        @Test("a journal that cannot be opened: the end is 1, and the sentence names it")
        func notOpened() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("other.sqlite", String(repeating: "this is another program's file\n", count: 40))
            let text = World.configuration(
                celonis: "http://127.0.0.1:1",
                debounce: "1s",
                model: "",
                sections: "journal: { path: \(path) }"
            )
            let file = try folder.file("reloader.yaml", text)
            let end = try await Program("reloader", ["serve", "--config", file], environment: Successor.environment)
                .ended()
            #expect(end.status == 1, "\(end.errors)")
            #expect(end.errors.contains(path), "\(end.errors)")
        }

        @Test("one owner: a second process on the same journal is refused with 1")
        func oneOwner() async throws {
            let world = try await world(debounce: "9m")
            let end = try await Program(
                "reloader",
                ["serve", "--config", world.file],
                environment: Successor.environment
            ).ended()
            #expect(end.status == 1, "\(end.errors)")
            #expect(end.errors.contains("journal.sqlite"), "\(end.errors)")
            _ = try await world.stop()
        }

        @Test(
            "Q7: a file that others moved or wrote to: 503 and failing, and the end is 3 with every change by name",
            arguments: [true, false]
        )
        func lost(isMoved: Bool) async throws {
            let world = try await world(debounce: "9m")
            #expect(try await world.post(World.body("EKKO", id: "1")).status == 202)
            #expect(try await world.health().journal.writable)
            let path = world.folder.url.path + "/journal.sqlite"
            if isMoved { try FileManager.default.moveItem(atPath: path, toPath: path + "-old") }
            let other = Data("somebody else's".utf8)
            // In place where it was not moved.
            try other.write(to: URL(fileURLWithPath: path), options: [])
            while try await world.health().journal.writable {}
            let health = try await world.health()
            #expect(health.status == .failing)
            #expect(health.reasons.contains { $0.contains("in memory only") })
            #expect(try await world.post(World.body("EKPO", id: "2")).status == 503)
            let end = try await world.stop()
            #expect(end.status == 3, "\(end.errors)")
            #expect(end.errors.contains("not loaded: model order-to-cash, table EKKO, job job_"), "\(end.errors)")
            #expect(!end.errors.contains("table EKPO"), "its sender knows that it was not taken")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == other)
        }

        // MARK: In this process, on a disk that fails when it is told to

        @Test("Q6: 503 with Retry-After while the disk fails, health says why, and all is well by itself when it is")
        func badDisk() async throws {
            let disk = MemoryJournal.Disk()
            let local = try await Local(disk)
            #expect(try await local.post("EKKO", id: "1").status == 202)
            disk.failure = .unavailable("no space left on device")
            let refused = try await local.post("EKPO", id: "2")
            #expect(refused.status == 503)
            #expect(!refused.headers.values(named: "retry-after").isEmpty)
            let unmatched = try await local.send(Array(#"{"event":"other","id":"3"}"#.utf8))
            #expect(unmatched.status == 503, "nothing of it needs the disk, but 503 comes before 202")
            #expect(local.service.health.status == .failing)
            #expect(local.service.health.reasons.contains { $0.contains("no space left on device") })
            #expect(local.service.health.journal.writable == false)
            #expect(try await HTTPCaller.patient.get(local.base + "/health/ready").status == 503)
            #expect(try await local.post("EKKO", id: "3").status == 503)
            disk.failure = nil
            while try await HTTPCaller.patient.get(local.base + "/health/ready").status != 200 {}
            #expect(local.service.health.status == .ok)
            // Q16: the redelivery of what was refused is new; a copy of it is not.
            #expect(try await local.post("EKPO", id: "2").status == 202)
            #expect(try await local.post("EKPO", id: "2").status == 200)
            #expect(disk.image.jobs.flatMap { $0.changes.map(\.selector.description) } == ["EKKO", "EKPO"])
            await local.stop()
        }

        /// A disk of which each commit begins, tells `begun`, and goes on when `gate` is signalled.
        private func hangingDisk() -> (MemoryJournal.Disk, begun: AsyncStream<Void>, gate: DispatchSemaphore) {
            let disk = MemoryJournal.Disk()
            let gate = DispatchSemaphore(value: 0)
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            disk.beforeCommit { _ in
                begin.yield()
                gate.wait()
            }
            return (disk, begun, gate)
        }

        @Test("Q7: at the end of a full disk what is missing there is named, and nothing that is there")
        func drainOfAFullDisk() async throws {
            let disk = MemoryJournal.Disk()
            let local = try await Local(disk)
            #expect(try await local.post("EKKO", id: "1").status == 202)
            disk.failure = .unavailable("no space left on device")
            #expect(try await local.post("EKPO", id: "2").status == 503)
            let lost = await local.service.drain(timeout: .seconds(60))
            #expect(lost.map(\.table) == ["EKPO"])
            #expect(lost.allSatisfy { $0.reason.contains("no space left on device") })
            await local.service.close()
        }

        @Test("Q7: a second signal ends at once although the disk hangs, and names what is not there")
        func secondSignal() async throws {
            let (disk, begun, gate) = hangingDisk()
            let local = try await Local(disk)
            async let unanswered = local.post("EKKO", id: "1")
            for await _ in begun { break }
            async let first = local.service.drain(timeout: .seconds(3600))
            while try await HTTPCaller.patient.get(local.base + "/health/ready").status == 200 {}
            #expect(await local.service.drain(timeout: .zero).map(\.table) == ["EKKO"])
            gate.signal()
            _ = try await unanswered
            _ = await first
            await local.service.close()
        }

        @Test("a copy of an event that is still being written waits for that write")
        func copyWaits() async throws {
            let (disk, begun, gate) = hangingDisk()
            let local = try await Local(disk)
            async let first = local.post("EKKO", id: "1")
            for await _ in begun { break }
            async let copy = local.post("EKKO", id: "1")
            async let other = local.post("EKKO", id: "2")
            #expect(disk.commits.isEmpty)
            for _ in 0..<10 { gate.signal() }
            #expect(try await first.status == 202)
            #expect(try await copy.status == 200)
            #expect(try await other.status == 202)
            #expect(disk.commits.count == 1, "the other one needed no write of its own")
            disk.beforeCommit(nil)
            await local.stop()
        }

        @Test("events on tables that are on disk write nothing, however many come")
        func noWrites() async throws {
            let disk = MemoryJournal.Disk()
            let local = try await Local(disk)
            for number in 0..<200 { #expect(try await local.post("EKKO", id: "\(number)").status == 202) }
            #expect(disk.commits.count == 1)
            await local.stop()
            // Their ids are written at the end.
            #expect(disk.image.remembered.count == 200)
        }

        @Test("Q23: the disk remembers no more events than the memory, and the one that came last")
        func boundedMemory() async throws {
            let disk = MemoryJournal.Disk()
            let local = try await Local(disk, sections: "limits: { remembered_ids: 10 }")
            // Each a new table, and so a write.
            for number in 0..<50 { #expect(try await local.post("T\(number)", id: "\(number)").status == 202) }
            #expect(disk.image.remembered.count == 11)
            #expect(try await local.post("T49", id: "49").status == 200)
            await local.stop()
        }
    }
}

/// The next process on the same configuration.
private struct Successor {
    static let environment = [
        "SENDER_SECRET": World.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": World.clientSecret,
    ]

    let program: Program
    let base: String
    let admin: String

    init(_ world: World, dyingAt fault: FaultPoint? = nil) async throws {
        var environment = Self.environment
        environment["RELOADER_FAULT_POINT"] = fault.map { $0.rawValue + ":1" }
        program = try Program("reloader", ["serve", "--config", world.file], environment: environment)
        let line = try #require(await program.line(with: "listening"))
        base = "http://" + (try #require(World.value("address", in: line)))
        admin = "http://" + (try #require(World.value("admin", in: line)))
    }

    func post(_ body: [UInt8]) async throws -> (status: Int, answer: World.Answer?) {
        let answer = try await deliver(body, to: base)
        return (answer.status, try? JSONDecoder().decode(World.Answer.self, from: Data(answer.body)))
    }

    func health() async throws -> HealthReport {
        try HealthReport(json: try await HTTPCaller.patient.get(admin + "/health").body)
    }

    /// Waits until nothing is left to do.
    func settle() async throws {
        while true {
            let queue = try await health().queue
            if queue.waiting + queue.ready + queue.loading + queue.retrying == 0 { return }
        }
    }

    func stop() async throws {
        program.interrupt()
        #expect(try await program.ended().status == 0)
    }
}

/// The service in this process, on a journal in memory.
private struct Local {
    let service: RunningService
    let base: String

    init(_ disk: MemoryJournal.Disk, sections: String = "") async throws {
        let text = World.configuration(
            celonis: "http://127.0.0.1:1",
            debounce: "9m",
            model: "",
            sections: sections
        )
        let loaded = SettingsLoader.load(
            text: text,
            file: "local.yaml",
            secrets: FixedSecrets(variables: Successor.environment)
        )
        service = try await RunningService.start(
            try #require(loaded.configuration, "\(loaded.diagnostics)"),
            environment: [:],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            journal: MemoryJournal(disk),
            // However late a busy machine lets a test go on, no commit that it holds up is slow.
            journalLimits: JournalWriter.Limits(slow: .seconds(3600))
        )
        base = "http://\(service.listenAddress)"
    }

    func post(_ table: String, id: String) async throws -> HTTPCaller.Answer {
        try await send(World.body(table, id: id))
    }

    func send(_ body: [UInt8]) async throws -> HTTPCaller.Answer { try await deliver(body, to: base) }

    func stop() async {
        #expect(await service.drain(timeout: .seconds(60)).isEmpty)
        await service.close()
    }
}

private func deliver(_ body: [UInt8], to base: String) async throws -> HTTPCaller.Answer {
    try await SampleDelivery(
        source: try SourceSettings.fivetran(secret: World.secret),
        base: base,
        body: body,
        now: SystemClock().now().wall,
        messageID: "m"
    ).post(with: .patient)
}
