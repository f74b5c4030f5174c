import Admin
import ArgumentParser
import ReloaderService

/// Which failed job of which service a verb is for.
struct JobArgument: ParsableArguments {
    @OptionGroup var admin: AdminOption
    @Argument(help: "The job's id, e.g. from `reloader status` or `why`.") var job: String

    /// Carries the verb out, and says how the job stands now.
    func settle(_ verb: AdminRoute.JobVerb) async throws {
        let path = ["api", "v1", "jobs", job, verb.rawValue]
        Terminal.write(TrailText.line(try await admin.post(path, as: JobDocument.self)))
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Makes a failed job pending again, due at once."
    )

    @OptionGroup var target: JobArgument

    func run() async throws { try await target.settle(.retry) }
}

struct DiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Ends a failed job without a load."
    )

    @OptionGroup var target: JobArgument

    func run() async throws { try await target.settle(.discard) }
}
