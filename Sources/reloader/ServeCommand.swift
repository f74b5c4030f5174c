import ArgumentParser
import Celonis
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
            SIGHUP, or a change of the configuration file, of a secret's file or of the certificate's, reads all of them \
            again; a configuration that is invalid changes nothing and shows in health.

            SIGTERM and SIGINT drain: no more deliveries, what is pending is loaded, running loads are watched for \
            limits.drain_timeout. With a journal everything stays in it, and the end comes at once. Ends with 0; with 3 where \
            accepted changes were neither loaded nor in the journal, after naming them; with 1 where an address or the \
            journal cannot be opened; with 78 where the configuration is invalid.
            """
    )

    @OptionGroup var file: ConfigurationOption

    func run() async throws {
        LargeBlocks.giveBackWhenFreed()
        DescriptorLimit.raise()
        let reading = ConfigurationReading(path: file.path)
        let configuration = try file.configuration(of: reading.file)
        let style = LogStyle(configuration.log)
        let logger = Logger(label: "reloader") { _ in
            ServiceLog(style: style, clock: SystemClock(), sink: Terminal.complain)
        }
        for warning in reading.file.diagnostics { Self.log(warning, logger) }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let service: RunningService
        do {
            service = try await RunningService.start(
                configuration,
                environment: Self.proxyVariables(),
                logger: logger
            )
        } catch  where error is ListenError || error is CertificateError || error is CAFileError {
            throw Failure("\(error)")
        } catch let error as JournalError {
            throw Failure(error.message)
        }
        logger.info(
            "listening",
            metadata: ["address": "\(service.listenAddress)", "admin": "\(service.adminAddress)"]
        )
        let manager = ServiceManager(environment: MachineSecrets().variable)
        manager.ready(service.summary)
        ProgramPages.giveBack()
        let watchdog = Task { await manager.keepWatchdog { service.summary } }
        defer { watchdog.cancel() }
        let reloader = ConfigurationReloader(
            path: file.path,
            reading: reading,
            service: service,
            style: style,
            logger: logger,
            manager: manager
        )
        let lost = await Self.run(service, reloader, manager, until: signals, logger)
        // First of all: whoever manages the process may not wait for what follows.
        for change in lost { Self.name(change, style.format, logger) }
        await service.close()
        logger.info("stopped", metadata: ["lost": "\(lost.count)"])
        if !lost.isEmpty { throw ExitCode.changesLost }
    }

    /// Follows the configuration until a signal to stop, then drains; a second one ends the drain at once, still naming
    /// what is lost.
    private static func run(
        _ service: RunningService,
        _ reloader: ConfigurationReloader,
        _ manager: ServiceManager,
        until signals: UnixSignalsSequence,
        _ logger: Logger
    ) async -> [LostChange] {
        let (triggers, trigger) = AsyncStream.makeStream(of: ReloadTrigger.self)
        let reloading = Task { await reloader.run(triggers) }
        let looking = Task {
            while (try? await Task.sleep(for: ConfigurationReloader.lookInterval)) != nil { trigger.yield(.lookDue) }
        }
        let (drained, drain) = AsyncStream.makeStream(of: [LostChange].self)
        let watcher = Task {
            var timeout: Duration?
            for await signal in signals {
                if signal == .sighup {
                    trigger.yield(.asked)
                    continue
                }
                looking.cancel()
                trigger.finish()
                manager.stopping()
                let remaining = timeout ?? service.drainTimeout
                logger.notice("draining", metadata: ["signal": "\(signal)", "timeout": "\(remaining)"])
                Task { drain.yield(await service.drain(timeout: remaining)) }
                timeout = .zero
            }
        }
        defer { watcher.cancel() }
        for await lost in drained {
            // One that is under way puts its sockets where `close` finds them; one that reads from what does not answer is
            // not waited for.
            await ended(reloading, within: .seconds(2))
            return lost
        }
        return []
    }

    private static func ended(_ task: Task<Void, Never>, within limit: Duration) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        Task {
            await task.value
            end.yield()
        }
        Task {
            try? await Task.sleep(for: limit)
            end.yield()
        }
        for await _ in ends { return }
    }

    /// What `check` would print.
    private static func log(_ warning: Diagnostic, _ logger: Logger) {
        var metadata: Logger.Metadata = ["at": "\(warning.file):\(warning.place)", "warning": "\(warning.message)"]
        if let hint = warning.hint { metadata["hint"] = "\(hint)" }
        logger.warning("configuration warning", metadata: metadata)
    }

    /// Names a change that was accepted and not loaded: whatever the log's level, but in the log's form.
    private static func name(_ change: LostChange, _ format: LogStyle.Format, _ logger: Logger) {
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

    static func proxyVariables() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["HTTPS_PROXY", "https_proxy"] { variables[name] = MachineSecrets().variable(name) }
        return variables
    }
}
