import Foundation
import Testing

extension EndToEndTests {
    /// Whoever has a source's secret chooses the names in its events: they reach terminals and logs as text only.
    @Suite("Hostile text")
    struct HostileTextTests {
        private static let environment = ["SENDER_SECRET": World.secret, "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
        /// As it stands in JSON: moves the cursor, forges a line, turns the direction, uses C1.
        private static let name = #"a\u001b[2J\u009b\nnot loaded: forged\u2028\u202e"#

        /// What the service says at its end about a change of that name which it could not load.
        private func goodbye(log: String) async throws -> (status: Int32, errors: String) {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
                .replacingOccurrences(of: "log: { level: debug }", with: "log: \(log)\nlimits: { drain_timeout: 1ms }")
                .replacingOccurrences(of: ", case: upper", with: "")
            let path = try folder.file("reloader.yaml", text)
            let body = try folder.file("body.json", String(decoding: World.body(Self.name, id: "1"), as: UTF8.self))
            let service = try Program("reloader", ["serve", "--config", path], environment: Self.environment)
            let line = try #require(await service.line(with: "listening"))
            let port = try #require(line.matches(of: /127\.0\.0\.1:(\d+)/).first?.output.1)
            let sent = try await Program(
                "reloader",
                [
                    "send", "--config", path, "--source", "fivetran", "--body", body, "--url",
                    "http://127.0.0.1:\(port)",
                ],
                environment: Self.environment
            ).ended()
            #expect(sent.output.contains("accepted"), "\(sent)")
            expectPrintable(sent.output)
            service.interrupt()
            let end = try await service.ended()
            return (end.status, end.errors)
        }

        private func expectPrintable(_ text: String, _ location: SourceLocation = #_sourceLocation) {
            let bad = text.unicodeScalars.filter {
                $0.value < 32 && $0 != "\n" || (127..<160).contains($0.value) || (0x2028...0x202e).contains($0.value)
            }
            #expect(bad.isEmpty, "\(text.debugDescription)", sourceLocation: location)
        }

        @Test("log lines and the lines that name lost changes are neither forged nor obeyed by a terminal")
        func text() async throws {
            let (status, errors) = try await goodbye(log: "{ level: info }")
            #expect(status == 3)
            expectPrintable(errors)
            let lines = errors.split(separator: "\n").filter { $0.hasPrefix("not loaded:") }
            #expect(lines.count == 1, "\(errors)")
            #expect(lines.first?.contains(#"table a\u001b[2J\u009b\nnot loaded: forged\u2028\u202e, job"#) == true)
        }

        @Test("with log.format json every line is JSON, also those that name lost changes")
        func json() async throws {
            let (status, errors) = try await goodbye(log: "{ format: json }")
            #expect(status == 3)
            expectPrintable(errors)
            var lost: [[String: Any]] = []
            for line in errors.split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                if object?["message"] as? String == "not loaded" { lost.append(object ?? [:]) }
            }
            #expect(lost.count == 1, "\(errors)")
            #expect(lost.first?["table"] as? String == "a\u{1B}[2J\u{9B}\nnot loaded: forged\u{2028}\u{202E}")
        }

        @Test("explain shows names without obeying them, in text and JSON")
        func explain() async throws {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
            let path = try folder.file("reloader.yaml", text)
            let body = String(decoding: World.body(Self.name, id: "1", status: Self.name), as: UTF8.self)
            let arguments = ["explain", "--config", path, "--source", "fivetran", "--body", "-"]
            let shown = try await Program("reloader", arguments, input: body).ended()
            #expect(shown.status == 0)
            expectPrintable(shown.output)
            #expect(!shown.output.contains("\nnot loaded"), "\(shown.output)")
            let json = try await Program("reloader", arguments + ["--format", "json"], input: body).ended()
            expectPrintable(json.output)
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((document?["rules"] as? [Any])?.count == 1)
        }

        @Test("configurations and bodies are read from pipes, as /dev/stdin and as -")
        func pipes() async throws {
            let folder = try TemporaryFolder()
            let text = World.configuration(celonis: "http://127.0.0.1:1", debounce: "9m", model: "", sections: "")
            let path = try folder.file("reloader.yaml", text)
            for name in ["/dev/stdin", "-"] {
                let checked = try await Program(
                    "reloader",
                    ["check", "--config", name],
                    environment: Self.environment,
                    input: text
                ).ended()
                #expect(checked.status == 0, "\(checked)")
                let explained = try await Program(
                    "reloader",
                    ["explain", "--config", path, "--source", "fivetran", "--body", name],
                    input: String(decoding: World.body("ekko", id: "1"), as: UTF8.self)
                ).ended()
                #expect(explained.output.contains("result: order-to-cash [EKKO]"), "\(explained)")
            }
            let folderAsFile = try await Program("reloader", ["check", "--config", folder.url.path]).ended()
            #expect(folderAsFile.status == 78)
            #expect(folderAsFile.output.contains("cannot read the configuration file: Is a directory"))
        }

        @Test("check shows the first errors of many and says how many more there are")
        func manyErrors() async throws {
            let folder = try TemporaryFolder()
            let keys = (0..<120).map { "key\($0): 1\n" }.joined()
            let path = try folder.file("reloader.yaml", keys)
            let end = try await Program("reloader", ["check", "--config", path]).ended()
            #expect(end.status == 78)
            #expect(end.output.components(separatedBy: ": error: ").count == 51)
            #expect(end.output.contains("\nand 74 more errors\n"), "\(end.output)")
            #expect(end.output.hasSuffix("124 errors\n"), "\(end.output)")
        }
    }
}
