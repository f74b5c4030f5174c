import ArgumentParser
import ReloaderService
import Settings
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ExitCode {
    /// The configuration is invalid (product.md §5, exit codes).
    static let invalidConfiguration = ExitCode(78)
    /// `serve` stopped with accepted changes that were not loaded.
    static let changesLost = ExitCode(3)
}

/// Where output goes: results to standard output, everything else to standard error.
enum Terminal {
    /// Ends the process with 1 where a result cannot be written, on a full disk for instance: half a file is no success.
    @Sendable static func write(_ text: String) {
        guard !emit(text, STDOUT_FILENO) else { return }
        complain("Error: cannot write the output: \(String(cString: strerror(errno)))\n")
        exit(ExitCode.failure.rawValue)
    }

    @Sendable static func complain(_ text: String) { _ = emit(text, STDERR_FILENO) }

    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
    /// How results are written.
    static var style: TextStyle {
        let machine = MachineSecrets()
        return TextStyle(
            isTerminal: isInteractive,
            noColor: machine.variable("NO_COLOR"),
            terminalKind: machine.variable("TERM")
        )
    }
    /// Whether somebody reads the complaints as they come.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Unbuffered, and whole lines at once, so that lines of several threads do not mix.
    private static func emit(_ text: String, _ descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}

/// `--config FILE`, for every command that reads one.
struct ConfigurationOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The configuration file; - reads standard input.", valueName: "FILE")
    )
    var path: String

    /// The configuration, or its diagnostics on standard error and exit code 78.
    func load(secrets: (any SecretSource)? = MachineSecrets(), mustRun: Bool) throws -> Configuration {
        try configuration(of: ConfigurationFile(path: path, secrets: secrets, mustRun: mustRun))
    }

    /// As `load`, of the file as it was read.
    func configuration(of file: ConfigurationFile) throws -> Configuration {
        guard let configuration = file.configuration else {
            Terminal.complain(CheckReport(file, name: path).text)
            throw ExitCode.invalidConfiguration
        }
        return configuration
    }
}

/// `--source S --body FILE`, for commands about one delivery.
struct DeliveryOptions: ParsableArguments {
    init() {}

    init(sourceName: String, body: String) {
        self.sourceName = sourceName
        self.body = body
    }

    @Option(name: .customLong("source"), help: ArgumentHelp("The source's name in the configuration.", valueName: "S"))
    var sourceName: String

    @Option(help: ArgumentHelp("A file with the delivery's body; - reads standard input.", valueName: "FILE"))
    var body: String

    func source(in configuration: Configuration) throws -> SourceSettings {
        if let source = configuration.sources.first(where: { $0.name == sourceName }) { return source }
        let names = configuration.sources.map(\.name).joined(separator: ", ")
        throw Failure("there is no source \"\(sourceName)\" in the configuration; it has \(names)")
    }

    func readBody() throws -> [UInt8] {
        do throws(InputFileError) {
            return try InputFile.bytes(of: body)
        } catch {
            throw Failure("cannot read the body file \(body): \(error)")
        }
    }
}

/// A failure in one sentence: printed as `error: …`, exit code 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description.printable }
}

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
