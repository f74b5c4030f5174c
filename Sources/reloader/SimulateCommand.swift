import ArgumentParser
import ReloaderService
import Settings
import Simulation
import Vocabulary

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Replays recorded events through rules and queue: which loads would there have been, how fresh the tables?",
        discussion: """
            Reads what `record:` of the configuration writes. Prints what the configured settings make of it, what others \
            would, and what the best possible schedule is, so that debounce, max_wait and load_cost can be chosen. Needs no \
            network and no secrets. A line that cannot be read is named and skipped; it ends with 1 where none can be read.
            """
    )

    @OptionGroup var file: ConfigurationOption

    @Option(help: ArgumentHelp("Recorded events, one a line; - reads standard input.", valueName: "FILE.jsonl"))
    var events: String

    @Option(help: ArgumentHelp("Also draw the time line and the freshness-against-loads curve.", valueName: "FILE"))
    var svg: String?

    @Option(
        name: .customLong("load-time"),
        help: ArgumentHelp("How long Celonis takes for a load.", valueName: "DURATION"),
        transform: { text in
            guard let duration = DurationText.parse(text) else {
                throw ValidationError("expected a duration such as 30s, 10m or 1h30m, not \"\(text)\"")
            }
            return duration
        }
    )
    var loadTime: Duration = .seconds(30)

    @Option(help: ArgumentHelp("Only the changes of this model.", valueName: "MODEL"))
    var model: String?

    @Option(help: "text for people, json for machines.")
    var format = OutputFormat.text

    func validate() throws {
        if events == "-", file.path == "-" { throw ValidationError("only one of --config and --events can be -") }
        if svg == "-" { throw ValidationError("--svg needs the name of a file: standard output has the report") }
    }

    func run() async throws {
        let configuration = try file.load(secrets: nil, mustRun: false)
        if let model, !configuration.models.contains(where: { $0.reference.name == model }) {
            let names = configuration.models.map(\.reference.name).joined(separator: ", ")
            throw Failure("there is no model \"\(model)\" in the configuration; it has \(names)")
        }
        if let svg, let same = [file.path, events].first(where: { OutputFile.write(to: svg, replaces: $0) }) {
            throw ValidationError("--svg \(svg) would overwrite \(same), which is read")
        }
        let bytes: [UInt8]
        do throws(InputFileError) {
            bytes = try InputFile.bytes(of: events)
        } catch {
            throw Failure("cannot read the events \(events): \(error)")
        }
        let progress = Progress()
        let recorded = await RecordedEvents(bytes, configuration, model: model) { progress.show("reading", $0) }
        try complain(of: recorded, progress)
        let report = await SimulationReport(
            EventHistory(recorded.events, tables: configuration.writtenTables),
            configuration.queueSettings,
            loadTime: loadTime
        ) { progress.show("trying settings", Double($0) / Double($1)) }
        progress.clear()
        if let svg {
            do throws(InputFileError) {
                try OutputFile.write(Picture(report).svg, to: svg)
            } catch {
                throw Failure("cannot write the picture \(svg): \(error)")
            }
        }
        let text = SimulationText(report, skipped: recorded.skipped, style: Terminal.style)
        Terminal.write(format == .json ? try text.json() : text.text)
    }

    /// Names what is wrong with the events, up to a screen of it.
    private func complain(of recorded: RecordedEvents, _ progress: Progress) throws {
        progress.clear()
        for mistake in recorded.mistakes.prefix(20) {
            Terminal.complain("\(events):\(mistake.line): warning: skipped: \(mistake.reason)".printable + "\n")
        }
        let more = recorded.mistakes.count - 20
        if more > 0 { Terminal.complain("and \(more) more lines\n") }
        if recorded.isCutOff {
            Terminal.complain("warning: the last line of the events is cut off, and skipped\n")
        }
        if recorded.skipped > 0, recorded.events.count == 0 { throw Failure("no line of the events can be read") }
        for (source, count) in recorded.unknownSources.sorted(by: { $0.key < $1.key }) {
            let line = "warning: the configuration has no source \"\(source)\": \(count) of the events match no rule"
            Terminal.complain(line.printable + "\n")
        }
        if recorded.events.count == 0 { Terminal.complain("warning: there are no events\n") }
        if recorded.events.count > 0, recorded.events.unmatched == recorded.events.count {
            Terminal.complain("warning: no rule matches any of the events; `reloader explain` shows why for one\n")
        }
        if recorded.stopped > 0 {
            Terminal.complain(
                "warning: \(recorded.stopped) events are too complex for the rules; they would be refused\n"
            )
        }
    }
}

/// One line on a terminal that tells how far something is; nothing where nobody watches.
private struct Progress {
    private let isWatched = Terminal.isWatched

    func show(_ what: String, _ share: Double) {
        if isWatched { Terminal.complain("\r\(what): \(Int(share * 100)) %\u{1B}[K") }
    }

    func clear() {
        if isWatched { Terminal.complain("\r\u{1B}[K") }
    }
}
