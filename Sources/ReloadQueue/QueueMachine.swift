import Vocabulary

/// Decides everything about every model's reloads: what is pending, when it is due, what is loaded, and what becomes of
/// it. A value: time, randomness and results come in, `Action`s go out. Whoever drives it performs the actions in order
/// and reports back; it never acts itself.
///
/// A change goes to its model's pending set. A deadline makes the set due; a slot is reserved in order of readiness and
/// the model is looked at; the look that finds it free freezes the set and starts the load in the same step. The end of
/// the load forgets the set or gives it back. At most one look or load per model is in flight at any time.
///
/// How the settings combine. The first table: what each one decides for the pending changes of a model.
///
/// | setting | what it decides |
/// | --- | --- |
/// | `debounce` q | due at the last change + q; a later change moves it, except where q is 0 |
/// | `load_cost` C | takes the place of `debounce`: due when the changes have together waited C |
/// | `max_wait` w | due at the first change + w at the latest; fixed at that change, whatever is configured later |
/// | `wait_for_all` | members are no part of pending until their set is complete or its `at_most` is over; then q, C and w apply to them from their own changes; `*` overrides it, and what was in a load does not wait again |
/// | `min_interval` | not before the last start + this, even at `max_wait` |
/// | `retry` | after a failed attempt not before the back-off's end, nor before Celonis's `Retry-After`; then at once, without a new quiet period |
/// | hold | nothing starts; deadlines go on, and what is overdue starts at the release |
/// | `max_concurrent_loads` | due models start in order of readiness; no later change, flush or setting moves one that is ready. A model that waits for somebody else's load has no slot |
/// | a refusal of credentials or pool | nothing starts but one probe at a time |
/// | `reload_together`, `complete_load_above` | what Celonis is asked for; they travel in the order and change no start |
///
/// The second: what ends which wait at once (`CombinationTests` is this table). An event and a change by hand end none
/// but move the quiet period and complete sets.
///
/// | wait | retry by hand | flush | release | configure | `max_wait` | drain |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | `debounce`, `load_cost` | yes | yes | – | the new values apply | yes | yes |
/// | `wait_for_all` | only of the retried job's own tables | yes | – | the new sets apply | – | yes |
/// | `min_interval` | – | yes | – | the new value applies | – | yes |
/// | back-off, pause between looks | – | yes | – | – | – | yes |
/// | `Retry-After` | – | – | – | – | – | – |
/// | refusal | – | – | – | probes at once | – | – |
/// | hold | – | refused | yes | – | – | – |
/// | slot | – | – | – | if there are more | – | – |
/// | own running load | – | – | – | – | – | – |
///
/// A drain takes nothing new in, and names what is on hold, failed or not seen to end. A failed job's tables ride along
/// with the next load, and one that covers them ends it `superseded`; a discard ends it without a load.
package struct QueueMachine: Sendable {
    /// What the driver must do, in this order.
    package enum Action: Hashable, Sendable {
        /// Look once at last-load, then call `lookAnswered`.
        case look(ModelReference)
        /// Make the load, then call `loadEnded`.
        case start(LoadOrder)
        /// Watch a load that an earlier process asked for, then call `loadEnded`.
        case resume(LoadOrder, ResumedLoad)
        /// Put in line for the disk, ahead of everything that was decided later. Sent only by a machine that journals.
        case write(JournalWrite)
        /// Call `timeReached` then. Replaces the earlier wake-up; sent only when it must be earlier, so one that comes
        /// too early is harmless.
        case wake(at: MonotonicTime)
        case record(Transition)
        /// The drain is over: every change that was accepted and not loaded. Nothing follows it.
        case drained([LostChange])
    }

    enum Drain {
        case running
        case draining(until: MonotonicTime)
        /// Nothing is taken in, started or told any more.
        case over
    }

    var settings: QueueSettings
    var identifiers: IdentifierSequence
    /// A place in this table is a model's name within the machine; removed models leave theirs `vacant`.
    var models: [Model] = []
    var places: [ModelReference: Int] = [:]
    /// Where each pending, loading or failed job is.
    var openJobs: [JobID: Int] = [:]
    /// The last jobs that ended (`limits.history`).
    var ended: Ring<JobID, JobSnapshot>
    /// Due models that wait for a slot, by readiness.
    var ready = DeadlineHeap()
    /// Models for which time decides next.
    var deadlines = DeadlineHeap()
    var usedSlots = 0
    var breakers: [BreakerScope: Breaker] = [:]
    var drain = Drain.running
    /// Whether `.record` tells what becomes of jobs, and the last ones are kept. A driver that shows them to nobody saves
    /// half of the work.
    package var tellsOfJobs = true
    private var armed: MonotonicTime?
    private var actions: [Action] = []
    /// nil: the queue is in memory only, and nothing is told of what the disk must know.
    var journal: MachineJournal?

    /// With an image, even an empty one, the machine journals: it goes on from what is in there. `begin` comes next.
    package init(settings: QueueSettings, recovering image: JournalImage? = nil, at now: Now) {
        self.settings = settings
        identifiers = IdentifierSequence(startingAt: now.wall)
        ended = Ring(capacity: settings.history)
        for (reference, policy) in settings.models.sorted(by: { $0.key.name < $1.key.name }) {
            add(reference, policy, at: now)
        }
        if let image { recover(image, at: now) }
    }

    /// Call at the time of the last `.wake`, or at any time.
    package mutating func timeReached(at now: Now) -> [Action] {
        armed = nil
        if isOver { return [] }
        while let (time, place) = deadlines.first, time <= now.monotonic {
            deadlines.remove(place)
            settle(place, at: now)
        }
        probeBreakers(at: now)
        return commit(at: now)
    }

    /// Adds an action to what the current input answers.
    mutating func emit(_ action: Action) { actions.append(action) }

    mutating func record(_ transition: Transition) { emit(.record(transition)) }

    /// Ends an input: ends a finished drain, hands out slots, arms the wake-up.
    mutating func commit(at now: Now) -> [Action] {
        endDrainIfDone(at: now)
        while !isOver, usedSlots < settings.maxConcurrentLoads, let (_, place) = ready.first {
            look(place, slot: true, at: now)
        }
        if let next = nextWake, next < armed ?? .distantFuture {
            armed = next
            emit(.wake(at: next))
        }
        if let write = journal?.takeWrite() { actions.insert(.write(write), at: 0) }
        defer { actions = [] }
        return actions
    }

    private var nextWake: MonotonicTime? {
        var next = MonotonicTime.distantFuture
        for breaker in breakers.values { next = min(next, breaker.nextProbe ?? .distantFuture) }
        if let first = deadlines.first { next = min(next, first.time) }
        switch drain {
        case .running: break
        case .draining(let until): next = min(next, until)
        case .over: return nil
        }
        return next < .distantFuture ? next : nil
    }
}
