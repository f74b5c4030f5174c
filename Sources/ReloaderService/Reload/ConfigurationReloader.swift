import Listener
import Logging
import Settings
import Vocabulary

/// Why the configuration is looked at.
package enum ReloadTrigger: Sendable {
    /// Somebody asked for it: SIGHUP.
    case asked
    /// It is time to see whether a file has changed.
    case lookDue
}

/// Keeps a running service in step with its configuration file (product.md §5, `serve`): reads it again when it has
/// changed or somebody asks, and puts it in force as a whole. A file that is refused changes nothing and is told in
/// health, metrics and log until a better one comes (queue.md Q24).
package struct ConfigurationReloader: Sendable {
    /// Between two looks. A change is read at the second look after it.
    package static let lookInterval = Duration.milliseconds(500)

    private let path: String
    private let service: RunningService
    private let style: LogStyle
    private let logger: Logger
    private let manager: ServiceManager
    private let watch: FileWatch

    /// `reading` is what the service was started with, from the same path.
    package init(
        path: String,
        reading: ConfigurationReading,
        service: RunningService,
        style: LogStyle,
        logger: Logger,
        manager: ServiceManager
    ) {
        self.path = path
        self.service = service
        self.style = style
        self.logger = logger
        self.manager = manager
        watch = FileWatch(read: reading.states)
    }

    /// One reading after the other until the triggers end, so that each configuration follows the one before it.
    package func run(_ triggers: AsyncStream<ReloadTrigger>) async {
        var watch = watch
        for await trigger in triggers {
            switch trigger {
            case .asked: break
            case .lookDue:
                let states = watch.paths.map { ($0, FileState(path: $0)) }
                guard watch.looked(Dictionary(uniqueKeysWithValues: states)) else { continue }
            }
            guard FileState.canBeReadAgain(path) else {
                refuse("\(path) is no file that can be read again; start the service with one")
                continue
            }
            manager.reloading(at: SystemClock().now().monotonic)
            let reading = ConfigurationReading(path: path, certificate: service.certificateFiles)
            watch.hasRead(reading.states)
            await load(reading)
            manager.ready(service.summary)
        }
    }

    private func load(_ reading: ConfigurationReading) async {
        guard let configuration = reading.file.configuration else {
            for error in reading.file.errors {
                logger.error("configuration error", metadata: ["error": "\(error.summary)"])
            }
            refuse(reading.error)
            // One runs out, whatever is wrong with the configuration.
            do {
                try service.renewCertificate()
            } catch {
                logger.error("certificate not renewed", metadata: ["error": "\(error)"])
            }
            return
        }
        do {
            let nextStart = try await service.reload(configuration)
            logger.notice(
                "configuration loaded",
                metadata: [
                    "file": "\(path)", "models": "\(configuration.models.count)",
                    "sources": "\(configuration.sources.count)", "rules": "\(configuration.rules.count)",
                ]
            )
            // After the line above, which a higher level may be about to silence.
            style.set(configuration.log)
            for key in nextStart {
                logger.warning(
                    "a changed key holds from the next start on; restart the service",
                    metadata: ["key": "\(key)"]
                )
            }
        } catch {
            refuse("\(error)")
        }
    }

    private func refuse(_ reason: String) {
        service.refuseConfiguration(because: reason)
        logger.error(
            "configuration refused; the former one stays in force",
            metadata: ["file": "\(path)", "error": "\(reason)"]
        )
    }
}
