import ArgumentParser
import ReloaderService
import Vocabulary

struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Inspects a journal, which a service may have open.",
        subcommands: [Check.self, Export.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Says whether a journal is whole, and how much is in it.",
            discussion:
                "Reads only. Ends with 1 where the file is damaged or empty, or is no journal that this release knows."
        )

        @OptionGroup var options: Options

        func run() throws {
            let report = try options.report()
            switch options.format {
            case .text: Terminal.write(report.summary)
            case .json: Terminal.write(try report.summaryJSON())
            }
            if !report.isWhole { throw ExitCode.failure }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Prints what a journal holds: jobs, their tables with their ages, holds.",
            discussion: """
                Reads only. Of a damaged journal it prints what can still be read, and ends with 1. Of the events that are \
                remembered as duplicates it prints only how many there are.
                """
        )

        @OptionGroup var options: Options

        func run() throws {
            let report = try options.report()
            switch options.format {
            case .text: Terminal.write(report.text)
            case .json: Terminal.write(try report.json())
            }
            if !report.isWhole { throw ExitCode.failure }
        }
    }

    struct Options: ParsableArguments {
        @Argument(help: ArgumentHelp("The journal: what journal.path names.", valueName: "FILE"))
        var file: String

        @Option(help: "text for people, json for pipelines.")
        var format = OutputFormat.text

        func report() throws -> JournalInspection {
            do throws(JournalError) {
                return try JournalInspection(path: file, now: SystemClock().now().wall)
            } catch {
                throw Failure(error.message)
            }
        }
    }
}
