import ArgumentParser
import CelonisSimulator
import FoundationEssentials
import Vocabulary
import Yams

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
        } catch {
            throw CannotListen(description: "cannot listen on 127.0.0.1:\(port) (\(error)); choose another --port")
        }
        print("celonis-simulator listens on \(simulator.baseURL)")
        try await simulator.untilClosed()
    }

    private func settings() throws -> SimulatorConfiguration {
        guard let path else { return SimulatorConfiguration() }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ValidationError("cannot read \(path)")
        }
        do {
            return try YAMLDecoder().decode(SimulatorConfiguration.self, from: data)
        } catch {
            throw ValidationError("\(path): \(error)")
        }
    }
}

/// The port cannot be opened: exit code 1.
private struct CannotListen: Error, CustomStringConvertible {
    let description: String
}
