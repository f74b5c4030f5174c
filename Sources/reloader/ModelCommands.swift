import Admin
import ArgumentParser
import ReloaderService
import Vocabulary

/// The verbs of a model: as the admin API's, with a line that says how the model stands now.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Starts now what is pending for a model.",
        discussion:
            "Ends quiet period, wait_for_all, min_interval and back-off. A model on hold must be released first."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The model's name.") var model: String

    func run() async throws { try await admin.steer(model, "flush") }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keeps taking changes of a model in, but starts no load until it is released."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The model's name.") var model: String

    func run() async throws { try await admin.steer(model, "hold") }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Ends a model's hold; what is overdue starts at once."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The model's name.") var model: String

    func run() async throws { try await admin.steer(model, "release") }
}

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Marks tables of a model as changed, by hand.",
        discussion: "They wait as any other change does; `flush` starts them now. '*' stands for all tables."
    )

    @OptionGroup var admin: AdminOption
    @Argument(help: "The model's name.") var model: String
    @Argument(help: "Tables by alias, name or id.") var tables: [String]

    func run() async throws {
        let job = try await admin.post(
            ["api", "v1", "models", model, "reload"],
            body: try AdminJSON.encode(ReloadRequest(tables: tables)),
            as: JobDocument.self
        )
        Terminal.write(TrailText.line(job))
    }
}

extension AdminOption {
    fileprivate func steer(_ model: String, _ verb: String) async throws {
        let model = try await post(["api", "v1", "models", model, verb], as: ModelDocument.self)
        Terminal.write(TrailText.line(model))
    }
}
