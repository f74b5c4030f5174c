import CelonisSimulator
import Foundation
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// The commands that help to write a configuration, run as their users run them.
    @Suite("Writing a configuration")
    struct WritingTests {
        private static let environment = [
            "CLIENT_ID": "demo-client", "CLIENT_SECRET": "demo-secret", "SENDER_SECRET": "s",
        ]

        private func simulator(faults: [Fault] = []) async throws -> CelonisSimulator {
            let models = [SimulatedModel(), SimulatedModel(poolID: "closed", dataModelID: "closed-model")]
            var credentials = SimulatedCredentials()
            credentials.forbiddenPools = ["closed"]
            return try await CelonisSimulator.start(
                SimulatorConfiguration(models: models, credentials: credentials, faults: faults),
                host: "127.0.0.1",
                port: 0,
                clock: SystemClock()
            ) { _ in }
        }

        private func check(
            _ text: String,
            _ arguments: [String] = ["--online"],
            environment: [String: String] = Self.environment
        ) async throws -> (status: Int32, output: String, errors: String, path: String) {
            let folder = try TemporaryFolder()
            let path = try folder.file("reloader.yaml", text)
            let end = try await Program("reloader", ["check", "--config", path] + arguments, environment: environment)
                .ended()
            return (end.status, end.output, end.errors, path)
        }

        private func configuration(_ celonis: String, model: String = "", tables: String = "[EKKO]") -> String {
            World.configuration(celonis: celonis, debounce: "1s", model: model, sections: "")
                .replacingOccurrences(of: "{ from: $.connector_name, case: upper }", with: tables)
        }

        @Test("check --online accepts tables that Celonis has, and tells how many there are")
        func sound() async throws {
            let simulator = try await simulator()
            let end = try await check(configuration(simulator.baseURL, tables: "[EKKO, table-vbak]"))
            #expect(end.status == 0, "\(end.output)\(end.errors)")
            #expect(end.output.hasSuffix("1 model, 0 tests passed, 12 tables at Celonis\n"), "\(end.output)")
            #expect(end.errors.isEmpty, "no progress where nobody watches: \(end.errors)")
            await simulator.shutdown()
        }

        @Test("check --online names a table that does not exist, and another model's refusal, and ends with 78")
        func wrong() async throws {
            let simulator = try await simulator()
            let text = configuration(
                simulator.baseURL,
                model: "  closed: { pool_id: closed, data_model_id: closed-model }\n"
                    + "  nowhere: { pool_id: demo-pool, data_model_id: nowhere }",
                tables: "[EKKO, EKPP]"
            )
            let end = try await check(text)
            #expect(end.status == 78, "\(end.output)\(end.errors)")
            #expect(end.output.contains("error: model \"order-to-cash\" has no table \"EKPP\""), "\(end.output)")
            #expect(end.output.contains("hint: did you mean \"EKPO\""), "\(end.output)")
            #expect(end.output.contains("error: Celonis refuses the data pool of model \"closed\""), "\(end.output)")
            #expect(end.output.contains("error: Celonis gives no tables for model \"nowhere\""), "\(end.output)")
            #expect(end.output.hasSuffix("3 errors\n"), "\(end.output)")

            let json = try await check(text, ["--online", "--format", "json"])
            #expect(json.status == 78)
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((document?["diagnostics"] as? [[String: Any]])?.count == 3)
            await simulator.shutdown()
        }

        @Test("check --online tells refused credentials in one sentence, without the secret")
        func refused() async throws {
            let simulator = try await simulator()
            let wrong = ["CLIENT_ID": "demo-client", "CLIENT_SECRET": "canary-wrong", "SENDER_SECRET": "s"]
            let end = try await check(configuration(simulator.baseURL), environment: wrong)
            #expect(end.status == 78, "\(end.output)\(end.errors)")
            #expect(end.output.contains("error: Celonis refuses these credentials: "), "\(end.output)")
            #expect(!(end.output + end.errors).contains("canary"))
            await simulator.shutdown()
        }

        @Test("check --online ends with 1 where Celonis does not answer")
        func unreachable() async throws {
            let end = try await check(configuration("http://127.0.0.1:1"))
            #expect(end.status == 1, "\(end.output)\(end.errors)")
            #expect(end.output.contains("Celonis could not be asked"), "\(end.output)")
        }

        @Test("check --write-test prints an entry that passes check when it is pasted")
        func writeTest() async throws {
            let text = configuration("https://acme.celonis.cloud", tables: "{ from: $.connector_name, case: upper }")
            let folder = try TemporaryFolder()
            let body = #"{"event":"sync_end","connector_name":"yes: é","n":1.50,"data":{"status":"SUCCESSFUL"}}"#
            let event = try folder.file("event.json", body)
            let written = try await check(text, ["--write-test", event, "--source", "fivetran"], environment: [:])
            #expect(written.status == 0, "\(written.errors)")
            #expect(written.output.contains("tables: [\"YES: É\"]"), "\(written.output)")
            let again = try await check(text + "\n" + written.output, [])
            #expect(again.status == 0, "\(again.output)")
            #expect(again.output.contains("1 test passed"))

            let usage = try await check(text, ["--write-test", event])
            #expect(usage.status == 64)
            let unreadable = try await check(text, ["--write-test", "/nonexistent", "--source", "fivetran"])
            #expect(unreadable.status == 1)
        }

        @Test("schema prints a JSON Schema")
        func schema() async throws {
            let end = try await Program("reloader", ["schema"]).ended()
            #expect(end.status == 0)
            let document = try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any]
            #expect(document?["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        }
    }
}
