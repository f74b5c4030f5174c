import Vocabulary

/// What is known of a job beside its set: who caused it and how it went so far.
struct Job {
    /// Events and attempts that are kept by name; beyond them only their number (queue.md Q19, Q23).
    static let kept = 100

    let id: JobID
    let model: ModelReference
    let createdAt: WallTime
    private(set) var events: [EventID] = []
    private(set) var eventCount = 0
    /// So that two rules of one event count it once.
    private var lastEvent: EventID?
    /// Some of its events are another job's too.
    var sharesEvents = false
    private(set) var attempts: [AttemptSnapshot] = []
    /// Attempts that were used up or are under way.
    private(set) var attemptCount = 0
    /// Failed attempts, and when the first of them ended; `giveUpAfter` counts from there.
    var failures = 0
    var failingSince: MonotonicTime?
    var error: String?
    var unknownTables: [String] = []
    var startedAt: WallTime?
    var startReason: StartReason?
    var kind: LoadKind?
    /// As the runner named them; nil until then.
    var tables: [String]?

    init(id: JobID, model: ModelReference, createdAt: WallTime) {
        self.id = id
        self.model = model
        self.createdAt = createdAt
    }

    /// One that an earlier process began.
    init(
        id: JobID,
        model: ModelReference,
        createdAt: WallTime,
        events: [EventID],
        eventCount: Int,
        attempts: Int
    ) {
        self.init(id: id, model: model, createdAt: createdAt)
        self.events = events
        self.eventCount = eventCount
        attemptCount = attempts
    }

    /// Whether the event counts: one of two rules' changes may have brought it already.
    mutating func add(_ event: EventID?) -> Bool {
        guard let event, event != lastEvent else { return false }
        lastEvent = event
        eventCount += 1
        if events.count < Self.kept { events.append(event) }
        return true
    }

    /// Takes over the events of a job of which this one becomes a part.
    mutating func shareEvents(of other: Job) {
        sharesEvents = true
        let known = Set(events)
        let new = other.events.filter { !known.contains($0) }
        eventCount += other.eventCount - (other.events.count - new.count)
        events += new.prefix(Self.kept - events.count)
        lastEvent = other.lastEvent ?? lastEvent
    }

    /// Takes over all of a younger job, which ends `merged` (queue.md Q5).
    mutating func absorb(_ younger: Job) {
        shareEvents(of: younger)
        attempts = Array((attempts + younger.attempts).suffix(Self.kept))
        attemptCount += younger.attemptCount
        failures = max(failures, younger.failures)
        failingSince = [failingSince, younger.failingSince].compactMap(\.self).min()
        error = younger.error ?? error
        addUnknownTables(younger.unknownTables)
        startedAt = startedAt ?? younger.startedAt
        startReason = younger.startReason ?? startReason
    }

    /// Each once, however many of them an event named.
    mutating func addUnknownTables(_ names: [String]) {
        let known = Set(unknownTables)
        unknownTables += names.filter { !known.contains($0) }
    }

    mutating func beginAttempt(_ reason: StartReason, at now: Now) {
        attemptCount += 1
        if attempts.count == Self.kept { attempts.removeFirst() }
        attempts.append(AttemptSnapshot(startedAt: now.wall, endedAt: nil, result: "loading", error: nil))
        startedAt = now.wall
        startReason = reason
        tables = nil
    }

    /// The attempt of an earlier process goes on.
    mutating func resumeAttempt(at now: Now) {
        attempts.append(AttemptSnapshot(startedAt: now.wall, endedAt: nil, result: "loading", error: nil))
        startedAt = now.wall
    }

    mutating func endAttempt(_ result: String, error: String?, at now: Now) {
        guard var attempt = attempts.popLast() else { return }
        attempt.endedAt = now.wall
        attempt.result = result
        attempt.error = error
        attempts.append(attempt)
    }

    /// The attempt failed; from now on the job shows the selectors that it still has to load.
    mutating func failAttempt(_ result: String, error: String, at now: Now) {
        endAttempt(result, error: error, at: now)
        self.error = error
        tables = nil
    }

    /// As if it had never begun: nothing was loaded, and no attempt is used up (queue.md Q21).
    mutating func withdrawAttempt() {
        attemptCount = max(0, attemptCount - 1)
        _ = attempts.popLast()
        startedAt = attempts.last?.startedAt
        startReason = nil
        tables = nil
    }

    /// Forgets the failures, so that a retry by hand has all of `giveUpAfter` again.
    mutating func forgiveFailures() {
        failures = 0
        failingSince = nil
    }

    func snapshot(
        _ state: JobState,
        outcome: JobOutcome? = nil,
        selectors: SelectorSet,
        inOrder: Bool = true,
        loadAt: WallTime? = nil,
        endedAt: WallTime? = nil,
        mergedInto: JobID? = nil,
        waitingFor: String? = nil
    ) -> JobSnapshot {
        JobSnapshot(
            id: id,
            model: model,
            state: state,
            outcome: outcome,
            kind: kind,
            tables: tables.map { TableNames($0) } ?? (inOrder ? TableNames(selectors.texts) : selectors.names),
            events: events,
            eventCount: eventCount,
            createdAt: createdAt,
            loadAt: loadAt,
            startedAt: startedAt,
            endedAt: endedAt,
            attempts: attempts,
            error: error,
            unknownTables: unknownTables,
            mergedInto: mergedInto,
            startReason: startReason?.rawValue,
            waitingFor: waitingFor
        )
    }
}
