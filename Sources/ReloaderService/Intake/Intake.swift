import Admin
import Listener
import Logging
import ReloadQueue
import Signatures
import Synchronization
import Vocabulary

import enum ReloadQueue.Refusal

/// What all deliveries share: the plan in force, the queue, the remembered events and the counters.
final class Intake: Sendable {
    let queue: ReloadQueue
    let clock: any TimeSource
    let logger: Logger
    let trail: Trail
    let recorder: Recorder
    private let currentPlan: Mutex<IntakePlan>
    private let unknownPaths = Mutex<UInt64>(0)
    private let refusals = Mutex(RefusalDigest())
    private let identifiers: Mutex<IdentifierSequence>
    private let duplicates: Mutex<DuplicateWindow>
    /// What became of jobs, for the window. Not done there and then: a transition may be told from inside `admitOnce`,
    /// which holds the window's lock.
    private let jobChanges = Mutex<[JobChange]>([])
    /// Remembered events whose changes are not on disk yet, with the write that puts them there.
    private let beingWritten = Mutex<[EventID: UInt64]>([:])

    init(
        plan: IntakePlan,
        queue: ReloadQueue,
        trail: Trail,
        recorder: Recorder,
        clock: any TimeSource,
        logger: Logger,
        rememberedIDs: Int,
        recovered: JournalImage = JournalImage()
    ) {
        currentPlan = Mutex(plan)
        self.trail = trail
        self.recorder = recorder
        self.queue = queue
        self.clock = clock
        self.logger = logger
        let now = clock.now()
        var sequence = IdentifierSequence(startingAt: now.wall)
        if let last = recovered.remembered.last { sequence.skip(past: last.event.rawValue) }
        identifiers = Mutex(sequence)
        var window = DuplicateWindow(capacity: rememberedIDs)
        window.recover(recovered, at: now) { plan.sources[$0]?.duplicateWindow }
        duplicates = Mutex(window)
    }

    /// The plan in force.
    var plan: IntakePlan { currentPlan.withLock { $0 } }

    /// Puts another plan in force for the deliveries that begin from now on; none that has begun is touched (queue.md
    /// Q24). What is remembered of events stays.
    func replacePlan(with plan: IntakePlan, rememberedIDs: Int) {
        currentPlan.withLock { $0 = plan }
        duplicates.withLock { $0.capacity = rememberedIDs }
    }

    func nextEventID() -> EventID { EventID(rawValue: identifiers.withLock { $0.take() }) }

    /// Tells, now and then, that a source's deliveries are refused, and who sent the last one: `sender` as far as it is
    /// known, else the `peer` of the connection.
    func logRefusal(source: String, reason: String, sender: IPAddress?, peer: PeerAddress) {
        let sender = sender.map { "\($0)" } ?? "\(peer)"
        logger.debug(
            "delivery refused",
            metadata: ["source": "\(source)", "reason": "\(reason)", "sender": "\(sender)"]
        )
        let now = clock.now().monotonic
        guard let count = refusals.withLock({ $0.refused(source: source, reason: reason, at: now) }) else { return }
        logger.warning(
            "deliveries refused",
            metadata: ["source": "\(source)", "reason": "\(reason)", "sender": "\(sender)", "count": "\(count)"]
        )
    }

    func recordUnknownPath() { unknownPaths.withLock { $0 += 1 } }

    var unknownPathCount: UInt64 { unknownPaths.withLock { $0 } }

    /// What every source of the plan has seen until now, by name.
    func sources(at now: MonotonicTime) -> [SourceSnapshot] {
        plan.sources.values.map { $0.snapshot(at: now) }.sorted { $0.name < $1.name }
    }
}

/// Changes that are in the queue and not on disk.
struct UnwrittenChanges {
    let journal: JournalWriter
    let write: UInt64

    /// The answer to whoever brought them, when it is known: it depends on whether they are on disk by then.
    func answer(_ response: @escaping (_ isWritten: Bool) -> Response) -> Answer {
        .later(
            LateAnswer(
                whenKnown: { [self] call in journal.whenKnown(write, call) },
                response: { [self] in
                    FaultPoint.answering.reached()
                    return response(journal.isWritten(write))
                }
            )
        )
    }
}

/// What became of an event that matched.
enum Submission {
    case duplicate(of: EventID)
    /// Answered for once the changes are on disk; nil: they are, or there is no journal.
    case admitted([AdmittedChange], UnwrittenChanges?)
    case refused(Refusal)
}

extension Intake {
    /// Whether this event was taken in before; nil for a new one.
    func knownEvent(_ key: DuplicateKey, at now: Now) -> EventID? {
        duplicates.withLock { window in
            applyJobChanges(to: &window)
            return window.event(for: key, now: now.monotonic)
        }
    }

    /// Tells the window what became of jobs. To be called now and then: where no event has a key, no delivery does it.
    func applyJobChanges() { duplicates.withLock { applyJobChanges(to: &$0) } }

    /// Under the window's lock, so that what is noted first is applied first.
    private func applyJobChanges(to window: inout DuplicateWindow) {
        for change in takeJobChanges() { window.apply(change) }
    }

    private func unwritten(_ admitted: [AdmittedChange]) -> UnwrittenChanges? {
        guard let journal = queue.journal else { return nil }
        let write = admitted.reduce(0) { max($0, $1.write) }
        return journal.isWritten(write) ? nil : UnwrittenChanges(journal: journal, write: write)
    }

    /// The same of an event that was taken in before.
    func unwritten(_ event: EventID) -> UnwrittenChanges? {
        guard let journal = queue.journal, let write = beingWritten.withLock({ $0[event] }) else { return nil }
        return journal.isWritten(write) ? nil : UnwrittenChanges(journal: journal, write: write)
    }

    /// The write of an event's changes ended. One that is not on disk was never taken in: its redelivery is new (Q16).
    func settled(_ event: EventID, key: DuplicateKey?, isWritten: Bool) {
        guard let key, queue.journal != nil else { return }
        beingWritten.withLock { $0[event] = nil }
        if isWritten { return }
        duplicates.withLock { $0.forget(key, event: event) }
        queue.forget(event)
    }

    /// Puts the event's changes into the queue and remembers it, in one step: of n copies at once one is admitted, and
    /// a copy that is answered as a duplicate is one whose original is in the queue (queue.md Q16).
    func admitOnce(
        _ event: EventID,
        of source: String,
        key: DuplicateKey?,
        window: Duration,
        changes: [ModelChanges],
        version: [ModelReference: ModelPolicy],
        at now: Now
    ) -> Submission {
        func submit(beside oldest: EventID? = nil) -> Submission {
            var remembered: RememberedKey?
            if queue.journal != nil, let key {
                remembered = RememberedKey(
                    source: source,
                    key: key,
                    expiresAt: now.wall + window,
                    oldest: oldest
                )
            }
            switch queue.submit(event: event, changes: changes, version: version, remembering: remembered) {
            case .admitted(let changes): return .admitted(changes, unwritten(changes))
            case .refused(let refusal): return .refused(refusal)
            }
        }
        guard let key else { return submit() }
        return duplicates.withLock { known in
            if let first = known.event(for: key, now: now.monotonic) { return .duplicate(of: first) }
            let submission = submit(beside: known.oldestEvent)
            if case .admitted(let admitted, let unwritten) = submission {
                known.remember(key, event: event, jobs: admitted.jobs, now: now.monotonic, for: window)
                if let unwritten { beingWritten.withLock { $0[event] = unwritten.write } }
            }
            return submission
        }
    }

    /// Notes what the window of remembered events must know of a change of state (queue.md Q16).
    func note(_ transition: Transition) {
        guard let change = JobChange(transition) else { return }
        jobChanges.withLock { $0.append(change) }
    }

    private func takeJobChanges() -> [JobChange] {
        jobChanges.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }
}

/// What happened to a job, as far as remembered events go.
private enum JobChange {
    case endedBadly(JobID)
    case endedWell(JobID)
    case merged(JobID, into: JobID)
    case split(JobID, into: JobID)

    init?(_ transition: Transition) {
        switch transition {
        case .job(let job, reason: _):
            switch job.outcome {
            case .failed, .discarded: self = .endedBadly(job.id)
            case .merged:
                guard let other = job.mergedInto else { return nil }
                self = .merged(job.id, into: other)
            case .succeeded, .succeededWithWarnings, .unconfirmed, .superseded, .dryRun: self = .endedWell(job.id)
            case nil: return nil
            }
        case .split(let from, let into, _): self = .split(from, into: into)
        case .held, .released, .flushed, .lookFailed, .breakerOpened, .breakerClosed, .modelAdded, .modelRemoved:
            return nil
        }
    }
}

extension DuplicateWindow {
    /// Goes on from what is on disk. By the wall clock, which may have jumped: no event is remembered for longer than its
    /// source's window from now (queue.md Q13). One whose job has failed is to be forgotten (Q16).
    fileprivate mutating func recover(_ image: JournalImage, at now: Now, window: (String) -> Duration?) {
        var jobs: [EventID: [JobID]] = [:]
        var failed: Set<JobID> = []
        for recovered in image.jobs {
            for event in recovered.job.events { jobs[event, default: []].append(recovered.job.id) }
            if case .failed = recovered.job.phase { failed.insert(recovered.job.id) }
        }
        reserveCapacity(image.remembered.count)
        // There are many of them, of few sources and nearly always of one job.
        var (source, longest) = ("", window(""))
        for event in image.remembered {
            if event.source != source { (source, longest) = (event.source, window(event.source)) }
            guard let longest else { continue }
            let left = min(event.expiresAt - now.wall, longest)
            var all = event.jobs
            if let more = jobs[event.event] { all = all.union(more) }
            guard left > .zero, failed.isDisjoint(with: all.all) else { continue }
            remember(event.key, event: event.event, jobs: all, now: now.monotonic, for: left)
        }
    }

    fileprivate mutating func apply(_ change: JobChange) {
        switch change {
        case .endedBadly(let job): forget(job: job)
        case .endedWell(let job): settle(job: job)
        case .merged(let job, let other): move(job: job, into: other)
        case .split(let job, let other): share(job: job, with: other)
        }
    }
}
