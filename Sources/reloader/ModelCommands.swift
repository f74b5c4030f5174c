import Admin
import ArgumentParser
import ReloaderService
import Vocabulary

/// Which model of which service a verb is for.
struct ModelArgument: ParsableArguments {
    @OptionGroup var admin: AdminOption
    @Argument(help: "The model's name.") var model: String

    /// Carries the verb out, and says how the model stands now.
    func steer(_ verb: AdminRoute.ModelVerb) async throws {
        let path = ["api", "v1", "models", model, verb.rawValue]
        Terminal.write(TrailText.line(try await admin.post(path, as: ModelDocument.self)))
    }
}

struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Starts now what is pending for a model.",
        discussion:
            "Ends quiet period, wait_for_all, min_interval and back-off. A model on hold must be released first."
    )

    @OptionGroup var target: ModelArgument

    func run() async throws { try await target.steer(.flush) }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keeps taking changes of a model in, but starts no load until it is released."
    )

    @OptionGroup var target: ModelArgument

    func run() async throws { try await target.steer(.hold) }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Ends a model's hold; what is overdue starts at once."
    )

    @OptionGroup var target: ModelArgument

    func run() async throws { try await target.steer(.release) }
}

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Marks tables of a model as changed, by hand.",
        discussion: "They wait as any other change does; `flush` starts them now. '*' stands for all tables."
    )

    @OptionGroup var target: ModelArgument
    @Argument(help: "Tables by alias, name or id.") var tables: [String]

    func run() async throws {
        let job = try await target.admin.post(
            ["api", "v1", "models", target.model, "reload"],
            body: try AdminJSON.encode(ReloadRequest(tables: tables)),
            as: JobDocument.self
        )
        Terminal.write(TrailText.line(job))
    }
}
