import ArgumentParser
import Logging
import ReloaderService
import UnixSignals
import Vocabulary

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs the whole service against the built-in Celonis simulator: no account, no configuration."
    )

    @Flag(help: "Leave everything up after the story, until interrupted.")
    var stay = false

    func run() async throws {
        let logger = Logger(label: "reloader") { _ in
            ServiceLog(
                style: LogStyle(level: .warning, format: .text),
                clock: SystemClock(),
                sink: Terminal.complain
            )
        }
        let demo = Demo(logger: logger, write: Terminal.write)
        let isWell = try await demo.run(stay: stay ? Self.untilInterrupted : nil)
        if !isWell { throw ExitCode.failure }
    }

    @Sendable private static func untilInterrupted() async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}
