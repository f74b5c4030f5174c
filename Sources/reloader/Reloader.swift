import ArgumentParser
import ReloaderService

/// The command `reloader` (product.md §5): one subcommand a file.
@main
struct Reloader: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reloader",
        abstract: "Reloads Celonis tables when an extraction has finished.",
        version: reloaderVersion,
        subcommands: [
            ServeCommand.self, CheckCommand.self, ExplainCommand.self, SendCommand.self, DiagnoseCommand.self,
            SimulateCommand.self, SchemaCommand.self, StatusCommand.self, WhyCommand.self, FlushCommand.self,
            HoldCommand.self, ReleaseCommand.self, ReloadCommand.self, RetryCommand.self, DiscardCommand.self,
            JournalCommand.self, DemoCommand.self,
        ]
    )
}
