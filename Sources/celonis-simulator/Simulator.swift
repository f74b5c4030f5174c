import ArgumentParser
import CelonisSimulator
import FoundationEssentials
import Vocabulary
import Yams

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The command `celonis-simulator` (product.md §5).
@main
struct Simulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "celonis-simulator",
        abstract: "A Celonis that answers the endpoints Reloader uses, with faults on request.",
        discussion: """
            Listens on loopback only. GET /simulator/report says what it saw; POST /simulator/… steers it while it runs. \
            Without a file it serves pool demo-pool with model demo-model, and accepts the client demo-client with \
            secret demo-secret, the application key demo-application-key and the API key demo-api-key.
            """
    )

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "P"))
    var port = 9191

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("A YAML file of models, credentials and faults.", valueName: "FILE")
    )
    var path: String?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535") }
    }

    func run() async throws {
        let settings = try settings()
        let simulator: CelonisSimulator
        do {
            simulator = try await CelonisSimulator.start(
                settings,
                host: "127.0.0.1",
                port: port,
                clock: SystemClock()
            )
        } catch let error as SimulatorAddressError {
            throw Failure(description: "\(error); choose another --port, or 0 for a free one")
        }
        print("celonis-simulator listens on \(simulator.baseURL)")
        // A pipe or file would get it at the end only, and whoever started this waits for it.
        fflush(nil)
        try await simulator.untilClosed()
    }

    private func settings() throws -> SimulatorConfiguration {
        guard let path else { return SimulatorConfiguration() }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw Self.invalid("cannot read \(path)")
        }
        do {
            return try YAMLDecoder().decode(SimulatorConfiguration.self, from: data)
        } catch let error as DecodingError {
            throw Self.invalid("\(path): \(error.explanation)")
        }
    }

    /// Exit code 78, as for every configuration (product.md §5).
    private static func invalid(_ message: String) -> ExitCode {
        let line = Array("Error: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return ExitCode(78)
    }
}

/// A failure in one sentence: exit code 1.
private struct Failure: Error, CustomStringConvertible {
    let description: String
}

extension DecodingError {
    /// The place in the file and what is wrong there, such as `faults[0].effect: …`.
    fileprivate var explanation: String {
        let context =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(self)")
            }
        let place = context.codingPath.reduce(into: "") { place, key in
            place += key.intValue.map { "[\($0)]" } ?? (place.isEmpty ? "" : ".") + key.stringValue
        }
        let cause = context.underlyingError.map { ": \($0)" } ?? ""
        return (place.isEmpty ? "" : place + ": ") + context.debugDescription + cause
    }
}
