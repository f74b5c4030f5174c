import Foundation
import ReloadQueue
import Testing
import Vocabulary

@testable import ReloaderService
@testable import Settings
@testable import Simulation

@Suite("Recorded events through the rules")
struct RecordedEventsTests {
    private static let text = """
        celonis: { base_url: "http://127.0.0.1:1", auth: { type: api_key, key: env:KEY } }
        models:
          one: { pool_id: p, data_model_id: d1, reload_together: [[a, b]] }
          two: { pool_id: p, data_model_id: d2 }
        sources:
          etl: { signature: fivetran, secrets: [env:SECRET] }
        rules:
          - name: first
            source: etl
            when: { $.m: one }
            reload: { model: one, tables: { from: $.t, map: { x: written } } }
          - name: second
            source: etl
            when: { $.m: two }
            reload: { model: two, tables: [EKKO, EKPO, "data_source:7"] }
          - name: third
            source: etl
            when: { $.m: all }
            reload: { model: two, tables: all }
        """

    private func configuration() throws -> Configuration {
        try #require(SettingsLoader.load(text: Self.text, file: "f", secrets: nil).configuration)
    }

    private func line(_ second: Int, _ model: String, _ table: String = "a") -> String {
        let clock = "2026-11-23T10:\(String(100 + second / 60).suffix(2)):\(String(100 + second % 60).suffix(2))Z"
        return #"{"at":"\#(clock)","source":"etl","body":{"m":"\#(model)","t":"\#(table)"}}"#
    }

    private func read(_ text: String, model: String? = nil) async throws -> RecordedEvents {
        await RecordedEvents(Array(text.utf8), try configuration(), model: model)
    }

    @Test("a line that cannot be read is skipped and named by its number, in whichever part of the file it is")
    func mistakes() async throws {
        // Several parts, each read by itself.
        let filling = String(repeating: " ", count: 1000)
        var lines = (0..<9000).map { line($0 % 3600, "one", "t\($0 % 7)") + filling }
        let broken = [0, 1, 2500, 4711, 8998]
        for number in broken { lines[number] = "{\"at\":" }
        lines[17] = ""
        let recorded = try await read(lines.joined(separator: "\r\n") + "\n")

        #expect(recorded.mistakes.map(\.line) == broken.map { $0 + 1 })
        #expect(recorded.skipped == broken.count && !recorded.isCutOff)
        #expect(recorded.events.count == 9000 - broken.count - 1)
        let expected = lines.indices.filter { !broken.contains($0) && $0 != 17 }
        let tables = recorded.events.events.map { recorded.events.kinds[$0.kind][0].selectors.texts }
        #expect(tables == expected.map { ["t\($0 % 7)"] }, "in the file's order")
    }

    @Test("a last line without its end is one that was cut off, unless it can be read")
    func cutOff() async throws {
        let whole = try await read(line(0, "one") + "\n" + line(1, "one"))
        #expect(whole.events.count == 2 && whole.skipped == 0)
        let cut = try await read(line(0, "one") + "\n" + line(1, "one").dropLast(5))
        #expect(cut.isCutOff && cut.mistakes.isEmpty && cut.skipped == 1 && cut.events.count == 1)
        let broken = try await read(line(0, "one") + "\n" + line(1, "one").dropLast(5) + "\n")
        #expect(!broken.isCutOff && broken.mistakes.map(\.line) == [2])
        let strange = try await read(line(0, "one") + "\n[1]")
        #expect(!strange.isCutOff && strange.mistakes.map(\.line) == [2], "that is all of a line")
        let earlier = try await read("{\n" + line(0, "one"))
        #expect(!earlier.isCutOff && earlier.mistakes.map(\.line) == [1])
        #expect(try await read("").events.count == 0)
    }

    @Test("with one model, events that changed another are not events that no rule matched")
    func oneModel() async throws {
        let text = [line(0, "one"), line(1, "two"), line(2, "two"), line(3, "three")].joined(separator: "\n")
        let history = EventHistory(try await read(text, model: "one").events)
        #expect(history.count == 4 && history.unmatched == 1 && history.elsewhere == 2)
        #expect(history.models.map(\.name) == ["one"])
        let all = EventHistory(try await read(text).events)
        #expect(all.count == 4 && all.unmatched == 1 && all.elsewhere == 0)
    }

    @Test("tables that rules write are known, beside those that events name")
    func writtenTables() throws {
        let tables = try configuration().writtenTables
        #expect(
            Set(tables.map { "\($0.key.name): \($0.value.sorted())" }) == [
                "one: [\"written\"]", "two: [\"EKKO\", \"EKPO\"]",
            ]
        )
    }

    @Test("the JSON marks the rows of the grid that are better, and says what was skipped and counted")
    func json() async throws {
        // One change an hour: to load at once is better than to wait for half a minute.
        let text = (0..<20).map { line($0 * 120, "one") }.joined(separator: "\n") + "\n{\n"
        let recorded = try await read(text)
        let report = await SimulationReport(
            EventHistory(recorded.events, tables: try configuration().writtenTables),
            try configuration().queueSettings,
            loadTime: .seconds(5)
        )
        let json = try SimulationText(report, skipped: recorded.skipped, style: .plain).json()
        let document = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let grid = try #require(document["grid"] as? [[String: Any]])
        #expect(grid.map { $0["better"] as? Bool } == report.trials.map { report.isBetter($0.figures) })
        #expect(grid.first?["better"] as? Bool == true && grid.last?["better"] as? Bool == false)
        #expect(document["skipped_lines"] as? Int == 1)
        #expect(document["other_models"] as? Int == 0)
        let models = try #require(document["models"] as? [[String: Any]])
        #expect(models.map { $0["known_tables"] as? Int } == [3], "a, b and what the rule maps to")
        #expect((document["configured"] as? [String: Any])?["tables"] as? Int == 40, "b loads along")
        let plain = SimulationText(report, skipped: recorded.skipped, style: .plain).text
        #expect(plain.contains("lines skipped, which cannot be read: 1\n"))
        #expect(!plain.contains("A complete load counts"))
    }

    @Test("a complete load counts the tables that are known, and the output says so")
    func completeLoad() async throws {
        let recorded = try await read([line(0, "all"), line(600, "two")].joined(separator: "\n"))
        let report = await SimulationReport(
            EventHistory(recorded.events, tables: try configuration().writtenTables),
            try configuration().queueSettings,
            loadTime: .seconds(5)
        )
        let text = SimulationText(report, skipped: 0, style: .plain).text
        #expect(text.contains("loads: 2\ntables loaded: 5\n"), "EKKO and EKPO, and then those and a connection")
        #expect(text.contains("A complete load counts the tables that events and configuration name (two 2);"))
    }
}
