import Admin
import ArgumentParser
import ReloaderService

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the queue in the terminal."
    )

    @OptionGroup var admin: AdminOption

    @Flag(help: "Show it again every second until interrupted.")
    var watch = false

    func run() async throws {
        repeat {
            let table = StatusTable(try await health(), style: Terminal.style).text
            // A terminal is redrawn from its top; a pipe gets one page after the other.
            Terminal.write(watch && Terminal.isInteractive ? "\u{1B}[H\u{1B}[2J\(table)" : table)
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }

    /// A service that is failing answers 503, and still tells all.
    private func health() async throws -> HealthReport {
        try await admin.get(["health"], acceptingUnavailable: true, as: HealthReport.self)
    }
}
