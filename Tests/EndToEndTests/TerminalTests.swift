import Foundation
import Testing

extension EndToEndTests {
    /// The command line as a person sees it, on a terminal that `script` (util-linux) makes.
    @Suite("Terminal")
    struct TerminalTests {
        private func onTerminal(_ world: World, _ command: String, noColor: String = "") throws -> Program {
            let reloader = try Program.path("reloader").path
            // A terminal ends lines with two characters, which Swift takes for one.
            let line = "stty -onlcr; exec \(reloader) \(command) --url \(world.admin)"
            return try Program(
                "/usr/bin/script",
                ["--quiet", "--flush", "--return", "--command", line, "/dev/null"],
                environment: ["TERM": "xterm", "NO_COLOR": noColor, "SHELL": "/bin/sh"]
            )
        }

        @Test("status is coloured on a terminal, and plain with NO_COLOR and in a pipe")
        func colours() async throws {
            let world = try await World()
            let coloured = try await onTerminal(world, "status").ended()
            #expect(coloured.status == 0 && coloured.output.contains("\u{1B}[32mok\u{1B}[0m"), "\(coloured)")
            let plain = try await onTerminal(world, "status", noColor: "1").ended()
            #expect(plain.status == 0 && plain.output.contains("status    ok") && !plain.output.contains("\u{1B}"))
            let piped = try await Program("reloader", ["status", "--url", world.admin], environment: ["TERM": "xterm"])
                .ended()
            #expect(piped.status == 0 && piped.output.contains("status    ok") && !piped.output.contains("\u{1B}"))
            _ = try await world.stop()
        }

        @Test("status --watch redraws a terminal from its top, and in a pipe writes one plain page after the other")
        func watch() async throws {
            let world = try await World()
            let terminal = try onTerminal(world, "status --watch")
            let pipe = try Program("reloader", ["status", "--watch", "--url", world.admin])
            for program in [terminal, pipe] {
                for page in 1...2 { #expect(await program.outputLine(page, with: "SOURCE", "ACCEPTED") != nil) }
                program.interrupt(SIGTERM)
            }
            #expect(try await terminal.ended().output.components(separatedBy: "\u{1B}[H\u{1B}[2J").count >= 3)
            #expect(try await !pipe.ended().output.contains("\u{1B}"))
            _ = try await world.stop()
        }
    }
}
