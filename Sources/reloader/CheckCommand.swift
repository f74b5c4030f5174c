import ArgumentParser
import ReloaderService
import Settings

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Names every mistake of a configuration with file, line and column, and runs its tests.",
        discussion: "Ends with 0, or with 78 where anything is wrong. Secrets are looked up, so run it where they are."
    )

    @OptionGroup var file: ConfigurationOption

    @Option(help: "text for people, json for editors and pipelines.")
    var format = OutputFormat.text

    func run() throws {
        let loaded = ConfigurationFile(path: file.path, secrets: MachineSecrets(), mustRun: true)
        let report = CheckReport(loaded, name: file.path)
        switch format {
        case .text: Terminal.write(report.text)
        case .json: Terminal.write(report.json)
        }
        if loaded.configuration == nil { throw ExitCode.invalidConfiguration }
    }
}
