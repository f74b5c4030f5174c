import Vocabulary

/// All that the queue holds for one model.
struct Model {
    let reference: ModelReference
    var policy: ModelPolicy
    /// No longer configured: stays with its old policy until its changes end (queue.md Q24).
    var removed = false
    /// An empty place in the machine's table, for the next new model.
    var vacant = false
    var held = false
    var pending: Pending?
    var phase = Phase.idle
    /// Oldest first; at most `FailedJob.limit`.
    var failed: [FailedJob] = []
    var lastStart: MonotonicTime?
    /// Since when it has been ready: due, and nothing in the way but slots and somebody else's load. Ready models start
    /// in this order (queue.md Q15), so while a model stays ready nothing moves it: no later change, flush or setting.
    var readySince: MonotonicTime?
    /// When it was last known not to be ready; nobody is ready before this, whatever makes him due in hindsight.
    var unreadyAt: MonotonicTime

    var changes: UInt64 = 0
    var events: UInt64 = 0
    var loads: [LoadCount] = []
    var loadDuration = Histogram()
    var freshness = Histogram()
    var lastLoad: JobSnapshot?

    init(_ reference: ModelReference, _ policy: ModelPolicy, at now: MonotonicTime) {
        self.reference = reference
        self.policy = policy
        unreadyAt = now
    }

    /// Asked of a model where it lies: all of the pending job is copied for what is read of it from outside.
    var openJob: JobID? { pending?.job.id }

    /// Whether the open job's state is another than the one told last; it is the one told last from now on.
    mutating func notes(_ state: JobState) -> Bool {
        if pending?.recorded == state { return false }
        pending?.recorded = state
        return true
    }

    /// Takes over what another model has counted.
    mutating func addCounts(of other: Model) {
        changes += other.changes
        events += other.events
        for load in other.loads { loads.add(load) }
        loadDuration.add(other.loadDuration)
        freshness.add(other.freshness)
    }

    mutating func countLoad(_ kind: LoadKind, _ outcome: JobOutcome) {
        loads.add(LoadCount(kind: kind, outcome: outcome, count: 1))
    }
}

/// What is in flight for a model: nothing, one look, a pause between looks, or one load (queue.md Q3).
enum Phase {
    case idle
    case looking(Looking)
    case polling(Polling)
    case loading(Loading)

    /// Why the last look told nothing, until one does.
    var lookFailure: String? {
        switch self {
        case .idle: nil
        case .loading(let loading): loading.watchFailure
        case .looking(let looking): looking.earlier.failure
        case .polling(let polling): polling.failure
        }
    }
}

/// A look at last-load is in flight.
struct Looking {
    /// Whether a slot is reserved for the load that may follow; a further look while another's load runs has none.
    var slot: Bool
    /// The breaker that this look tests.
    var probe: BreakerScope?
    /// How often the model was looked at before in this wait.
    var earlier = Polling(until: .distantPast)
}

/// The last look found the model busy or failed; the next one comes at `until`.
struct Polling {
    var until: MonotonicTime
    /// From Celonis's own `Retry-After`: a bound that no flush ends.
    var notBefore: MonotonicTime?
    var busyLooks = 0
    var failedLooks = 0
    /// Why the last look told nothing; nil if it did.
    var failure: String?
    /// Loads in a row that Celonis called one too many, although the look before each found the model free.
    var refusals = 0
    /// What it said to the last of them.
    var refusal: String?

    /// The next look comes after this pause, and not before the end of Celonis' own bound.
    mutating func pause(for delay: Duration, atLeast bound: Duration? = nil, at now: Now) {
        notBefore = bound.map { now.monotonic.after($0) }
        until = max(now.monotonic.after(delay), notBefore ?? .distantPast)
    }
}

/// A load is in flight: its set is frozen (queue.md Q2).
struct Loading {
    var job: Job
    /// What this job brought; given back if the attempt fails (queue.md Q5).
    var changes: ChangeSet
    /// What is sent: `changes` and what rides along from failed jobs (queue.md Q19).
    let order: LoadOrder
    let urgency: Urgency?
    let startedAt: Now
    /// The start before this one, for a load that turns out never to have begun.
    let earlierStart: MonotonicTime?
    /// See `Polling.refusals`.
    var refusals = 0
    /// It was asked for by an earlier process: nobody knows when.
    var isResumed = false
    /// The breaker that this load tests.
    var trial: BreakerScope?
    /// When the POST was about to be sent.
    var sentAt: MonotonicTime?
    /// What the disk is told of it.
    var stage: JournaledPhase
    /// Why it cannot be watched at present.
    var watchFailure: String?
}

/// The open job of a model: what will be loaded together next.
struct Pending {
    var job: Job
    var changes: ChangeSet
    /// A person or the drain ended the waiting.
    var urgency: Urgency?
    /// The end of the back-off; nil when no attempt has failed, or a flush ended it.
    var retryAt: MonotonicTime?
    /// From Celonis's own `Retry-After`: a bound that no flush ends.
    var notBefore: MonotonicTime?
    /// The state that was last recorded, so that each change of state is told once.
    var recorded: JobState?

    init(job: Job, changes: ChangeSet) {
        self.job = job
        self.changes = changes
    }
}

/// Why pending changes need not wait any longer.
struct Urgency {
    enum Kind: Int, Comparable {
        /// Ends the quiet period, the load cost and the job's own `wait_for_all`, but neither `min_interval` nor a back-off.
        case retry
        /// Also ends `min_interval`, back-off and all of `wait_for_all`.
        case flush
        case drain

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    let kind: Kind
    let at: MonotonicTime

    /// The stronger of the two; of the same kind the earlier.
    static func stronger(_ a: Urgency?, _ b: Urgency?) -> Urgency? {
        guard let a else { return b }
        guard let b else { return a }
        if a.kind != b.kind { return a.kind > b.kind ? a : b }
        return a.at <= b.at ? a : b
    }
}

/// A job that will not be loaded by itself any more: a person, or a later load that covers it, ends it (queue.md Q19).
struct FailedJob {
    /// Per model. Beyond it the two oldest become one, so that a model that always fails cannot fill the memory.
    static let limit = 100

    var job: Job
    var changes: ChangeSet
    /// What Celonis rejected or does not have: kept, but it does not ride along with later loads.
    var culprits: Set<Selector>
    let endedAt: WallTime

    /// What the model's next load takes along.
    var riders: SelectorSet {
        var set = changes.selectors
        set.subtract(culprits)
        return set
    }

    var snapshot: JobSnapshot {
        job.snapshot(.failed, outcome: .failed, selectors: changes.selectors, endedAt: endedAt)
    }
}
