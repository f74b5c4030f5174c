import ArgumentParser
import JSONPath
import ReloaderService
import Vocabulary

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says for one event which rules match, why the others do not, and which tables would load.",
        discussion: "Needs no network and no secrets. Ends with 0 also when nothing matches."
    )

    @OptionGroup var file: ConfigurationOption
    @OptionGroup var delivery: DeliveryOptions

    @Option(name: .customLong("header"), help: ArgumentHelp("A header field of the delivery.", valueName: "'K: V'"))
    var headers: [String] = []

    @Option(help: "text for people, json for machines.")
    var format = OutputFormat.text

    func run() throws {
        let configuration = try file.load(secrets: nil, mustRun: false)
        let source = try delivery.source(in: configuration)
        let fields = try HeaderList(arguments: headers)
        do {
            let explanation = try Explanation(
                configuration,
                source: source.name,
                headers: fields,
                body: try delivery.readBody()
            )
            Terminal.write(format == .json ? try explanation.json() : explanation.text)
        } catch let error as JSONError {
            throw Failure("the body would be answered with 400: \(error)")
        }
    }
}

extension HeaderList {
    /// From arguments of the form `Name: value`.
    init(arguments: [String]) throws {
        self.init(
            try arguments.map { argument in
                guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex else {
                    throw ValidationError("--header takes 'Name: value', not '\(argument)'")
                }
                let value = argument[argument.index(after: colon)...].drop { $0 == " " }
                return (String(argument[..<colon]), String(value))
            }
        )
    }
}
