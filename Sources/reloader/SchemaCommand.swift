import ArgumentParser
import Settings

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of the configuration, by which editors complete and check it."
    )

    func run() { Terminal.write(ConfigurationSchema.text) }
}
