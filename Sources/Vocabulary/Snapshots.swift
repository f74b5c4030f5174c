/// The state of a job (product.md §4). `failed` is over but waits for a person, or for a later load that covers it.
package enum JobState: String, Hashable, Sendable, CaseIterable {
    case waiting, ready, loading, retrying, held, failed, ended
}

/// How a job ended (product.md §4).
package enum JobOutcome: String, Hashable, Sendable, CaseIterable {
    case succeeded
    case succeededWithWarnings = "succeeded_with_warnings"
    case unconfirmed
    case failed
    case merged
    case superseded
    case discarded
    case dryRun = "dry_run"
}

/// One try to load a job.
package struct AttemptSnapshot: Hashable, Sendable {
    package var startedAt: WallTime
    package var endedAt: WallTime?
    /// `loading`, an outcome's name, or the kind of failure in one word (`transient`, `permanent`, …).
    package var result: String
    package var error: String?

    package init(startedAt: WallTime, endedAt: WallTime?, result: String, error: String?) {
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.result = result
        self.error = error
    }
}

/// Everything that is told about a job. Field by field the `job` of product.md §4.
package struct JobSnapshot: Hashable, Sendable {
    package var id: JobID
    package var model: ModelReference
    package var state: JobState
    package var outcome: JobOutcome?
    package var kind: LoadKind?
    package var tableNames: TableNames
    /// How many names an abridged job has lost.
    package private(set) var omittedTables = 0
    /// The first 100.
    package var events: [EventID]
    package var eventCount: Int
    package var createdAt: WallTime
    /// The earliest start if nothing else arrives; nil while that is not known.
    package var loadAt: WallTime?
    package var startedAt: WallTime?
    package var endedAt: WallTime?
    package var attempts: [AttemptSnapshot]
    package var error: String?
    package var unknownTables: [String]
    package var mergedInto: JobID?
    /// Why the load started when it did, for the trail: `quiet`, `max_wait`, `load_cost`, `flush`, `drain`, `retry`, …
    package var startReason: String?
    /// What an open job waits for, in words, e.g. `the quiet period`.
    package var waitingFor: String?

    package init(
        id: JobID,
        model: ModelReference,
        state: JobState,
        outcome: JobOutcome? = nil,
        kind: LoadKind? = nil,
        tables: TableNames,
        events: [EventID],
        eventCount: Int,
        createdAt: WallTime,
        loadAt: WallTime? = nil,
        startedAt: WallTime? = nil,
        endedAt: WallTime? = nil,
        attempts: [AttemptSnapshot] = [],
        error: String? = nil,
        unknownTables: [String] = [],
        mergedInto: JobID? = nil,
        startReason: String? = nil,
        waitingFor: String? = nil
    ) {
        self.id = id
        self.model = model
        self.state = state
        self.outcome = outcome
        self.kind = kind
        tableNames = tables
        self.events = events
        self.eventCount = eventCount
        self.createdAt = createdAt
        self.loadAt = loadAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.attempts = attempts
        self.error = error
        self.unknownTables = unknownTables
        self.mergedInto = mergedInto
        self.startReason = startReason
        self.waitingFor = waitingFor
    }

    /// Selectors while it waits; aliases or names once they are known.
    package var tables: [String] { tableNames.all }

    /// Bytes that the names of a job may take in a history.
    private static let kept = 16 * 1024

    /// As a history keeps it: with the first of its names, for events may have made up any number of them (queue.md Q23).
    package var abridged: JobSnapshot {
        var job = self
        if let first = tableNames.first(bytes: Self.kept) {
            job.omittedTables += tableNames.count - first.count
            job.tableNames = first
        }
        if let first = TableNames(unknownTables).first(bytes: Self.kept) { job.unknownTables = first.all }
        return job
    }
}

/// The state of a model: the first that applies, in this order (product.md §4).
package enum ModelState: String, Hashable, Sendable, CaseIterable {
    case loading, held, retrying, ready, waiting, idle
}

/// What went wrong last for a model's open job, which waits and is tried again.
package struct WaitingTrouble: Hashable, Sendable {
    package var job: JobID
    /// Celonis's answer, or why there was none.
    package var message: String
    /// nil while a load is under way, or while something else has to end first.
    package var nextTry: WallTime?

    package init(job: JobID, message: String, nextTry: WallTime?) {
        self.job = job
        self.message = message
        self.nextTry = nextTry
    }
}

/// A selector that waits for a load.
package struct PendingChange: Hashable, Sendable {
    package var table: String
    /// When it became pending; a failed attempt does not change that.
    package var since: WallTime

    package init(table: String, since: WallTime) {
        self.table = table
        self.since = since
    }
}

/// Everything that is told about a model.
package struct ModelSnapshot: Hashable, Sendable {
    package var model: ModelReference
    package var state: ModelState
    package var held: Bool
    /// How many tables wait, and which since when: none is named to those who only count them.
    package var pendingCount: Int
    package var pendingChanges: [PendingChange]
    package var pendingSince: WallTime?
    /// Seconds since the oldest pending or loading change became pending; nil when there is none.
    package var oldestChangeAge: Duration?
    /// When that was.
    package var oldestChangeAt: WallTime?
    package var maxWait: Duration
    package var loadAt: WallTime?
    /// The job that is loading now.
    package var loading: JobSnapshot?
    package var lastLoad: JobSnapshot?
    package var failedJobs: Int
    /// Events that name further tables are refused: too many wait, or are in failed jobs.
    package var isFull: Bool
    /// The newest of them.
    package var lastFailed: JobSnapshot?
    /// What the pending job waits for, in words; nil if there is none.
    package var waitingFor: String?
    /// Why the open job was not loaded by the last look or attempt; nil if that went well, or there was none.
    package var trouble: WaitingTrouble?
    /// Attempts of the pending or loading job so far.
    package var attempts: Int
    package var changes: UInt64
    /// The events that made them; a change by hand has none.
    package var events: UInt64
    package var loads: [LoadCount]
    /// Seconds from POST to the end seen.
    package var loadDuration: Histogram
    /// Seconds from a change's arrival to the confirmed end of the load that covers it.
    package var freshness: Histogram

    package init(
        model: ModelReference,
        state: ModelState,
        held: Bool,
        pendingCount: Int? = nil,
        pendingChanges: [PendingChange],
        pendingSince: WallTime?,
        oldestChangeAge: Duration?,
        oldestChangeAt: WallTime? = nil,
        maxWait: Duration,
        loadAt: WallTime?,
        loading: JobSnapshot?,
        lastLoad: JobSnapshot?,
        failedJobs: Int,
        isFull: Bool = false,
        lastFailed: JobSnapshot? = nil,
        waitingFor: String? = nil,
        trouble: WaitingTrouble? = nil,
        attempts: Int,
        changes: UInt64,
        events: UInt64 = 0,
        loads: [LoadCount],
        loadDuration: Histogram,
        freshness: Histogram
    ) {
        self.model = model
        self.state = state
        self.held = held
        self.pendingCount = pendingCount ?? pendingChanges.count
        self.pendingChanges = pendingChanges
        self.pendingSince = pendingSince
        self.oldestChangeAge = oldestChangeAge
        self.oldestChangeAt = oldestChangeAt
        self.maxWait = maxWait
        self.loadAt = loadAt
        self.loading = loading
        self.lastLoad = lastLoad
        self.failedJobs = failedJobs
        self.isFull = isFull
        self.lastFailed = lastFailed
        self.waitingFor = waitingFor
        self.trouble = trouble
        self.attempts = attempts
        self.changes = changes
        self.events = events
        self.loads = loads
        self.loadDuration = loadDuration
        self.freshness = freshness
    }

    package var pendingTables: [String] { pendingChanges.map(\.table) }
}

/// How many loads of a model ended in one way.
package struct LoadCount: Hashable, Sendable {
    package var kind: LoadKind
    package var outcome: JobOutcome
    package var count: UInt64

    package init(kind: LoadKind, outcome: JobOutcome, count: UInt64) {
        self.kind = kind
        self.outcome = outcome
        self.count = count
    }
}

extension [LoadCount] {
    /// Counts what ended in the same way together.
    package mutating func add(_ load: LoadCount) {
        if let index = firstIndex(where: { $0.kind == load.kind && $0.outcome == load.outcome }) {
            self[index].count += load.count
        } else {
            append(load)
        }
    }
}

/// A refusal by Celonis that makes models wait until a probe succeeds.
package struct BreakerSnapshot: Hashable, Sendable {
    /// nil: the credentials, so every model waits; else the pool that refuses.
    package var poolID: String?
    package var since: WallTime
    package var message: String

    package init(poolID: String?, since: WallTime, message: String) {
        self.poolID = poolID
        self.since = since
        self.message = message
    }
}

/// The whole queue at one moment: the one source of every number that is shown anywhere (issue "see it": consistent).
package struct QueueSnapshot: Hashable, Sendable {
    package var at: Now
    /// Sorted by name. A removed model whose changes have not ended may have the name of one that is configured, and
    /// stands after it (queue.md Q24).
    package var models: [ModelSnapshot]
    /// Jobs by state; `ended` is not counted.
    package var jobs: [JobState: Int]
    package var breakers: [BreakerSnapshot]
    package var draining: Bool

    package init(
        at: Now,
        models: [ModelSnapshot],
        jobs: [JobState: Int],
        breakers: [BreakerSnapshot],
        draining: Bool
    ) {
        self.at = at
        self.models = models
        self.jobs = jobs
        self.breakers = breakers
        self.draining = draining
    }
}
