import ArgumentParser
import JSONPath
import ReloaderService
import Settings
import Vocabulary

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Names every mistake of a configuration with file, line and column, and runs its tests.",
        discussion: """
            Ends with 0, or with 78 where anything is wrong. Secrets are looked up, so run it where they are.

            --online also asks Celonis for every model's tables and names the configured ones that do not exist; it ends \
            with 1 where Celonis cannot be asked and nothing else is wrong. --write-test prints a captured event as an \
            entry of the file's tests, with what the rules make of it today; it needs no secrets.
            """
    )

    @OptionGroup var file: ConfigurationOption

    @Option(help: "text for people, json for editors and pipelines.")
    var format = OutputFormat.text

    @Flag(help: "Also ask Celonis for every model's tables.")
    var online = false

    @Option(
        name: .customLong("write-test"),
        help: ArgumentHelp("A captured event's body; - reads standard input.", valueName: "FILE")
    )
    var event: String?

    @Option(
        name: .customLong("source"),
        help: ArgumentHelp("With --write-test: the source that the event came from.", valueName: "S")
    )
    var sourceName: String?

    @Option(
        name: .customLong("header"),
        help: ArgumentHelp("With --write-test: a header field; written only if rules name it.", valueName: "'K: V'")
    )
    var headers: [String] = []

    func validate() throws {
        if event != nil, sourceName == nil { throw ValidationError("--write-test needs --source") }
        if event == nil, sourceName != nil || !headers.isEmpty {
            throw ValidationError("--source and --header belong to --write-test")
        }
        if event != nil, online { throw ValidationError("--write-test needs no --online") }
    }

    func run() async throws {
        if let event, let sourceName { return try writeTest(of: event, source: sourceName) }
        var checked = ConfigurationFile(path: file.path, secrets: MachineSecrets(), mustRun: true)
        checked = checked.with(checked.configuration?.machineWarnings ?? [])
        var answer: OnlineCheck?
        if online, let configuration = checked.configuration {
            answer = try await ask(configuration)
            checked = checked.with(answer?.diagnostics ?? [])
        } else if online {
            Terminal.complain("Celonis was not asked: mend the errors first\n")
        }
        let report = CheckReport(checked, name: file.path, tablesAtCelonis: answer?.tableCount)
        switch format {
        case .text: Terminal.write(report.text)
        case .json: Terminal.write(report.json)
        }
        if answer?.couldNotAsk == true { throw ExitCode.failure }
        if checked.configuration == nil { throw ExitCode.invalidConfiguration }
    }

    private func ask(_ configuration: Configuration) async throws -> OnlineCheck {
        let isWatched = Terminal.isWatched
        let answers: [String: OnlineCheck.Answer]
        do {
            answers = try await OnlineCheck.ask(configuration, environment: ServeCommand.proxyVariables()) { line in
                if isWatched { Terminal.complain(line.printable + "\n") }
            }
        } catch {
            throw Failure("Celonis cannot be asked: \(error)")
        }
        return OnlineCheck(configuration, answers: answers)
    }

    private func writeTest(of event: String, source name: String) throws {
        let configuration = try file.load(secrets: nil, mustRun: false)
        let delivery = DeliveryOptions(sourceName: name, body: event)
        let source = try delivery.source(in: configuration)
        let test: WrittenTest
        do {
            test = try WrittenTest(
                configuration,
                source: source.name,
                headers: try HeaderList(arguments: headers),
                body: try delivery.readBody(),
                event: event
            )
        } catch  where error is JSONError || error is StepsExceeded {
            throw Failure("the event would be answered with 400: \(error)")
        } catch is WrittenTest.NotMatched {
            throw Failure("no rule is asked about this delivery, see: reloader explain")
        } catch is WrittenTest.TooDeep {
            throw Failure("the event is nested more than \(YAMLText.deepest) deep, too deep for a configuration file")
        }
        Terminal.write(test.text)
        for header in test.shortened { Terminal.complain("a test holds a header once: the first \(header) is taken\n") }
    }
}
