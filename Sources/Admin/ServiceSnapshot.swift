import Vocabulary

/// Everything that the admin side shows, taken at one moment: health, metrics and the command line read nothing else.
package struct ServiceSnapshot: Sendable {
    package var version: String
    package var startedAt: WallTime
    package var configuration: ConfigurationSnapshot
    package var queue: QueueSnapshot
    /// Sorted by name.
    package var sources: [SourceSnapshot]
    /// Requests for paths that do not exist: they belong to no source.
    package var unknownPaths: UInt64
    package var openConnections: Int
    package var notifications: NotificationCounts
    package var recorded: RecordCounts
    package var process: ProcessSnapshot
    /// nil: the queue is in memory only.
    package var journal: JournalSnapshot?

    package init(
        version: String,
        startedAt: WallTime,
        configuration: ConfigurationSnapshot,
        queue: QueueSnapshot,
        sources: [SourceSnapshot],
        unknownPaths: UInt64,
        openConnections: Int,
        notifications: NotificationCounts = NotificationCounts(),
        recorded: RecordCounts = RecordCounts(),
        process: ProcessSnapshot = ProcessSnapshot(cpuTime: .zero, residentBytes: nil),
        journal: JournalSnapshot? = nil
    ) {
        self.version = version
        self.startedAt = startedAt
        self.configuration = configuration
        self.queue = queue
        self.sources = sources
        self.unknownPaths = unknownPaths
        self.openConnections = openConnections
        self.notifications = notifications
        self.recorded = recorded
        self.process = process
        self.journal = journal
    }
}

/// How the journal is (product.md §2, `journal`).
package struct JournalSnapshot: Sendable {
    /// Why it cannot be written now; nil if it can.
    package var failure: String?
    /// What was written before is not there either.
    package var isLost: Bool
    /// Groups that reached the disk since the start, the entries in them, and groups that did not.
    package var commits: UInt64
    package var entries: UInt64
    package var failedCommits: UInt64
    /// Changes that came back at the start.
    package var recoveredChanges: Int
    /// Models of which something is on disk while the configuration does not have them.
    package var strangers: [ModelReference]

    package init(
        failure: String? = nil,
        isLost: Bool = false,
        commits: UInt64 = 0,
        entries: UInt64 = 0,
        failedCommits: UInt64 = 0,
        recoveredChanges: Int = 0,
        strangers: [ModelReference] = []
    ) {
        self.failure = failure
        self.isLost = isLost
        self.commits = commits
        self.entries = entries
        self.failedCommits = failedCommits
        self.recoveredChanges = recoveredChanges
        self.strangers = strangers
    }
}

/// What became of the notifications since the start (product.md §2, `notify`).
package struct NotificationCounts: Hashable, Sendable {
    package var delivered: UInt64 = 0
    /// Given up, or pushed out by newer ones.
    package var dropped: UInt64 = 0

    package init() {}
}

/// What became of accepted events that were to be recorded, since the start (product.md §2, `record`).
package struct RecordCounts: Hashable, Sendable {
    package var written: UInt64 = 0
    /// The disk was full, or did not keep up.
    package var lost: UInt64 = 0

    package init() {}
}

/// What the process takes of the machine.
package struct ProcessSnapshot: Hashable, Sendable {
    /// User and system time since its start.
    package var cpuTime: Duration
    /// nil where the system does not tell.
    package var residentBytes: Int?

    package init(cpuTime: Duration, residentBytes: Int?) {
        self.cpuTime = cpuTime
        self.residentBytes = residentBytes
    }
}

/// Which configuration is in force, and what is wrong with a newer one that was refused.
package struct ConfigurationSnapshot: Sendable {
    package var loadedAt: WallTime
    package var error: String?

    package init(loadedAt: WallTime, error: String? = nil) {
        self.loadedAt = loadedAt
        self.error = error
    }
}

/// How a delivery ended. Its number is its place in a list of counters: every delivery counts, and a place costs less
/// than a dictionary's key.
package enum DeliveryOutcome: Int, CaseIterable, Sendable {
    case accepted, unmatched, duplicate, handshake, unauthorized, forbidden, invalid, tooLarge, unsupported, tooSlow,
        rateLimited, unavailable, notFound

    /// The `outcome` label of `reloader_deliveries_total` (product.md §4).
    package var label: String {
        switch self {
        case .accepted: "accepted"
        case .unmatched: "unmatched"
        case .duplicate: "duplicate"
        case .handshake: "handshake"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .invalid: "invalid"
        case .tooLarge: "too_large"
        case .unsupported: "unsupported"
        case .tooSlow: "too_slow"
        case .rateLimited: "rate_limited"
        case .unavailable: "unavailable"
        case .notFound: "not_found"
        }
    }

    /// Whether health counts it as `rejected`.
    package var isRejection: Bool {
        switch self {
        case .accepted, .unmatched, .duplicate, .handshake: false
        case .unauthorized, .forbidden, .invalid, .tooLarge, .unsupported, .tooSlow, .rateLimited, .unavailable,
            .notFound:
            true
        }
    }
}

/// What one source has seen since the start.
package struct SourceSnapshot: Sendable {
    package var name: String
    /// The last delivery that verified.
    package var lastDeliveryAt: WallTime?
    package var outcomes: [DeliveryOutcome: UInt64]
    /// When the secret at each position last verified a delivery; nil = not since the start.
    package var secretLastUsed: [WallTime?]
    /// Since the last delivery that verified; where there was none yet, since the source was configured.
    package var quietFor: Duration
    /// A silence longer than this is `degraded` (`expect_every`); nil: none is.
    package var expectEvery: Duration?

    package init(
        name: String,
        lastDeliveryAt: WallTime?,
        outcomes: [DeliveryOutcome: UInt64],
        secretLastUsed: [WallTime?],
        quietFor: Duration = .zero,
        expectEvery: Duration? = nil
    ) {
        self.name = name
        self.lastDeliveryAt = lastDeliveryAt
        self.outcomes = outcomes
        self.secretLastUsed = secretLastUsed
        self.quietFor = quietFor
        self.expectEvery = expectEvery
    }

    /// Whether it is silent for longer than it should be.
    package var isSilent: Bool { expectEvery.map { quietFor > $0 } ?? false }

    /// Every delivery that was answered: the sum of all outcomes by construction (queue.md Q25).
    package var received: UInt64 { outcomes.values.reduce(0, +) }
}
