import Foundation
import Logging
import Measuring
import ReloaderService
import Settings

/// `make bench-admission`: a delivery with the why-trail and without it, in the same build.
func admission(in folder: URL) throws {
    let contestants = try [true, false].map { try Contestant.ownService(in: folder, keepsTrail: $0) }
    let speed = try Speed(script: "Benchmarks/Service/deliveries.lua", folder: folder)
    let runs = try speed.measure(contestants, rounds: 9)
    // Each round runs both, so their ratio is what the machine's other work spoils least.
    let ratios = zip(runs[0], runs[1]).map { $0.costPerRequest / $1.costPerRequest }.sorted()
    let counts = try contestants.map { try Counts.measure($0, folder: folder) }
    for (index, contestant) in contestants.enumerated() {
        report(
            contestant.name,
            [
                "cpu_us": fixed(Run.median(runs[index]).costPerRequest, 2),
                "instructions": fixed(counts[index].instructions, 0),
                "allocations": fixed(counts[index].allocations, 1),
            ]
        )
    }
    let ratio = ratios[ratios.count / 2]
    let instructions = counts[0].instructions / counts[1].instructions
    report("trail", ["cpu_ratio": fixed(ratio, 3), "instruction_ratio": fixed(instructions, 3)])
    require(ratio <= 1.10, "processor time with the trail: at most 1.10 × without")
}

/// `bench-service serve CONFIGURATION with-trail|without-trail`: the service itself, as `reloader serve` runs it.
func serve(_ arguments: [String]) async throws {
    guard arguments.count == 2 else { throw Failure("usage: bench-service serve FILE with-trail|without-trail") }
    let file = ConfigurationFile(path: arguments[0], secrets: MachineSecrets(), mustRun: true)
    guard let configuration = file.configuration else { throw Failure("\(file.errors)") }
    var logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .error
    let service = try await RunningService.start(
        configuration,
        environment: [:],
        logger: logger,
        keepsTrail: arguments[1] == "with-trail"
    )
    try await Task.sleep(for: .seconds(86_400))
    await service.close()
}

extension Contestant {
    /// This program as the service, with the configuration of `reloader(in:)`.
    fileprivate static func ownService(in folder: URL, keepsTrail: Bool) throws -> Self {
        let mode = keepsTrail ? "with-trail" : "without-trail"
        let contestant = try reloader(in: folder.appendingPathComponent(mode))
        return Self(
            name: mode,
            command: [build("bench-service-stripped"), "serve", contestant.command[3], mode],
            port: contestant.port,
            adminPort: contestant.adminPort
        )
    }
}
