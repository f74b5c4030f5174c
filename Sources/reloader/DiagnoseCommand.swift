import ArgumentParser
import ReloaderService
import Settings
import Signatures
import Vocabulary

struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Says why a delivery's signature does not verify.",
        discussion: """
            Give the body byte by byte as it was received, and the headers. Tries the usual mistakes: another secret or \
            source, another encoding or case, a prefix, a newline added or lost, JSON written anew, clock skew. Never \
            prints a secret or the expected value. Ends with 0 when the delivery verifies, else with 1.
            """
    )

    @OptionGroup var file: ConfigurationOption
    @OptionGroup var delivery: DeliveryOptions

    @Option(name: .customLong("header"), help: ArgumentHelp("A header field of the delivery.", valueName: "'K: V'"))
    var headers: [String] = []

    func run() throws {
        let configuration = try file.load(mustRun: false)
        let source = try delivery.source(in: configuration)
        let findings = try Diagnosis.findings(
            source: Diagnosis.Source(source),
            others: configuration.sources.filter { $0.name != source.name }.map(Diagnosis.Source.init),
            headers: try HeaderList(arguments: headers),
            body: try delivery.readBody(),
            now: SystemClock().now().wall
        )
        for finding in findings { Terminal.write("\(finding)".printable + "\n") }
        let isVerified = findings.contains { if case .verified = $0 { true } else { false } }
        if !isVerified { throw ExitCode.failure }
    }
}

extension Diagnosis.Source {
    fileprivate init(_ source: SourceSettings) {
        self.init(name: source.name, scheme: source.scheme, secrets: source.secrets.compactMap(\.bytes))
    }
}
