import CelonisSimulator
import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// `record:` and `reloader simulate` (product.md §2 and §5), the one reading what the other wrote.
    @Suite("Record and simulate")
    struct SimulateTests {
        /// The rule of `World` that also looks at header fields, two of which no record may keep.
        private func recording(_ text: String, _ folder: TemporaryFolder, maxSize: String = "1MiB") -> String {
            let fields = ["header:X-Kind", "header:Authorization", "header:X-Fivetran-Signature-256"]
            let when = fields.map { "\"\($0)\": { exists: true }" }.joined(separator: ", ")
            return text.replacingOccurrences(
                of: "when: { ",
                with: "when: { any: [ { \(when) }, { $.event: sync_end } ], "
            )
                + "\nrecord: { path: \"\(folder.url.path)/events.jsonl\", max_size: \(maxSize) }\n"
        }

        private func run(
            _ arguments: [String],
            input: String = ""
        ) async throws -> (status: Int32, output: String, errors: String) {
            try await Program("reloader", ["simulate"] + arguments, input: input).ended()
        }

        @Test("what the service recorded makes in simulate the loads that it made")
        func roundTrip() async throws {
            let world = try await World(debounce: "100ms", loadTime: .milliseconds(10), edit: { recording($0, $1) })
            for (number, table) in zip(1..., ["ekko", "ekpo", "vbak"]) {
                let request = try world.request(
                    World.body(table, id: "\(number)"),
                    fields: "x-kind: nightly\r\nx-other: o\r\nauthorization: Bearer canary\r\nconnection: close\r\n"
                )
                let connection = try Connection(to: world.base)
                connection.send(request.head + request.body)
                #expect(connection.read(until: "load_at").contains("202 Accepted"))
                await world.loadsStarted(number)
            }
            #expect(try await world.post(World.body("vbak", id: "3")).status == 200, "a duplicate is not recorded")
            #expect(try await world.post(World.body("likp", id: "4", status: "FAILURE")).status == 202)
            let page = String(decoding: try await HTTPCaller.patient.get(world.admin + "/metrics").body, as: UTF8.self)
            #expect(page.contains("reloader_recorded_events_total{outcome=\"lost\"} 0\n"))
            #expect(try await world.stop().status == 0)

            let path = world.folder.url.appendingPathComponent("events.jsonl").path
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 3, "\(text)")
            #expect(
                lines.allSatisfy { $0.contains(#""source":"fivetran","headers":{"X-Kind":"nightly"},"body":{"#) },
                "\(text)"
            )
            #expect(!text.lowercased().contains("signature") && !text.contains("canary"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let svg = world.folder.url.appendingPathComponent("picture.svg").path
            let arguments = ["--config", world.file, "--events", path, "--load-time", "0s"]
            let end = try await run(arguments + ["--svg", svg])
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.output.split(separator: "\n").contains("loads: 3"), "\(end.output)")
            #expect(end.output.contains("tables loaded: 3\n"))
            #expect(end.output.contains("best possible with as many loads"))
            #expect(!end.output.contains("\u{1B}") && end.errors == "", "plain, and no progress, when piped")
            #expect(try String(contentsOfFile: svg, encoding: .utf8).hasPrefix("<svg xmlns="))

            let json = try await run(arguments + ["--format", "json"])
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((document?["configured"] as? [String: Any])?["loads"] as? Int == 3, "\(json.output)")
            #expect((document?["grid"] as? [Any])?.isEmpty == false)
            #expect(try await run(arguments + ["--format", "json"]).output == json.output, "always the same")
        }

        @Test("a record that cannot be written stands in no delivery's way, and a reload mends it")
        func unwritable() async throws {
            let world = try await World(
                loadTime: .milliseconds(50),
                edit: { text, folder in
                    recording(text, folder).replacingOccurrences(of: "events.jsonl", with: "missing/events.jsonl")
                }
            )
            _ = try #require(await world.service.line(with: "events are not recorded", "missing/events.jsonl"))
            #expect(try await world.post(World.body("ekko", id: "1")).status == 202)
            let now = try String(contentsOfFile: world.file, encoding: .utf8)
            try await world.reload(to: now.replacingOccurrences(of: "missing/events.jsonl", with: "e.jsonl"))
            #expect(try await world.post(World.body("ekpo", id: "2")).status == 202)
            _ = try #require(await world.service.line(with: "events are recorded again"))
            #expect(try await world.stop().status == 0)
            let text = try String(contentsOf: world.folder.url.appendingPathComponent("e.jsonl"), encoding: .utf8)
            #expect(text.contains("\"connector_name\":\"ekpo\""), "\(text)")
        }

        @Test("where nothing can come of the events it says so, beside the zeros")
        func nothing() async throws {
            let folder = try TemporaryFolder()
            let config = try folder.file(
                "reloader.yaml",
                World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
            )
            let other = #"{"at":"2026-11-23T20:27:53.120Z","source":"fivetran","body":{"event":"sync_start"}}"#
            let unmatched = try await run(["--config", config, "--events", try folder.file("e.jsonl", other + "\n")])
            #expect(unmatched.status == 0 && unmatched.output.contains("of these, no rule matched: 1\n"))
            #expect(unmatched.errors.contains("no rule matches any of the events"), "\(unmatched.errors)")
            let empty = try await run(["--config", config, "--events", "-"], input: "")
            #expect(empty.status == 0 && empty.errors == "warning: there are no events\n", "\(empty.errors)")
            let unnamed = try await run(["--config", config, "--events", "-", "--svg", "-"], input: other)
            #expect(unnamed.status == 64 && unnamed.errors.contains("--svg needs the name of a file"))
        }

        @Test("lines that cannot be read are named with file and line, and skipped")
        func badLines() async throws {
            let folder = try TemporaryFolder()
            let config = try folder.file(
                "reloader.yaml",
                World.configuration(celonis: "http://127.0.0.1:1", debounce: "1s", model: "", sections: "")
            )
            let good =
                #"{"at":"2026-11-23T20:27:53.120Z","source":"fivetran","headers":{},"body":{"event":"sync_end","#
                + #""connector_name":"ekko","data":{"status":"SUCCESSFUL"}}}"#
            let bad = [
                "{", "[1]", #"{"at":"yesterday","source":"fivetran","body":1}"#,
                #"{"at":"2026-11-23T20:27:53Z","body":1}"#, #"{"at":"2026-11-23T20:27:53Z","source":"fivetran"}"#,
                #"{"at":"2026-11-23T20:27:53Z","source":"fivetran","headers":{"a":1},"body":1}"#,
                #"{"at":"9026-11-23T20:27:53Z","source":"fivetran","body":1}"#,
                #"{"at":"2026-11-23T20:27:53Z","source":"fivetran","body":1,"version":2}"#,
            ]
            let file = try folder.file("e.jsonl", ([good, ""] + bad).joined(separator: "\n") + "\n")
            let end = try await run(["--config", config, "--events", file])
            #expect(end.status == 0)
            #expect(end.output.contains("events: 1,") && end.output.contains("loads: 1\n"), "\(end.output)")
            #expect(end.output.contains("lines skipped, which cannot be read: \(bad.count)\n"))
            let lines = end.errors.split(separator: "\n")
            #expect(lines.count == bad.count)
            for (number, line) in lines.enumerated() {
                #expect(line.hasPrefix("\(file):\(number + 3): warning: skipped: "))
            }
            let cut = try await run(["--config", config, "--events", "-"], input: good + "\n" + good.dropLast(9))
            #expect(cut.status == 0 && cut.errors == "warning: the last line of the events is cut off, and skipped\n")
            let useless = try await run(
                ["--config", config, "--events", "-"],
                input: bad.joined(separator: "\n") + "\n"
            )
            #expect(useless.status == 1 && useless.output == "")
            #expect(useless.errors.contains("no line of the events can be read"), "\(useless.errors)")

            let other = good.replacingOccurrences(of: "\"fivetran\"", with: "\"nobody\"")
            let strange = try await run([
                "--config", config, "--events", try folder.file("o.jsonl", "\(good)\n\(other)\n"),
            ])
            #expect(strange.status == 0)
            #expect(strange.output.contains("loads: 1\n"))
            #expect(strange.errors.contains("no source \"nobody\": 1 of the events"), "\(strange.errors)")

            #expect(try await run(["--config", config, "--events", folder.url.path + "/none"]).status == 1)
            let picture = folder.url.path + "/none/picture.svg"
            let blind = try await run(["--config", config, "--events", "-", "--svg", picture], input: good)
            #expect(blind.status == 1)
            #expect(blind.errors.contains("cannot write the picture \(picture): No such file"), "\(blind.errors)")
            let before = try String(contentsOfFile: file, encoding: .utf8)
            for input in [file, folder.url.path + "/./" + URL(fileURLWithPath: file).lastPathComponent, config] {
                let over = try await run(["--config", config, "--events", file, "--svg", input])
                #expect(over.status == 64 && over.errors.contains("would overwrite"), "\(over.errors)")
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
            #expect(try await run(["--config", config, "--events", file, "--load-time", "soon"]).status == 64)
            let empty = try await run(["--config", config, "--events", try folder.file("empty.jsonl", "")])
            #expect(empty.status == 0)
            #expect(empty.output.contains("loads: 0\n"))
        }
    }
}
