import Admin
import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Synchronization
import Testing
import Vocabulary

/// A service with a journal that dies and comes back, a simulated Celonis that stays, and senders that remember what
/// they were answered.
final class CrashWorld: Sendable {
    /// Tables that are changed once each, so that it shows when one of them is never loaded.
    static let tables = 1000
    /// Tables that are changed again and again.
    static let hotTables = 4

    let simulator: CelonisSimulator
    let folder: TemporaryFolder
    let file: String
    private let state = Mutex(State())

    private struct State {
        var nextTable = 0
        var nextSync = 0
        /// What was answered with a 2xx: the table, and when its delivery was sent.
        var accepted: [(table: String, sentAt: WallTime)] = []
        /// Every load that Celonis began.
        var loads: [(tables: Set<String>, at: WallTime)] = []
        var violations: [String] = []
        var tally: [Mark: Int] = [:]
        var waiters: [(mark: Mark, count: Int, call: CheckedContinuation<Void, Never>)] = []
    }

    /// What a round may wait for before it kills.
    enum Mark: CaseIterable { case answer, loadStarted, loadEnded, senderEnded }

    init(debounce: String = "20ms") async throws {
        let known = (0..<Self.tables).map { "T\($0)" } + (0..<Self.hotTables).map { "HOT\($0)" }
        let model = SimulatedModel(
            tables: known.map { SimulatedTable(id: "id-\($0)", name: $0) },
            loadTime: .milliseconds(5)
        )
        let link = Link()
        simulator = try await CelonisSimulator.start(
            SimulatorConfiguration(models: [model]),
            host: "127.0.0.1",
            port: 0,
            clock: SystemClock()
        ) { link.world?.note($0) }
        folder = try TemporaryFolder()
        let text = World.configuration(
            celonis: simulator.baseURL,
            debounce: debounce,
            model: "    max_wait: 60ms",
            sections: "journal: { path: \(folder.url.path)/journal.sqlite }"
        )
        file = try folder.file(
            "reloader.yaml",
            text.replacingOccurrences(
                of: "poll: { initial: 50ms, maximum: 200ms, start_within: 30s }",
                with: "poll: { initial: 5ms, maximum: 20ms, start_within: 100ms }"
            )
            .replacingOccurrences(
                of: "retry: { initial: 50ms, maximum: 200ms",
                with: "retry: { initial: 5ms, maximum: 20ms"
            )
            .replacingOccurrences(of: "level: debug", with: "level: info")
        )
        link.set(self)
    }

    /// The simulator speaks before the world is whole.
    private final class Link: Sendable {
        private struct Weak { weak var world: CrashWorld? }
        private let held = Mutex(Weak())
        var world: CrashWorld? { held.withLock(\.world) }
        func set(_ world: CrashWorld) { held.withLock { $0.world = world } }
    }

    private func note(_ event: SimulatorEvent) {
        switch event {
        case .loadStarted(let load):
            state.withLock { $0.loads.append((Set(load.tables), load.startedAt)) }
            count(.loadStarted)
        case .loadEnded: count(.loadEnded)
        case .violated(let violation): state.withLock { $0.violations.append("\(violation.kind): \(violation.detail)") }
        case .called: break
        }
    }

    // MARK: The service

    struct Service {
        let program: Program
        let base: String
        let admin: String
    }

    func start(dyingAt fault: String? = nil) async throws -> Service {
        var environment = [
            "SENDER_SECRET": World.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": World.clientSecret,
        ]
        environment["RELOADER_FAULT_POINT"] = fault
        let program = try Program("reloader", ["serve", "--config", file], environment: environment)
        guard let line = await program.line(with: "listening") else {
            Issue.record("it did not start: \(try await program.ended().errors)")
            throw CancellationError()
        }
        return Service(
            program: program,
            base: "http://" + (try #require(World.value("address", in: line))),
            admin: "http://" + (try #require(World.value("admin", in: line)))
        )
    }

    func health(_ service: Service) async throws -> HealthReport {
        try HealthReport(json: try await HTTPCaller.patient.get(service.admin + "/health").body)
    }

    // MARK: The senders

    /// Sends changes one after the other until the service is gone.
    func send(to service: Service) async throws {
        let source = try SourceSettings.fivetran(secret: World.secret)
        while true {
            let (table, sync) = nextChange()
            let sentAt = SystemClock().now().wall
            let delivery = try SampleDelivery(
                source: source,
                base: service.base,
                body: World.body(table, id: "\(sync)"),
                now: sentAt,
                messageID: "m"
            )
            guard let answer = try? await delivery.post(with: .patient) else { break }
            #expect(answer.status == 202, "\(String(decoding: answer.body, as: UTF8.self))")
            state.withLock { $0.accepted.append((table, sentAt)) }
            count(.answer)
        }
        count(.senderEnded)
    }

    private func nextChange() -> (table: String, sync: Int) {
        state.withLock { state in
            state.nextSync += 1
            let isHot = state.nextSync.isMultiple(of: 3) || state.nextTable == Self.tables
            if isHot { return ("HOT\(state.nextSync / 3 % Self.hotTables)", state.nextSync) }
            state.nextTable += 1
            return ("T\(state.nextTable - 1)", state.nextSync)
        }
    }

    private func count(_ mark: Mark) {
        let ready = state.withLock { state in
            state.tally[mark, default: 0] += 1
            let tally = state.tally
            func isReady(_ waiter: (mark: Mark, count: Int, call: CheckedContinuation<Void, Never>)) -> Bool {
                tally[waiter.mark, default: 0] >= waiter.count || tally[.senderEnded, default: 0] > 0
            }
            let ready = state.waiters.filter(isReady)
            state.waiters.removeAll(where: isReady)
            return ready
        }
        for waiter in ready { waiter.call.resume() }
    }

    /// A new round begins.
    func resetTally() { state.withLock { $0.tally = [:] } }

    /// Waits until something has happened so often in this round.
    func wait(for mark: Mark, _ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.tally[mark, default: 0] >= count || state.tally[.senderEnded, default: 0] > 0 { return true }
                state.waiters.append((mark, count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    // MARK: The promise

    var acceptedCount: Int { state.withLock(\.accepted.count) }
    var loadCount: Int { state.withLock(\.loads.count) }
    var violations: [String] { state.withLock(\.violations) }

    /// Tables that were accepted, and of which no load began after their delivery was sent. A table that is changed only
    /// once shows a loss whatever the clocks say.
    var uncovered: [String] {
        state.withLock { state in
            state.accepted.filter { change in
                !state.loads.contains { $0.tables.contains(change.table) && $0.at >= change.sentAt }
            }.map(\.table)
        }
    }

    /// Waits until nothing is left to do.
    func settle(_ service: Service) async throws {
        while true {
            let health = try await health(service)
            let queue = health.queue
            #expect(queue.failed == 0)
            if queue.waiting + queue.ready + queue.loading + queue.retrying == 0 { return }
        }
    }

    func end(_ service: Service) async throws {
        service.program.interrupt()
        let end = try await service.program.ended()
        #expect(end.status == 0, "\(end.errors)")
        await simulator.shutdown()
    }
}
