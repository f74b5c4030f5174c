import CelonisSimulator
import Listener
import Logging
import ReloadQueue
import Settings
import Vocabulary

/// `reloader demo`: the whole service on free loopback ports against the built-in Celonis simulator, real HTTP on both
/// sides, and a sender that behaves and misbehaves as senders do.
package struct Demo: Sendable {
    private let clock = SystemClock()
    private let logger: Logger
    private let write: @Sendable (String) -> Void

    package init(logger: Logger, write: @escaping @Sendable (String) -> Void) {
        self.logger = logger
        self.write = write
    }

    /// Runs the story; true where everything went as promised. `stay` is called, where given, after the story with
    /// everything still up: the demo ends when it returns.
    package func run(stay: (@Sendable () async -> Void)?) async throws -> Bool {
        let story = DemoStory(clock: clock, write: write)
        // What happens is told in order, and awaited here: a condition is looked at again after each event.
        let (steps, step) = AsyncStream.makeStream(of: Void.self)
        let simulator = try await CelonisSimulator.start(
            SimulatorConfiguration(models: [SimulatedModel(loadTime: .seconds(2))]),
            host: "127.0.0.1",
            port: 0,
            clock: clock
        ) { event in
            if case .loadStarted(let load) = event {
                let tables = load.tables.isEmpty ? "all tables" : load.tables.joined(separator: ", ")
                story.tell("celonis", "\(load.kind.rawValue) load of \(tables)")
            }
            step.yield()
        }
        let configuration = try DemoConfiguration.load(celonis: simulator.baseURL)
        let service = try await RunningService.start(
            configuration,
            environment: [:],
            clock: clock,
            logger: logger
        ) { transition, now in
            story.happened(transition, at: now)
            step.yield()
        }
        let base = "http://\(service.listenAddress)"
        let sender = DemoSender(source: configuration.sources[0], base: base, clock: clock)
        write("service    \(base)/hooks/fivetran, health at http://\(service.adminAddress)/health\n")
        write("simulator  \(simulator.baseURL)\n\n")

        var script = Script(story: story, sender: sender, steps: steps.makeAsyncIterator())
        try await script.play { simulator.report.loads.contains { $0.endedAt == nil } }
        let violations = simulator.report.violations.count
        write(story.summary(violations: violations))
        if let stay {
            write(invitation(service))
            await stay()
        }
        let lost = await service.drain(timeout: .seconds(5))
        await service.close()
        await simulator.shutdown()
        return lost.isEmpty && violations == 0
    }

    private func invitation(_ service: RunningService) -> String {
        """

        The service stays up; Ctrl-C ends it.
          look     http://\(service.adminAddress)/ (the dashboard, in a browser)
          health   curl -s http://\(service.adminAddress)/health
          status   reloader status --url http://\(service.adminAddress)
          deliver  body='{"event":"sync_end","connector_name":"sap_ekko","data":{"status":"SUCCESSFUL"}}'
                   curl -s http://\(service.listenAddress)/hooks/fivetran -H 'content-type: application/json' -d "$body" \\
                     -H "x-fivetran-signature-256: $(printf %s "$body" | openssl dgst -sha256 -hmac \(DemoConfiguration.secret) -r | cut -d' ' -f1)"

        """
    }
}

/// The order of events.
private struct Script {
    let story: DemoStory
    let sender: DemoSender
    var steps: AsyncStream<Void>.Iterator

    mutating func play(isLoading: @escaping @Sendable () -> Bool) async throws {
        try await burst(["EKKO", "EKPO", "EKBE", "EKET"], round: 1)
        try await send(.init(table: "EKKO", id: "sync-EKKO-1"), as: "the same delivery of EKKO again")
        try await send(.init(table: "BSEG", id: "sync-BSEG-0"), as: "a forged sync of BSEG", forged: true)
        try await until(isLoading)
        try await send(.init(table: "EKPO", id: "sync-EKPO-2"), as: "EKPO finished again while its load runs")
        try await until { [story] in story.isQuiet }

        try await burst(["VBAK", "VBAP", "LIKP", "LIPS"], round: 2)
        try await send(.init(table: "KNA1", id: "sync-KNA1-0", status: "FAILURE"), as: "a failed sync of KNA1")
        try await until { [story] in story.isQuiet }

        try await burst(["BKPF", "BSEG", "KNA1", "LFA1"], round: 3)
        try await until { [story] in story.isQuiet }
    }

    private func burst(_ tables: [String], round: Int) async throws {
        for table in tables {
            try await send(.init(table: table, id: "sync-\(table)-\(round)"), as: "\(table) finished")
            try await Task.sleep(for: .milliseconds(150))
        }
    }

    private func send(_ sync: DemoSender.Sync, as what: String, forged: Bool = false) async throws {
        let sentAt = story.sends()
        let (status, answer) = try await sender.send(sync, forged: forged)
        story.answered(what, status: status, answer, sentAt: sentAt)
    }

    /// Waits until something is so; looks again after everything that happens.
    private mutating func until(_ condition: () -> Bool) async throws {
        while !condition() {
            guard await steps.next() != nil else { throw DemoError(description: "the service ended early") }
        }
    }
}
