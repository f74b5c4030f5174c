import Admin
import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Synchronization
import Testing
import Vocabulary

/// The real binary between a sender and a simulated Celonis, all over loopback sockets. Loads end when the test says
/// so, and everything is awaited: no test sleeps.
final class World: Sendable {
    static let secret = "canary-secret-of-the-sender"
    static let clientSecret = "demo-secret"

    let simulator: CelonisSimulator
    let service: Program
    let base: String
    let admin: String
    let folder: TemporaryFolder
    /// Where the service finds its configuration, and its text at the start.
    let file: String
    let text: String
    private let events: EventLog

    /// What happened at the simulator, so that it can be awaited.
    private final class EventLog: Sendable {
        private struct Contents {
            var events: [SimulatorEvent] = []
            var waiters: [(count: Int, matches: @Sendable (SimulatorEvent) -> Bool, CheckedContinuation<Void, Never>)] =
                []
        }

        private let contents = Mutex(Contents())

        func append(_ event: SimulatorEvent) {
            let ready = contents.withLock { contents -> [CheckedContinuation<Void, Never>] in
                contents.events.append(event)
                var ready: [CheckedContinuation<Void, Never>] = []
                let events = contents.events
                contents.waiters.removeAll { waiter in
                    guard events.count(where: waiter.matches) >= waiter.count else { return false }
                    ready.append(waiter.2)
                    return true
                }
                return ready
            }
            for continuation in ready { continuation.resume() }
        }

        func wait(for count: Int, _ matches: @escaping @Sendable (SimulatorEvent) -> Bool) async {
            await withCheckedContinuation { continuation in
                let isThere = contents.withLock { contents in
                    if contents.events.count(where: matches) >= count { return true }
                    contents.waiters.append((count, matches, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    /// `model` is further lines of the model's settings. With `loadTime` nil, loads end by `simulator.finishLoad`. `edit`
    /// changes the configuration, `simulated` takes the place of `faults` and `loadTime`, and `place` writes it and says where the service finds it.
    init(
        debounce: String = "300ms",
        model: String = "",
        faults: [Fault] = [],
        loadTime: Duration? = nil,
        sections: String = "",
        environment: [String: String] = [:],
        simulated: SimulatorConfiguration? = nil,
        edit: (_ text: String, _ folder: TemporaryFolder) throws -> String = { text, _ in text },
        place: (TemporaryFolder, String) throws -> String = { try $0.file("reloader.yaml", $1) }
    ) async throws {
        let events = EventLog()
        self.events = events
        simulator = try await CelonisSimulator.start(
            simulated ?? SimulatorConfiguration(models: [SimulatedModel(loadTime: loadTime)], faults: faults),
            host: "127.0.0.1",
            port: 0,
            clock: SystemClock()
        ) { events.append($0) }
        folder = try TemporaryFolder()
        text = try edit(
            Self.configuration(celonis: simulator.baseURL, debounce: debounce, model: model, sections: sections),
            folder
        )
        file = try place(folder, text)
        service = try Program(
            "reloader",
            ["serve", "--config", file],
            environment: [
                "SENDER_SECRET": Self.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": Self.clientSecret,
            ].merging(environment) { $1 }
        )
        let line = try #require(await service.line(with: "listening"))
        base = "http://" + (try #require(Self.value("address", in: line)))
        admin = "http://" + (try #require(Self.value("admin", in: line)))
    }

    static func configuration(celonis: String, debounce: String, model: String, sections: String) -> String {
        """
        listen: { address: 127.0.0.1:0 }
        admin: { address: 127.0.0.1:0 }
        celonis:
          base_url: \(celonis)
          auth: { type: oauth_client, client_id: env:CLIENT_ID, client_secret: env:CLIENT_SECRET }
          poll: { initial: 50ms, maximum: 200ms, start_within: 30s }
        models:
          order-to-cash:
            pool_id: demo-pool
            data_model_id: demo-model
            debounce: \(debounce)
            retry: { initial: 50ms, maximum: 200ms, give_up_after: 1h }
        \(model)
        sources:
          fivetran:
            signature: fivetran
            secrets: [env:SENDER_SECRET]
            max_body: 2KiB
        rules:
          - name: tables
            source: fivetran
            when: { $.event: sync_end, $.data.status: SUCCESSFUL }
            reload: { model: order-to-cash, tables: { from: $.connector_name, case: upper } }
        log: { level: debug }
        \(sections)
        """
    }

    static func value(_ key: String, in line: String) -> String? {
        line.split(separator: " ").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    struct Answer: Decodable {
        var event: String?
        var status: String?
        var jobs: [Job]?
        struct Job: Decodable {
            var id: String
            var model: String
            var rule: String
            var tables: [String]
        }
    }

    /// A successful sync of one table; `id` tells one sync from another.
    static func body(_ table: String, id: String, status: String = "SUCCESSFUL") -> [UInt8] {
        Array(
            #"{"event":"sync_end","connector_id":"c","connector_name":"\#(table)","sync_id":"\#(id)","data":{"status":"\#(status)"}}"#
                .utf8
        )
    }

    func post(
        _ body: [UInt8],
        signedWith secret: String = secret,
        source: String = "fivetran"
    ) async throws -> (status: Int, answer: Answer?, text: String) {
        let settings = try SourceSettings.fivetran(secret: secret)
        var delivery = try SampleDelivery(
            source: settings,
            base: base,
            body: body,
            now: SystemClock().now().wall,
            messageID: "m"
        )
        delivery.url = "\(base)/hooks/\(source)"
        let answer = try await delivery.post(with: .patient)
        return (
            answer.status, try? JSONDecoder().decode(Answer.self, from: Data(answer.body)),
            String(decoding: answer.body, as: UTF8.self)
        )
    }

    func health() async throws -> HealthReport {
        try HealthReport(json: try await HTTPCaller.patient.get(admin + "/health").body)
    }

    /// Lets what is pending be loaded now. Whether a test is quicker than a debounce is up to the machine.
    func flush() async throws {
        let path = "/api/v1/models/order-to-cash/flush"
        let answer = try await HTTPCaller.patient.post(admin + path, headers: HeaderList(), body: [])
        #expect(answer.status == 200)
    }

    /// Waits until so many loads have started.
    func loadsStarted(_ count: Int) async {
        await events.wait(for: count) { if case .loadStarted = $0 { true } else { false } }
    }

    /// Waits until the simulator has had so many calls that a fault met.
    func faultyCalls(_ count: Int) async {
        await events.wait(for: count) { if case .called(let call) = $0 { call.faulty } else { false } }
    }

    /// Waits until the simulator has answered so many of these calls.
    func answered(_ count: Int, _ endpoint: SimulatedEndpoint) async {
        await events.wait(for: count) {
            if case .called(let call) = $0 { call.endpoint == endpoint && call.status != nil } else { false }
        }
    }

    /// Ends the service as a service manager would.
    func stop() async throws -> (status: Int32, output: String, errors: String) {
        service.interrupt()
        let end = try await service.ended()
        await simulator.shutdown()
        return end
    }
}

extension HTTPCaller {
    /// For a test's own calls: they wait for as long as a busy machine, or a sanitizer, needs.
    static let patient = HTTPCaller(timeout: .seconds(3600))
}

extension SourceSettings {
    /// The source of `World`'s configuration, with any secret.
    static func fivetran(secret: String) throws -> SourceSettings {
        let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
        let secrets = FixedSecrets(variables: ["SENDER_SECRET": secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"])
        let loaded = SettingsLoader.load(text: text, file: "world.yaml", secrets: secrets)
        return try #require(loaded.configuration, "\(loaded.diagnostics)").sources[0]
    }
}
