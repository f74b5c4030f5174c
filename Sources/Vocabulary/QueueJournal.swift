/// The seam between the queue and the disk (queue.md, "Nothing lost"): what is pending, in a load or failed, what is on
/// hold, and which events are remembered as duplicates; nothing more. SQLite in the service, a twin in memory in tests.
///
/// Entries describe what became of jobs, not of rows, and a job's id is unique over all processes; so nothing here
/// assumes that one process writes alone. A job's id is also the generation of its changes: what arrives during a
/// load belongs to another job, so the end of a load forgets only what was frozen with it.
package protocol QueueJournal: Sendable {
    /// All that is open. Called once, before the first commit.
    func recover() throws(JournalError) -> JournalImage

    /// Looks whether all that is kept is whole, beyond what `recover` has read. It takes its time, so who starts does it
    /// beside what needs the image only; but takes nothing in, and loads nothing, before it has ended well.
    func check() throws(JournalError)

    /// Puts all entries on disk, in their order, or none of them. Returns when they are safe there. Blocks; called by one
    /// writer, never twice at once. After an error the same entries may be committed again. Of no entries: looks whether
    /// what was committed before is still there.
    func commit(_ entries: [JournalEntry]) throws(JournalError)

    /// Lets go of the file and of its lock.
    func close()
}

/// Why the journal did not do what it was asked to.
package enum JournalError: Error, Hashable, Sendable {
    /// Nothing was written, and the same may succeed later: a full, slow or vanished disk. The text is for people.
    case unavailable(String)
    /// Nothing was written, and what was committed before is not under the journal's name either: moved away, overwritten
    /// or damaged while it was open. The same may succeed later, and then all of it is there again.
    case lost(String)
    /// The file cannot be used as it is: another program's, a newer schema, damaged, or owned by another process. The
    /// text says what to do.
    case unusable(String)

    package var message: String {
        switch self {
        case .unavailable(let text), .lost(let text), .unusable(let text): text
        }
    }
}

/// One thing that happened to the queue, as far as the disk must know.
package enum JournalEntry: Hashable, Sendable {
    /// The job as it is now, without its changes; a new one is created. Apart, for it is large, and entries that are
    /// small wait by the thousand.
    indirect case job(JournaledJob)
    /// Selectors became part of a job that was told before. One that the job has already: the earlier `since` and the
    /// stricter `unknown` stay.
    case changed(JobID, [JournaledChange])
    /// Selectors of one job go on as part of another; the rest stays. The remembered events of the first are the other's
    /// as well from now on.
    case moved([Selector], from: JobID, to: JobID)
    /// The first job is gone, all its changes and remembered events are the other's now.
    case merged(JobID, into: JobID)
    /// The job is over: it and its changes are forgotten.
    case ended(JobID)
    case held(ModelReference)
    case released(ModelReference)
    /// An event that was taken in, so that a copy is known for one after a restart too. Those before `oldest` are not
    /// remembered any more: too old, or too many came since. So the disk holds no more of them than the memory.
    case remembered(RememberedEvent, oldest: EventID = EventID(rawValue: 0))
    /// A copy of the event is new from now on.
    case forgotten(EventID)
    /// The same of every remembered event of the job, however many they are.
    case forgottenWith(JobID)
    /// The job, of which events went on as another's, ended well: what becomes of those is up to the other alone.
    case settled(JobID)
}

/// Where a job is, as far as a restart must know.
package enum JournaledPhase: Hashable, Sendable {
    case pending
    /// Frozen: a load is being prepared.
    case loading(LoadBaseline)
    /// The POST is about to be sent: if no later phase is told, it may have started a load (queue.md Q28).
    case sending(LoadBaseline)
    /// The POST was answered with a 2xx: a load that differs from the baseline is watched to its end.
    case answered(LoadBaseline)
    /// Ended `failed`; waits for a person, or for a load that covers it.
    case failed(culprits: [Selector])
}

/// A job without its changes.
package struct JournaledJob: Hashable, Sendable {
    package var id: JobID
    package var model: ModelReference
    package var phase: JournaledPhase
    package var createdAt: WallTime
    /// The first 100.
    package var events: [EventID]
    package var eventCount: Int
    /// Attempts that were used up or are under way.
    package var attempts: Int
    /// Failed ones, and when the first of them ended; `give_up_after` counts from there.
    package var failures: Int
    package var failingSince: WallTime?
    /// Not before this is it tried again.
    package var retryAt: WallTime?
    /// As Celonis asked (`Retry-After`): a bound that nobody here ends.
    package var notBefore: WallTime?
    /// When these two were said: whatever the clock does meanwhile, neither wait becomes longer than it was then
    /// (queue.md Q13).
    package var waitsSince: WallTime?
    /// Of a failed one.
    package var endedAt: WallTime?
    package var error: String?

    package init(
        id: JobID,
        model: ModelReference,
        phase: JournaledPhase,
        createdAt: WallTime,
        events: [EventID] = [],
        eventCount: Int = 0,
        attempts: Int = 0,
        failures: Int = 0,
        failingSince: WallTime? = nil,
        retryAt: WallTime? = nil,
        notBefore: WallTime? = nil,
        waitsSince: WallTime? = nil,
        endedAt: WallTime? = nil,
        error: String? = nil
    ) {
        self.id = id
        self.model = model
        self.phase = phase
        self.createdAt = createdAt
        self.events = events
        self.eventCount = eventCount
        self.attempts = attempts
        self.failures = failures
        self.failingSince = failingSince
        self.retryAt = retryAt
        self.notBefore = notBefore
        self.waitsSince = waitsSince
        self.endedAt = endedAt
        self.error = error
    }
}

/// One selector of a job.
package struct JournaledChange: Hashable, Sendable {
    package var selector: Selector
    package var unknown: UnknownTables
    /// When it became pending. On the wall clock, since the monotonic one ends with the machine; a recovered change's age
    /// is clamp(now − since, 0, `max_wait`) (queue.md Q13).
    package var since: WallTime

    package init(selector: Selector, unknown: UnknownTables, since: WallTime) {
        self.selector = selector
        self.unknown = unknown
        self.since = since
    }
}

/// An event that is remembered as taken in (queue.md Q16).
package struct RememberedEvent: Hashable, Sendable {
    // First, since it lies on a border of 32 bytes: no room is lost before it.
    package var key: DuplicateKey
    package var source: String
    package var event: EventID
    /// The jobs that its changes are part of.
    package var jobs: EventJobs
    package var expiresAt: WallTime

    package init(source: String, key: DuplicateKey, event: EventID, jobs: EventJobs, expiresAt: WallTime) {
        self.source = source
        self.key = key
        self.event = event
        self.jobs = jobs
        self.expiresAt = expiresAt
    }
}

/// A job as it is recovered.
package struct RecoveredJob: Hashable, Sendable {
    package var job: JournaledJob
    /// By the bytes of the selector's text.
    package var changes: [JournaledChange]

    package init(job: JournaledJob, changes: [JournaledChange]) {
        self.job = job
        self.changes = changes
    }
}

/// All that is open on disk.
package struct JournalImage: Hashable, Sendable {
    /// By id, so in the order of their age.
    package var jobs: [RecoveredJob]
    /// By the bytes of their names.
    package var held: [ModelReference]
    /// By id, so the oldest first; each with its jobs by id.
    package var remembered: [RememberedEvent]

    package init(jobs: [RecoveredJob] = [], held: [ModelReference] = [], remembered: [RememberedEvent] = []) {
        self.jobs = jobs
        self.held = held
        self.remembered = remembered
    }
}
