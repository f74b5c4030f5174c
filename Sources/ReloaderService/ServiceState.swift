import Admin
import ReloadQueue
import Synchronization
import Vocabulary

/// What health and metrics tell beside the queue; filled while the service is being put together.
final class ServiceState: Sendable {
    private struct Parts {
        var intake: Intake?
        var openConnections: @Sendable () -> Int = { 0 }
        var modelSettings: @Sendable () -> [ModelReference: [String: String]] = { [:] }
        var configuration: ConfigurationSnapshot
    }

    private let startedAt: WallTime
    private let parts: Mutex<Parts>

    init(startedAt: WallTime) {
        self.startedAt = startedAt
        parts = Mutex(Parts(configuration: ConfigurationSnapshot(loadedAt: startedAt)))
    }

    var intake: Intake? { parts.withLock(\.intake) }

    func setIntake(_ intake: Intake) { parts.withLock { $0.intake = intake } }

    func setOpenConnections(_ count: @escaping @Sendable () -> Int) { parts.withLock { $0.openConnections = count } }

    func setModelSettings(_ settings: @escaping @Sendable () -> [ModelReference: [String: String]]) {
        parts.withLock { $0.modelSettings = settings }
    }

    /// The settings of each configured model as the configuration would write them.
    var modelSettings: [ModelReference: [String: String]] { parts.withLock(\.modelSettings)() }

    /// A configuration is in force since then, and none has been refused after it.
    func configurationLoaded(at time: WallTime) {
        parts.withLock { $0.configuration = ConfigurationSnapshot(loadedAt: time) }
    }

    /// The newest configuration is not in force, for this reason.
    func configurationRefused(because reason: String) { parts.withLock { $0.configuration.error = reason } }

    func snapshot(
        queue: QueueSnapshot,
        journal: JournalReport?,
        notifications: NotificationCounts,
        recorded: RecordCounts
    ) -> ServiceSnapshot {
        let parts = parts.withLock(\.self)
        return ServiceSnapshot(
            version: reloaderVersion,
            startedAt: startedAt,
            configuration: parts.configuration,
            queue: queue,
            sources: parts.intake?.sources(at: queue.at.monotonic) ?? [],
            unknownPaths: parts.intake?.unknownPathCount ?? 0,
            openConnections: parts.openConnections(),
            notifications: notifications,
            recorded: recorded,
            process: ProcessReading.now(),
            journal: journal.map(JournalSnapshot.init)
        )
    }
}

extension JournalSnapshot {
    fileprivate init(_ report: JournalReport) {
        self.init(
            failure: report.status.failure,
            isLost: report.status.isLost,
            commits: report.status.commits,
            entries: report.status.entries,
            failedCommits: report.status.failedCommits,
            recoveredChanges: report.recoveredChanges,
            strangers: report.strangers
        )
    }
}
