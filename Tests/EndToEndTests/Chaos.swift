import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Synchronization
import Testing
import Vocabulary

/// One storm: the real binary, real sockets, five models, thousands of deliveries, a Celonis of which a fifth of all
/// calls goes wrong and which others load too. The seed chooses what Celonis is like, the faults, the deliveries and the
/// loads of others; how all that meets is up to the machine.
struct Chaos {
    private static let models = (0..<5).map { "m\($0)" }
    private static let tables = SimulatedTable.sap.map(\.name)
    static let maxWait = Duration.seconds(2)
    static let longestLoad = Duration.milliseconds(250)
    static let startWithin = Duration.milliseconds(800)

    let seed: UInt64
    let deliveries: Int

    /// What came of it.
    struct Outcome: CustomStringConvertible {
        let seed: UInt64
        var refused: [Int] = []
        var calls = 0
        var faulty = 0
        var external = 0
        var loads = 0
        /// Of the client's, after the faults had ended, in the model that had most of them.
        var laterLoads = 0
        var deliveries = 0
        var violations: [Violation] = []
        var lost: [String] = []
        /// From the end of the faults and of the deliveries until everything was loaded.
        var settledAfter = Duration.zero
        var status: Int32 = 0
        var errors = ""

        var description: String {
            "seed \(seed): \(deliveries) deliveries, \(loads) loads, \(external) of others, \(calls) calls of which "
                + "\(faulty) faulty; all loaded \(settledAfter) after the faults"
        }
    }

    func run() async throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        let second = SimulatedBehaviour.SecondTrigger.allCases[Int(seed % 5)]
        let ledger = ChaosLedger()
        let others = OtherPeople(seed: seed, second: second, models: Self.models)
        let simulator = try await CelonisSimulator.start(celonis(second, &random)) { event in
            ledger.saw(event)
            others.saw(event)
        }
        others.join(simulator)
        let folder = try TemporaryFolder()
        let service = try Program(
            "reloader",
            ["serve", "--config", folder.file("chaos.yaml", configuration(celonis: simulator.baseURL))],
            environment: [
                "SENDER_SECRET": World.secret, "CLIENT_ID": "demo-client", "CLIENT_SECRET": World.clientSecret,
            ]
        )
        let line = try #require(await service.line(with: "listening"))
        let base = "http://" + (try #require(World.value("address", in: line)))

        var outcome = Outcome(seed: seed)
        outcome.refused = try await deliver(to: base, ledger, &random)
        outcome.deliveries = deliveries
        others.leave()
        (outcome.calls, outcome.faulty, outcome.external) = (ledger.calls, ledger.faulty, ledger.external)
        simulator.clearFaults()
        for model in Self.models {
            simulator.setOutcomes([], of: SimulatedModelID(poolID: "pool", dataModelID: model))
        }
        let calm = SystemClock().now()
        let end = Task {
            // Should something be lost, the program's own time limit ends the wait.
            defer { ledger.giveUp() }
            return try await service.ended()
        }
        await ledger.settled()
        outcome.settledAfter = SystemClock().now().monotonic - calm.monotonic
        outcome.lost = ledger.open
        service.interrupt()
        switch await end.result {
        case .success(let ended): (outcome.status, outcome.errors) = (ended.status, ended.errors)
        case .failure(let error): (outcome.status, outcome.errors) = (-1, "\(error)")
        }
        let report = simulator.report
        await simulator.shutdown()
        outcome.loads = report.loadCount
        outcome.violations = report.violations
        let later = report.loads.filter { !$0.external && $0.startedAt > calm.wall }
        outcome.laterLoads = Dictionary(grouping: later, by: \.model).values.map(\.count).max() ?? 0
        return outcome
    }

    /// Four senders at once, each with its own stream of events; each stays with a model for a while.
    /// - Returns: the answers other than 202.
    private func deliver(to base: String, _ ledger: ChaosLedger, _ random: inout SeededGenerator) async throws -> [Int]
    {
        let source = try SourceSettings.fivetran(secret: World.secret)
        let seeds = (0..<4).map { _ in random.next() }
        return try await withThrowingTaskGroup(of: [Int].self) { group in
            for (sender, seed) in seeds.enumerated() {
                group.addTask {
                    var random = SeededGenerator(seed: seed)
                    var refused: [Int] = []
                    var model = Self.models[sender]
                    for number in 0..<deliveries / 4 {
                        if Int.random(in: 0..<30, using: &random) == 0 {
                            model = Self.models[Int.random(in: 0..<5, using: &random)]
                        }
                        let table = Self.tables[Int.random(in: 0..<Self.tables.count, using: &random)]
                        let now = SystemClock().now().wall
                        let delivery = try SampleDelivery(
                            source: source,
                            base: base,
                            body: Self.body(model, table, id: "\(sender)-\(number)"),
                            now: now,
                            messageID: "m"
                        )
                        ledger.sending(table, of: model, at: now)
                        let status = try await delivery.post(with: .patient).status
                        if status != 202 { refused.append(status) }
                    }
                    return refused
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func body(_ model: String, _ table: String, id: String) -> [UInt8] {
        Array(
            #"{"event":"sync_end","connector_id":"\#(model)","connector_name":"\#(table)","sync_id":"\#(id)","data":{"status":"SUCCESSFUL"}}"#
                .utf8
        )
    }

    private func celonis(
        _ second: SimulatedBehaviour.SecondTrigger,
        _ random: inout SeededGenerator
    ) -> SimulatorConfiguration {
        let models = Self.models.map { model in
            SimulatedModel(
                poolID: "pool",
                dataModelID: model,
                loadTime: .milliseconds(Int.random(in: 20...250, using: &random)),
                outcomes: (0..<40).map { _ in
                    SimulatedOutcome(
                        ["SUCCESS", "SUCCESS", "SUCCESS", "ERROR", "WARNING"].randomElement(using: &random)!
                    )
                }
            )
        }
        return SimulatorConfiguration(
            models: models,
            credentials: SimulatedCredentials(tokenLifetime: .seconds(2)),
            behaviour: SimulatedBehaviour(
                secondTrigger: second,
                staleTime: .milliseconds([0, 100].randomElement(using: &random)!),
                dates: [.iso, .epoch, .offset].randomElement(using: &random)!,
                neverLoaded: .allCases.randomElement(using: &random)!,
                runningStatus: ["RUNNING", "LOST_CONNECTION"].randomElement(using: &random)!,
                accepted: .allCases.randomElement(using: &random)!,
                errors: .allCases.randomElement(using: &random)!
            ),
            faults: faults,
            seed: seed
        )
    }

    /// A fifth of all calls. Answers that are not understood are for the models that do not believe them (queue.md Q22).
    private var faults: [Fault] {
        [
            Fault(endpoint: .lastLoad, dataModelID: "m0", count: nil, share: 0.05, status: 200, body: "?"),
            Fault(.reset, count: nil, share: 0.03),
            Fault(.reset, count: nil, share: 0.03, processed: true),
            Fault(count: nil, share: 0.02, processed: true, status: 502, body: "<html><title>Bad</title></html>"),
            Fault(count: nil, share: 0.02, processed: true, status: 504),
            Fault(count: nil, share: 0.02, status: 500, body: #"{"message":"disk full"}"#),
            Fault(count: nil, share: 0.02, status: 503),
            Fault(count: nil, share: 0.02, status: 429, headers: ["x-ratelimit-reset": "0.2"]),
            Fault(count: nil, share: 0.01, status: 429, headers: ["retry-after": "1"]),
            Fault(count: nil, share: 0.01, status: 408),
            Fault(.slow, count: nil, share: 0.02, interval: .milliseconds(1)),
            Fault(.hang, count: nil, share: 0.01),
            Fault(.hang, count: nil, share: 0.005, processed: true),
        ]
    }

    private func configuration(celonis: String) -> String {
        let policies = [
            "debounce: 0s, confirm: required", "debounce: 50ms", "load_cost: 300ms, confirm: required",
            "debounce: 30ms, min_interval: 100ms", "debounce: 200ms, confirm: required",
        ]
        let models = zip(Self.models, policies).map { model, policy in
            "  \(model): { pool_id: pool, data_model_id: \(model), max_wait: 2s, \(policy), "
                + "retry: { initial: 20ms, maximum: 200ms, give_up_after: 1h } }"
        }
        let rules = Self.models.map { model in
            """
              - name: \(model)
                source: fivetran
                when: { $.connector_id: \(model) }
                reload: { model: \(model), tables: { from: $.connector_name } }
            """
        }
        return """
            listen: { address: 127.0.0.1:0 }
            admin: { address: 127.0.0.1:0 }
            celonis:
              base_url: \(celonis)
              auth: { type: oauth_client, client_id: env:CLIENT_ID, client_secret: env:CLIENT_SECRET }
              poll: { initial: 20ms, maximum: 200ms, start_within: \(Self.startWithin.nanoseconds / 1_000_000)ms }
              request_timeout: 500ms
              tables_cache: 1s
            models:
            \(models.joined(separator: "\n"))
            sources: { fivetran: { signature: fivetran, secrets: [env:SENDER_SECRET] } }
            rules:
            \(rules.joined(separator: "\n"))
            log: { level: info }

            """
    }
}

/// Loads that are not ours, tables that get new ids, tokens that end: now and then, as calls come in.
///
/// What nobody could tell is left out (docs/celonis.md): whose a load is that begins between our look and our POST, if
/// Celonis takes the POST all the same; where it would, others begin theirs at the end of one of ours. And that one of ours
/// failed, if another shows in its place at once: others begin theirs after good ones.
private final class OtherPeople: Sendable {
    private struct State {
        var simulator: CelonisSimulator?
        var random: SeededGenerator
        var calls = 0
        /// Models of which the latest load of ours runs or has failed.
        var notGood: Set<SimulatedModelID> = []
    }

    private let state: Mutex<State>
    private let second: SimulatedBehaviour.SecondTrigger
    private let models: [SimulatedModelID]

    init(seed: UInt64, second: SimulatedBehaviour.SecondTrigger, models: [String]) {
        state = Mutex(State(random: SeededGenerator(seed: seed ^ 0xface)))
        self.second = second
        self.models = models.map { SimulatedModelID(poolID: "pool", dataModelID: $0) }
    }

    /// Whether a POST beside another load looks accepted.
    private var takesSecond: Bool {
        switch second {
        case .conflict, .badRequest: false
        case .queued, .ignored, .replaced: true
        }
    }

    func join(_ simulator: CelonisSimulator) { state.withLock { $0.simulator = simulator } }
    func leave() { state.withLock { $0.simulator = nil } }

    func saw(_ event: SimulatorEvent) {
        switch event {
        case .called: called()
        case .loadStarted(let load):
            if !load.external { state.withLock { _ = $0.notGood.insert(load.model) } }
        case .loadEnded(let load):
            if !load.external, load.status != "ERROR" { ended(load) }
        case .violated: break
        }
    }

    private func ended(_ load: LoadRecord) {
        let (simulator, isTheirs) = state.withLock { state in
            state.notGood.remove(load.model)
            return (state.simulator, Int.random(in: 0..<5, using: &state.random) == 0)
        }
        if isTheirs, takesSecond { simulator?.startExternalLoad(load.model, loadTime: .milliseconds(60)) }
    }

    private func called() {
        let (simulator, number, model, mayLoad) = state.withLock { state in
            state.calls += 1
            let model = models[Int.random(in: 0..<5, using: &state.random)]
            return (state.simulator, state.calls, model, !state.notGood.contains(model))
        }
        guard let simulator else { return }
        if number.isMultiple(of: 20), !takesSecond, mayLoad {
            simulator.startExternalLoad(model, loadTime: .milliseconds(60))
        }
        if number.isMultiple(of: 300) {
            simulator.setTables(
                SimulatedTable.sap.map { SimulatedTable(id: "\($0.id)-\(number)", name: $0.name) },
                of: model
            )
        }
        if number.isMultiple(of: 500) { simulator.endTokens() }
    }
}
