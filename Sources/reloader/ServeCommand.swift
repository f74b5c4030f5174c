import ArgumentParser
import Listener
import Logging
import ReloadQueue
import ReloaderService
import Settings
import Synchronization
import UnixSignals
import Vocabulary

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the service.",
        discussion: """
            SIGTERM and SIGINT drain: no more deliveries, what is pending is loaded, running loads are watched for \
            limits.drain_timeout. Ends with 0; with 3 where accepted changes were not loaded, after naming them; with 1 \
            where an address cannot be opened; with 78 where the configuration is invalid.
            """
    )

    @OptionGroup var file: ConfigurationOption

    func run() async throws {
        let configuration = try file.load(mustRun: true)
        let logger = Self.logger(configuration.log)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let service: RunningService
        do {
            service = try await RunningService.start(
                configuration,
                environment: Self.proxyVariables(),
                logger: logger
            )
        } catch let error as ListenError {
            throw Failure("\(error)")
        }
        logger.info(
            "listening",
            metadata: ["address": "\(service.listenAddress)", "admin": "\(service.adminAddress)"]
        )
        let lost = await Self.drain(service, after: signals, timeout: configuration.limits.drainTimeout, logger)
        await service.close()
        for change in lost {
            Terminal.complain(
                "not loaded: model \(change.model.name), table \(change.table), job \(change.job): \(change.reason)\n"
            )
        }
        logger.info("stopped", metadata: ["lost": "\(lost.count)"])
        if !lost.isEmpty { throw ExitCode.changesLost }
    }

    /// Waits for a signal to stop, then drains; a second one ends the drain at once, still naming what is lost.
    private static func drain(
        _ service: RunningService,
        after signals: UnixSignalsSequence,
        timeout: Duration,
        _ logger: Logger
    ) async -> [LostChange] {
        let (drained, drain) = AsyncStream.makeStream(of: [LostChange].self)
        let watcher = Task {
            var remaining = timeout
            for await signal in signals {
                if signal == .sighup {
                    logger.notice("the configuration is read at the start only; restart to change it")
                    continue
                }
                logger.notice("draining", metadata: ["signal": "\(signal)", "timeout": "\(remaining)"])
                Task { [remaining] in drain.yield(await service.drain(timeout: remaining)) }
                remaining = .zero
            }
        }
        defer { watcher.cancel() }
        for await lost in drained { return lost }
        return []
    }

    private static func logger(_ settings: LogSettings) -> Logger {
        let level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        let format = ServiceLog.Format(rawValue: settings.format.rawValue) ?? .text
        return Logger(label: "reloader") { _ in
            ServiceLog(level: level, format: format, clock: SystemClock(), sink: Terminal.complain)
        }
    }

    private static func proxyVariables() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["HTTPS_PROXY", "https_proxy"] { variables[name] = MachineSecrets().variable(name) }
        return variables
    }
}
