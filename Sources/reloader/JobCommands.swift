import Admin
import ArgumentParser
import ReloaderService

/// The verbs of a failed job.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Makes a failed job pending again, due at once."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The job's id, e.g. from `reloader status` or `why`.") var job: String

    func run() async throws { try await admin.settle(job, "retry") }
}

struct DiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Ends a failed job without a load."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The job's id, e.g. from `reloader status` or `why`.") var job: String

    func run() async throws { try await admin.settle(job, "discard") }
}

extension AdminOption {
    fileprivate func settle(_ job: String, _ verb: String) async throws {
        Terminal.write(TrailText.line(try await post(["api", "v1", "jobs", job, verb], as: JobDocument.self)))
    }
}
