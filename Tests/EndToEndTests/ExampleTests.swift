import CelonisSimulator
import Foundation
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// The ready configurations in `examples/`, each for one sender.
    @Suite("Examples")
    struct ExampleTests {
        private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("examples")

        private static func senders() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
        }

        private static func text(_ sender: String) throws -> String {
            try String(contentsOf: folder.appendingPathComponent("\(sender)/reloader.yaml"), encoding: .utf8)
        }

        @Test("there is one for each of these senders, and the README names every one")
        func complete() throws {
            let expected = [
                "airbyte", "airflow", "azure-data-factory", "curl", "dbt", "fivetran", "nango", "qlik", "stitch",
            ]
            #expect(try Self.senders() == expected)
            let readme = try String(
                contentsOf: Self.folder.deletingLastPathComponent().appendingPathComponent("README.md"),
                encoding: .utf8
            )
            for sender in expected { #expect(readme.contains("](examples/\(sender)"), "\(sender)") }
        }

        @Test("check accepts it and its tests pass: a success, a failure, somebody else's", arguments: try senders())
        func checked(sender: String) async throws {
            let text = try Self.text(sender)
            // Every secret that it names, as the sender would have it.
            var environment: [String: String] = [:]
            for match in text.matches(of: /env:([A-Z_]+)/) {
                environment[String(match.1)] =
                    "whsec_" + Data("0123456789abcdef0123456789abcdef".utf8).base64EncodedString()
            }
            let path = Self.folder.appendingPathComponent("\(sender)/reloader.yaml").path
            let end = try await Program("reloader", ["check", "--config", path], environment: environment).ended()
            #expect(end.status == 0, "\(end.output)")
            #expect(!end.output.contains("error:"), "\(end.output)")

            let loaded = SettingsLoader.load(text: text, file: path, secrets: nil)
            let tests = try #require(loaded.configuration).tests.map(\.test)
            #expect(tests.count { !$0.expect.isEmpty } >= 1, "a success")
            #expect(tests.count { $0.expect.isEmpty } >= 2, "a failure, and another's event")
            for rule in try #require(loaded.configuration).rules { #expect(rule.condition != .all([]), "\(rule.name)") }
        }

        private static let hasTools = ["/usr/bin/curl", "/usr/bin/openssl"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        }

        @Test("the curl script's delivery is verified and loads what it names", .enabled(if: hasTools))
        func curl() async throws {
            let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
            let sources = """
                  script:
                    signature: standard-webhooks
                    secrets: [literal:\(secret)]
                rules:
                  - name: script
                    source: script
                    when: { $.job: nightly-extraction, $.state: done }
                    reload: { model: order-to-cash, tables: { from: "$.tables[*]" } }

                """
            let world = try await World(debounce: "0s") { text, _ in
                text.replacingOccurrences(of: "rules:\n", with: sources)
            }
            func run(_ body: String, secret: String) async throws -> (status: Int32, output: String, errors: String) {
                try await Program(
                    "/bin/sh",
                    [Self.folder.appendingPathComponent("curl/notify.sh").path, world.base + "/hooks/script"],
                    environment: ["RELOADER_SECRET": secret, "ATTEMPTS": "1"],
                    input: body
                ).ended()
            }
            let done = try await run(#"{"job":"nightly-extraction","state":"done","tables":["VBAK"]}"#, secret: secret)
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.output.contains(#""status":"accepted""#), "\(done.output)")
            await world.loadsStarted(1)
            world.simulator.finishLoad()

            let other = "whsec_" + Data((1..<33).map { UInt8($0) }).base64EncodedString()
            let refused = try await run(#"{"job":"nightly-extraction","state":"done"}"#, secret: other)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("401"), "\(refused.errors)")
            #expect(try await world.stop().status == 0)
        }
    }
}
