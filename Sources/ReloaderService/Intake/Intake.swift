import Admin
import JSONPath
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
    private let currentPlan: Mutex<IntakePlan>
    private let meters = Mutex<[String: SourceMeter]>([:])
    private let unknownPaths = Mutex<UInt64>(0)
    private let identifiers: Mutex<IdentifierSequence>
    private let duplicates: Mutex<DuplicateWindow>
    /// Events to forget, noted by the queue's transitions. Not forgotten there and then: a transition may be told from
    /// inside `admitOnce`, which holds the window's lock.
    private let forgotten = Mutex<[EventID]>([])
    /// One parser an event loop, so that its memory is used again and no delivery waits for another loop's.
    private let parsers: [LoopParser]

    /// `@unchecked Sendable`: each is used on one event loop only, by `parse(_:loop:_:)`, whose callers pass their own.
    private final class LoopParser: @unchecked Sendable {
        var parser = JSONParser()
    }

    init(plan: IntakePlan, queue: ReloadQueue, clock: any TimeSource, logger: Logger, loops: Int, rememberedIDs: Int) {
        currentPlan = Mutex(plan)
        self.queue = queue
        self.clock = clock
        self.logger = logger
        identifiers = Mutex(IdentifierSequence(startingAt: clock.now().wall))
        duplicates = Mutex(DuplicateWindow(capacity: rememberedIDs))
        parsers = (0..<max(1, loops)).map { _ in LoopParser() }
    }

    /// The plan in force. Replacing it touches no delivery that has begun (queue.md Q24).
    var plan: IntakePlan {
        get { currentPlan.withLock { $0 } }
        set { currentPlan.withLock { $0 = newValue } }
    }

    /// Parses on the calling event loop, which is the one with this number.
    func parse<Result>(_ bytes: [UInt8], loop: Int, _ body: (JSONNode) -> Result) throws(JSONError) -> Result {
        try parsers[loop].parser.parse(bytes, body)
    }

    func nextEventID() -> EventID { EventID(rawValue: identifiers.withLock { $0.take() }) }

    func recordUnknownPath() { unknownPaths.withLock { $0 += 1 } }

    var unknownPathCount: UInt64 { unknownPaths.withLock { $0 } }

    /// The counters of every source of the plan, by name.
    var sources: [SourceSnapshot] {
        plan.sources.values.map { $0.meter.snapshot() }.sorted { $0.name < $1.name }
    }
}

/// What became of an event that matched.
enum Submission {
    case duplicate(of: EventID)
    case admitted([AdmittedChange])
    case refused(Refusal)
}

extension Intake {
    /// Whether this event was taken in before; nil for a new one.
    func knownEvent(_ key: DuplicateKey, at now: Now) -> EventID? {
        let toForget = takeForgotten()
        return duplicates.withLock { window in
            for event in toForget { window.forget(event: event) }
            return window.event(for: key, now: now.monotonic)
        }
    }

    /// Puts the event's changes into the queue and remembers it, in one step: of n copies at once one is admitted, and
    /// a copy that is answered as a duplicate is one whose original is in the queue (queue.md Q16).
    func admitOnce(
        _ event: EventID,
        key: DuplicateKey?,
        window: Duration,
        changes: [ModelChanges],
        at now: Now
    ) -> Submission {
        guard let key else { return Submission(queue.submit(event: event, changes: changes)) }
        return duplicates.withLock { known in
            if let first = known.event(for: key, now: now.monotonic) { return .duplicate(of: first) }
            let submission = Submission(queue.submit(event: event, changes: changes))
            if case .admitted = submission {
                known.remember(key, event: event, now: now.monotonic, for: window)
            }
            return submission
        }
    }

    /// A job of these events ended badly: a redelivery of one of them is new (queue.md Q16).
    func forget(_ events: [EventID]) {
        guard !events.isEmpty else { return }
        forgotten.withLock { $0 += events }
    }

    private func takeForgotten() -> [EventID] {
        forgotten.withLock { events in
            defer { events.removeAll(keepingCapacity: true) }
            return events
        }
    }
}

extension Submission {
    fileprivate init(_ admission: Admission) {
        switch admission {
        case .admitted(let changes): self = .admitted(changes)
        case .refused(let refusal): self = .refused(refusal)
        }
    }
}
