import CelonisSimulator
import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

extension EndToEndTests {
    /// The command line as its users see it: output and exit codes (product.md §5).
    @Suite("Commands")
    struct CommandTests {
        private static let secrets = [
            "CELONIS_CLIENT_ID": "i", "CELONIS_CLIENT_SECRET": "s", "FIVETRAN_SECRET": "f", "WAREHOUSE_SECRET": "w",
        ]

        private static var root: URL {
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
        }

        private func run(
            _ arguments: [String],
            environment: [String: String] = Self.secrets
        ) async throws -> (status: Int32, output: String, errors: String) {
            try await Program("reloader", arguments, environment: environment).ended()
        }

        /// The first configuration of the README, exactly as it stands there.
        private func readmeConfiguration() throws -> String {
            let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
            let start = try #require(readme.range(of: "```yaml\n")).upperBound
            let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
            return String(readme[start..<end])
        }

        @Test("check accepts the annotated example and runs its tests")
        func example() async throws {
            let path = Self.root.appendingPathComponent("deploy/reloader.yaml").path
            let end = try await run(["check", "--config", path])
            #expect(end.status == 0, "\(end.output)")
            #expect(end.output.hasSuffix("ok, 2 sources, 3 rules, 2 models, 2 tests passed\n"), "\(end.output)")
        }

        @Test("check accepts the README's first configuration, which has ten lines")
        func readme() async throws {
            let text = try readmeConfiguration()
            #expect(text.split(separator: "\n").count == 10)
            let folder = try TemporaryFolder()
            let end = try await run(["check", "--config", try folder.file("reloader.yaml", text)])
            #expect(end.status == 0, "\(end.output)")
        }

        @Test("check names every mistake with file, line, column and a hint, and ends with 78")
        func mistakes() async throws {
            let folder = try TemporaryFolder()
            let text = try readmeConfiguration()
                .replacingOccurrences(of: "source: fivetran\n", with: "source: fivetrn\n")
                .replacingOccurrences(of: "pool_id: YOUR-POOL-ID", with: "pool_id: YOUR-POOL-ID, debounse: 3s")
            let path = try folder.file("reloader.yaml", text)
            let end = try await run(["check", "--config", path])
            #expect(end.status == 78)
            #expect(end.output.contains("\(path):4:51: error: unknown key \"debounse\""), "\(end.output)")
            #expect(end.output.contains("did you mean \"debounce\"?"))
            #expect(end.output.contains("\(path):8:13: error: "), "\(end.output)")
            #expect(end.output.contains("did you mean \"fivetran\"?"))
            #expect(end.output.hasSuffix("2 errors\n"))

            let json = try await run(["check", "--config", path, "--format", "json"])
            #expect(json.status == 78)
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(document?["valid"] as? Bool == false)
            #expect((document?["diagnostics"] as? [Any])?.count == 2)
        }

        @Test("a missing file is 78, wrong usage is 64", arguments: ["check", "serve"])
        func usage(command: String) async throws {
            #expect(try await run([command, "--config", "/nonexistent/x.yaml"]).status == 78)
            #expect(try await run([command, "--konfig", "x"]).status == 64)
            #expect(try await run([command]).status == 64)
        }

        @Test("the simulator's exit codes are the same", arguments: ["models: [", "models: 5", nil])
        func simulatorUsage(text: String?) async throws {
            let folder = try TemporaryFolder()
            let path =
                try text.map { try folder.file("simulator.yaml", $0) }
                ?? folder.url.appendingPathComponent("nonexistent.yaml").path
            let end = try await Program("celonis-simulator", ["--port", "0", "--config", path]).ended()
            #expect(end.status == 78)
            #expect(end.errors.contains(path), "\(end.errors)")
            #expect(try await Program("celonis-simulator", ["--port", "x"]).ended().status == 64)
        }

        @Test("a result that cannot be written is 1, not success")
        func fullDisk() async throws {
            let end = try await Program(
                "/bin/sh",
                ["-c", "exec \"$0\" schema >/dev/full", try Program.path("reloader").path]
            ).ended()
            #expect(end.status == 1)
            #expect(end.errors.contains("No space left on device"), "\(end.errors)")
        }

        @Test("explain shows each rule with its reasons, in text and JSON, and needs no secrets")
        func explain() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("reloader.yaml", try readmeConfiguration())
            let body = try folder.file(
                "event.json",
                #"{"event":"sync_end","connector_id":"gentle_yak","data":{"status":"FAILURE"}}"#
            )
            let arguments = ["explain", "--config", path, "--source", "fivetran", "--body", body]
            let text = try await run(arguments, environment: [:])
            #expect(text.status == 0)
            #expect(text.output.contains(#"$.data.status is "FAILURE", not "SUCCESSFUL""#), "\(text.output)")
            #expect(text.output.contains("result: no table is reloaded"))
            let json = try await run(arguments + ["--format", "json"], environment: [:])
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((document?["rules"] as? [[String: Any]])?.first?["matched"] as? Bool == false)
            let unknown = try await run(
                ["explain", "--config", path, "--source", "nobody", "--body", body],
                environment: [:]
            )
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("there is no source \"nobody\""))
        }

        @Test("serve ends with 1 and names the address that it cannot open")
        func addressInUse() async throws {
            let world = try await World()
            let folder = try TemporaryFolder()
            let taken = String(world.base.dropFirst("http://".count))
            let path = try folder.file(
                "reloader.yaml",
                try readmeConfiguration() + "listen: { address: \(taken) }\nadmin: { address: 127.0.0.1:0 }\n"
            )
            let end = try await run(["serve", "--config", path])
            #expect(end.status == 1)
            #expect(end.errors.contains("cannot listen on \(taken)"), "\(end.errors)")
            #expect(try await world.stop().status == 0)
        }

        @Test("send signs and posts, status shows the queue")
        func sendAndStatus() async throws {
            let world = try await World()
            let folder = try TemporaryFolder()
            let path = try folder.file(
                "reloader.yaml",
                World.configuration(celonis: world.simulator.baseURL, debounce: "1s", model: "", sections: "")
            )
            let environment = ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
            let body = try folder.file("event.json", String(decoding: World.body("EKKO", id: "1"), as: UTF8.self))
            let arguments = ["send", "--config", path, "--source", "fivetran", "--body", body, "--url", world.base]
            let sent = try await run(arguments, environment: environment)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(sent.output.contains(#""status":"accepted""#))
            let html = ["--header", "Content-Type: text/html"]
            let unsupported = try await run(arguments + html, environment: environment)
            #expect(unsupported.status == 1 && unsupported.errors.contains("answered 415"), "\(unsupported.errors)")
            let forged = ["--header", "X-Fivetran-Signature-256: ab"]
            let unsent = try await run(arguments + forged, environment: environment)
            #expect(unsent.status == 1)
            #expect(unsent.errors.contains("X-Fivetran-Signature-256 is made when the delivery is signed"))
            await world.loadsStarted(1)
            let status = try await run(["status", "--url", world.admin])
            #expect(status.status == 0, "\(status.errors)")
            #expect(status.output.contains("order-to-cash  loading"), "\(status.output)")
            #expect(!status.output.contains("\u{1B}"), "no control characters when piped")
            world.simulator.finishLoad()
            #expect(try await world.stop().status == 0)

            let refused = try await run(["status", "--url", "http://127.0.0.1:1"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("no answer from http://127.0.0.1:1: Connection refused; is the service"))
        }

        @Test("diagnose says what is wrong with a signature and prints no secret")
        func diagnose() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file(
                "reloader.yaml",
                World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
            )
            let environment = ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
            let body = World.body("EKKO", id: "1")
            let signed = try SampleDelivery(
                source: try SourceSettings.fivetran(secret: World.secret),
                base: "",
                body: body,
                now: SystemClock().now().wall,
                messageID: "m"
            )
            let signature = try #require(signed.headers.values(named: "x-fivetran-signature-256").first)
            func run(_ text: String) async throws -> (status: Int32, output: String, errors: String) {
                let file = try folder.file("body.json", text)
                return try await self.run(
                    ["diagnose", "--config", path, "--source", "fivetran", "--body", file, "--header"]
                        + ["X-Fivetran-Signature-256: \(signature)"],
                    environment: environment
                )
            }
            let right = try await run(String(decoding: body, as: UTF8.self))
            #expect(right.status == 0, "\(right.errors)")
            #expect(right.output.contains("It verifies, with secret 1"))
            let newline = try await run(String(decoding: body, as: UTF8.self) + "\n")
            #expect(newline.status == 1)
            #expect(newline.output.contains("newline at its end that was not signed"), "\(newline.output)")
            let other = try await run("{}")
            #expect(other.status == 1)
            #expect(!(newline.output + other.output + other.errors).contains(World.secret))
        }

        @Test("the demo tells its story, ends with 0, and its numbers are those of its script")
        func demo() async throws {
            let end = try await run(["demo"], environment: [:])
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.output.contains("16 deliveries became 4 loads"), "\(end.output)")
            #expect(end.output.contains("13 accepted, 1 duplicate, 1 refused, 1 unmatched"))
            #expect(end.output.contains("seen by the simulator: 0"))
        }
    }
}
