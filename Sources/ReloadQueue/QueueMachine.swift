import Vocabulary

/// Decides everything about every model's reloads: what is pending, when it is due, what is loaded, and what becomes of
/// it. A value: time, randomness and results come in, `Action`s go out. Whoever drives it performs the actions in order
/// and reports back; it never acts itself.
///
/// A change goes to its model's pending set. A deadline makes the set due; a slot is reserved in order of readiness and
/// the model is looked at; the look that finds it free freezes the set and starts the load in the same step. The end of
/// the load forgets the set or gives it back. At most one look or load per model is in flight at any time.
///
/// How the settings combine, for what is pending:
///
/// | setting | what it decides | beside the others |
/// | --- | --- | --- |
/// | `debounce` q | due at the last change + q; a later change moves it, also while waiting for a slot | ended by all below |
/// | `load_cost` C | due when the changes have together waited C | takes the place of `debounce` |
/// | `max_wait` w | due at the first change + w at the latest; fixed at that change | ends q and C, nothing else |
/// | `wait_for_all` | members are no part of pending until their set is complete or its `at_most` is over; then q, C and w apply to them from their own changes | `*`, flush and drain take all; what was in a load does not wait again |
/// | `min_interval` | not before the last start + this | after q, C, w, back-off, a retry by hand; ended by flush and drain |
/// | back-off | not before its end, then at once: no new quiet period | ended by flush and drain, but never below `Retry-After` |
/// | hold | nothing starts; deadlines go on | stronger than everything; flush is refused, drain names what is left |
/// | breaker | nothing starts but one probe at a time | flush and drain wait for it |
/// | slots | due models in order of readiness | a model waiting for somebody else's load has none |
/// | flush | due now, all that is pending | waits for a running load, a slot, a breaker, `Retry-After` |
/// | drain | as flush, for every model that is not on hold; nothing new is taken in | ends at its timeout |
/// | `reload_together`, `complete_load_above` | what Celonis is asked for | travel in the order; they change no deadline |
package struct QueueMachine: Sendable {
    /// What the driver must do, in this order.
    package enum Action: Hashable, Sendable {
        /// Look once at last-load, then call `lookAnswered`.
        case look(ModelReference)
        /// Make the load, then call `loadEnded`.
        case start(LoadOrder)
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
    var ended: EndedJobs
    /// Due models that wait for a slot, by readiness.
    var ready = DeadlineHeap()
    /// Models for which time decides next.
    var deadlines = DeadlineHeap()
    var usedSlots = 0
    var breakers: [BreakerScope: Breaker] = [:]
    var drain = Drain.running
    private var armed: MonotonicTime?
    private var actions: [Action] = []

    package init(settings: QueueSettings, at now: Now) {
        self.settings = settings
        identifiers = IdentifierSequence(startingAt: now.wall)
        ended = EndedJobs(capacity: settings.history)
        for (reference, policy) in settings.models.sorted(by: { $0.key.name < $1.key.name }) {
            add(reference, policy, at: now)
        }
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
        defer { actions = [] }
        return actions
    }

    private var nextWake: MonotonicTime? {
        var times = breakers.values.compactMap(\.nextProbe)
        if let first = deadlines.first { times.append(first.time) }
        switch drain {
        case .running: break
        case .draining(let until): times.append(until)
        case .over: return nil
        }
        return times.min()
    }
}
