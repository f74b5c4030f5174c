// How long `reloader simulate` takes for 100,000 recorded events, by the clock: reading them through the rules and passing
// them through the queue with the configured settings; and all of it, from the file to the printed report. The middle one of
// three runs, since machines are shared.
import Glibc
import Measuring
import ReloaderService
import Settings
import Simulation
import Vocabulary

/// Recorded events of so many models and tables, spread at random over so many hours.
struct Workload {
    let name: String
    let models: Int
    let tables: Int
    let hours: Int
    /// Whether the whole command must take less than a second too. A report of as many loads as events takes longer.
    let isQuick: Bool

    static let events = 100_000

    var configuration: String {
        var text = """
            celonis:
              base_url: http://127.0.0.1:1
              auth: { type: api_key, key: env:KEY }
            sources:
              etl: { signature: fivetran, secrets: [env:SECRET] }
            models:

            """
        for model in 0..<models { text += "  model-\(model): { pool_id: p, data_model_id: d\(model) }\n" }
        text += "rules:\n"
        for model in 0..<models {
            text += """
                  - name: rule-\(model)
                    source: etl
                    when: { $.event: sync_end, $.data.status: SUCCESSFUL, $.connector_id: c\(model) }
                    reload: { model: model-\(model), tables: { from: $.connector_name, case: upper } }

                """
        }
        return text
    }

    var lines: [UInt8] {
        var generator = SeededGenerator(seed: 5)
        let times = (0..<Self.events).map { _ in Int.random(in: 0..<(hours * 3_600_000), using: &generator) }.sorted()
        var text = ""
        for time in times {
            let (day, hour, minute) = (time / 86_400_000 + 1, time / 3_600_000 % 24, time / 60_000 % 60)
            let milliseconds = time % 60_000
            let clock = [hour, minute, milliseconds / 1000].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
            let fraction = String(String(1000 + milliseconds % 1000).dropFirst())
            let at = "2026-11-\(day < 10 ? "0" : "")\(day)T\(clock).\(fraction)Z"
            let model = Int.random(in: 0..<models, using: &generator)
            let table = Int.random(in: 0..<tables, using: &generator)
            text += #"{"at":"\#(at)","source":"etl","headers":{},"body":{"event":"sync_end","created":"\#(at)","#
            text += #""connector_type":"sap_hana","connector_id":"c\#(model)","connector_name":"t\#(table)","#
            text += #""sync_id":"65dd5ba2-6a3e-4b2f-9a3c-1f2e3d4c5b6a","#
            text += #""destination_group_id":"finance","data":{"status":"SUCCESSFUL","reason":null}}}"# + "\n"
        }
        return Array(text.utf8)
    }
}

/// The middle one of three.
func median(_ measure: () async throws -> Double) async rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<3 { times.append(try await measure()) }
    return times.sorted()[1]
}

func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

let path = "/tmp/bench-simulate-\(getpid()).jsonl"

for workload in [
    Workload(name: "busy day", models: 10, tables: 50, hours: 24, isQuick: true),
    Workload(name: "quiet fortnight", models: 10, tables: 50, hours: 14 * 24, isQuick: false),
    Workload(name: "one hot model", models: 1, tables: 200, hours: 3, isQuick: true),
] {
    guard
        let configuration = SettingsLoader.load(text: workload.configuration, file: "bench.yaml", secrets: nil)
            .configuration
    else { fatalError("the configuration is valid") }
    try OutputFile.write(String(decoding: workload.lines, as: UTF8.self), to: path)

    var loads = 0
    var queue = 0.0
    let passed = try await median {
        let start = ContinuousClock.now
        let recorded = await RecordedEvents(try InputFile.bytes(of: path), configuration)
        guard recorded.skipped == 0, recorded.events.count == Workload.events else { fatalError("all can be read") }
        let read = ContinuousClock.now
        let history = EventHistory(recorded.events, tables: configuration.writtenTables)
        loads = QueueRun(history, configuration.queueSettings, loadTime: .seconds(30)).loads.count
        queue = seconds(since: read)
        return seconds(since: start)
    }
    var isExact = true
    let whole = try await median {
        let start = ContinuousClock.now
        let recorded = await RecordedEvents(try InputFile.bytes(of: path), configuration)
        let result = await SimulationReport(
            EventHistory(recorded.events, tables: configuration.writtenTables),
            configuration.queueSettings,
            loadTime: .seconds(30)
        )
        isExact = result.isBestExact
        let text = SimulationText(result, skipped: recorded.skipped, style: .plain).text
        guard text.contains("loads: \(loads)\n") else { fatalError("the report is that of the run") }
        return seconds(since: start)
    }
    report(
        workload.name,
        [
            "loads": String(loads), "rules_and_queue_s": fixed(passed, 2), "of_it_queue_s": fixed(queue, 2),
            "whole_s": fixed(whole, 2), "exact": String(isExact),
        ]
    )
    require(passed < 1, "\(workload.name): \(Workload.events) events through rules and queue in less than a second")
    if workload.isQuick {
        require(whole < 1, "\(workload.name): all of `reloader simulate` in less than a second")
    }
}
unlink(path)
end()
