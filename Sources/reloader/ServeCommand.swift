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
        let (configuration, warnings) = try file.loadFile(mustRun: true)
        let logger = Self.logger(configuration.log)
        for warning in warnings { Self.log(warning, logger) }
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
        for change in lost { Self.name(change, configuration.log.format, logger) }
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

    /// What `check` would print.
    private static func log(_ warning: Diagnostic, _ logger: Logger) {
        var metadata: Logger.Metadata = ["at": "\(warning.file):\(warning.place)", "warning": "\(warning.message)"]
        if let hint = warning.hint { metadata["hint"] = "\(hint)" }
        logger.warning("configuration warning", metadata: metadata)
    }

    /// Names a change that was accepted and not loaded: whatever the log's level, but in the log's form.
    private static func name(_ change: LostChange, _ format: LogSettings.Format, _ logger: Logger) {
        switch format {
        case .text:
            let line = "model \(change.model.name), table \(change.table), job \(change.job): \(change.reason)"
            Terminal.complain("not loaded: \(line.printable)\n")
        case .json:
            logger.critical(
                "not loaded",
                metadata: [
                    "model": "\(change.model.name)", "table": "\(change.table)", "job": "\(change.job)",
                    "reason": "\(change.reason)",
                ]
            )
        }
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
