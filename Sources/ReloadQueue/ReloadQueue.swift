import Synchronization
import Vocabulary

/// The queue as the service sees it: a lock around `QueueMachine`, one timer, and the tasks that look and load. It
/// decides nothing.
///
/// Every input is computed under the lock and its actions are put in line there; they are performed outside it, in that
/// order, by one thread at a time. So two wake-ups or two transitions never overtake each other, and a callback may
/// call the queue again.
package final class ReloadQueue: Sendable {
    private struct State {
        var machine: QueueMachine
        var outbox: [(action: QueueMachine.Action, now: Now)] = []
        /// Some thread is working through the outbox.
        var performing = false
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var nextTask: UInt64 = 0
        var drainWaiters: [CheckedContinuation<[LostChange], Never>] = []
        /// What the drain left; nil until it is over.
        var lost: [LostChange]?
    }

    private let state: Mutex<State>
    private let time: any TimeSource
    private let runner: any LoadRunner
    /// nil: the queue is in memory only.
    package let journal: JournalWriter?
    private let timer: any WakeTimer
    private let onTransition: @Sendable (Transition, Now) -> Void

    /// `onTransition` is called in order and outside the lock, possibly on an event loop: it must be quick. `timer` is
    /// nil for one that sleeps. With a journal, `image` is what was found there, and `begin` comes next.
    package init(
        settings: QueueSettings,
        time: any TimeSource,
        runner: any LoadRunner,
        timer: (any WakeTimer)? = nil,
        journal: (writer: JournalWriter, image: JournalImage)? = nil,
        onTransition: @escaping @Sendable (Transition, Now) -> Void = { _, _ in }
    ) {
        let machine = QueueMachine(settings: settings, recovering: journal?.image, at: time.now())
        state = Mutex(State(machine: machine))
        self.journal = journal?.writer
        self.time = time
        self.runner = runner
        self.timer = timer ?? SleepingTimer(time: time)
        self.onTransition = onTransition
    }

    /// Takes in what an event changes: all of it or nothing (queue.md Q6); `event` is nil where none made the changes.
    /// `version` is the models that the event was matched against: one that has been removed since is loaded with its
    /// policy there (queue.md Q24).
    ///
    /// With a journal an admission is worth something once its writes are on disk; `remembering` goes along with them.
    package func submit(
        event: EventID?,
        changes: [ModelChanges],
        version: [ModelReference: ModelPolicy] = [:],
        remembering: RememberedKey? = nil
    ) -> Admission {
        if let journal, !journal.isAccepting { return .refused(.unwritable) }
        return modifyStateAndRunActions { machine, now in
            var (admission, actions) = machine.changesArrived(event: event, changes, version: version, at: now)
            if let journal, let event, let remembering, case .admitted(let admitted) = admission {
                let entry = JournalEntry.remembered(
                    remembering.event(event, jobs: admitted.jobs),
                    oldest: min(remembering.oldest ?? event, event)
                )
                if case .write(var write)? = actions.first {
                    write.entries.append(entry)
                    actions[0] = .write(write)
                } else {
                    journal.appendIdle(entry)
                }
            }
            return (admission, actions)
        }
    }

    /// Starts what was recovered from the journal.
    package func begin() { modifyStateAndRunActions { machine, now in ((), machine.begin(at: now)) } }

    /// A copy of the event is new from now on, also after a restart (queue.md Q16).
    package func forget(_ event: EventID) { journal?.appendIdle(.forgotten(event)) }

    /// Swaps the settings in one step (queue.md Q24).
    package func configure(_ settings: QueueSettings) {
        modifyStateAndRunActions { machine, now in ((), machine.configure(settings, at: now)) }
    }

    /// Refuses new changes, flushes what is pending and watches what loads until all has ended or the timeout is over,
    /// then cancels what still runs. Every accepted change that was not loaded is returned (queue.md Q7). A second call
    /// may shorten the first and gets the same answer. With a journal it ends at once: everything stays in there, and what
    /// is returned did not get there.
    package func drain(timeout: Duration) async -> [LostChange] {
        if let journal { return await suspend(journal, within: timeout) }
        return await withCheckedContinuation { continuation in
            let lost = state.withLock { state in
                if state.lost == nil { state.drainWaiters.append(continuation) }
                return state.lost
            }
            if let lost {
                continuation.resume(returning: lost)
            } else {
                modifyStateAndRunActions { machine, now in ((), machine.beginDrain(timeout: timeout, at: now)) }
            }
        }
    }

    private func suspend(_ journal: JournalWriter, within timeout: Duration) async -> [LostChange] {
        modifyStateAndRunActions { machine, now in
            machine.suspend()
            return ((), [])
        }
        timer.cancel()
        for task in state.withLock({ Array($0.tasks.values) }) { task.cancel() }
        await journal.finish(within: timeout)
        let status = journal.status
        let failure = status.failure ?? "it takes too long"
        return read { machine, _ in
            machine.unwritten(
                after: status.isLost ? nil : journal.committedWrite,
                reason: "the journal cannot be written: \(failure)"
            )
        }
    }

    /// Whether a drain has begun: new changes are refused. Costs the same however much is pending.
    package var isDraining: Bool { read { machine, _ in machine.isDraining } }

    /// Reads the machine; nothing is changed.
    func read<Answer: Sendable, Failure: Error>(
        _ ask: (borrowing QueueMachine, Now) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try state.withLock { state throws(Failure) in try ask(state.machine, time.now()) }
    }

    /// Computes under the lock, performs outside it. The time is read under the lock, so that it never runs backwards
    /// for the machine.
    @inline(__always)
    @discardableResult
    func modifyStateAndRunActions<Answer: Sendable, Failure: Error>(
        _ decide: (inout QueueMachine, Now) throws(Failure) -> (Answer, [QueueMachine.Action])
    ) throws(Failure) -> Answer {
        let (answer, performs) = try state.withLock { state throws(Failure) in
            let now = time.now()
            let (answer, actions) = try decide(&state.machine, now)
            for action in actions {
                // In line under the lock, so that the disk hears of everything in the order in which it was decided.
                if case .write(let write) = action {
                    journal?.append(write)
                } else {
                    state.outbox.append((action, now))
                }
            }
            let performs = !state.performing && !state.outbox.isEmpty
            if performs { state.performing = true }
            return (answer, performs)
        }
        if performs { runActions() }
        return answer
    }

    private func runActions() {
        while true {
            let batch = state.withLock { state in
                let batch = state.outbox
                state.outbox = []
                if batch.isEmpty { state.performing = false }
                return batch
            }
            if batch.isEmpty { return }
            for (action, now) in batch { perform(action, now) }
        }
    }

    private func perform(_ action: QueueMachine.Action, _ now: Now) {
        switch action {
        case .look(let model):
            spawn { queue in
                let look = await queue.runner.look(at: model)
                queue.modifyStateAndRunActions { machine, now in
                    var generator = Self.chance()
                    return ((), machine.lookAnswered(model, look, at: now, using: &generator))
                }
            }
        case .start(let order):
            spawn { queue in await queue.load(order) }
        case .resume(let order, let load):
            spawn { queue in
                queue.ended(order, await queue.runner.resume(order, load) { await queue.progressed(order, $0) })
            }
        case .write: break  // It is in line already.
        case .wake(let time):
            timer.arm(at: time) { [weak self] in
                self?.modifyStateAndRunActions { machine, now in ((), machine.timeReached(at: now)) }
            }
        case .record(let transition):
            onTransition(transition, now)
        case .drained(let lost):
            finish(lost)
        }
    }

    private func load(_ order: LoadOrder) async {
        FaultPoint.starting.reached()
        let result = await runner.run(order) { await self.progressed(order, $0) }
        FaultPoint.ended.reached()
        ended(order, result)
    }

    /// Returns once what the disk is to know of it is there.
    private func progressed(_ order: LoadOrder, _ progress: LoadProgress) async {
        progress.faultPoint?.reached()
        let write = modifyStateAndRunActions { machine, now in
            let actions = machine.loadProgressed(order.job, of: order.model, progress, at: now)
            if case .write(let write)? = actions.first { return (write.number as UInt64?, actions) }
            return (nil, actions)
        }
        // A disk that cannot be written stops no load: it may be made twice, which costs time only.
        if let write { _ = await journal?.settled(write) }
        progress.faultPointOnceWritten?.reached()
    }

    /// Not the system's generator: that is empty, and the thread sanitizer, which looks where an `inout` lies, ends the
    /// program where one lies nowhere.
    private static func chance() -> SeededGenerator { SeededGenerator(seed: .random(in: .min ... .max)) }

    private func ended(_ order: LoadOrder, _ result: LoadResult) {
        modifyStateAndRunActions { machine, now in
            var generator = Self.chance()
            return ((), machine.loadEnded(order.job, of: order.model, result, at: now, using: &generator))
        }
    }

    /// Runs a call as a task that is known until it ends, so that it can be cancelled.
    private func spawn(_ operation: @escaping @Sendable (ReloadQueue) async -> Void) {
        state.withLock { state in
            let id = state.nextTask
            state.nextTask += 1
            // It cannot remove itself before it is added: both need the lock.
            state.tasks[id] = Task {
                await operation(self)
                self.state.withLock { $0.tasks[id] = nil }
            }
        }
    }

    private func finish(_ lost: [LostChange]) {
        timer.cancel()
        let (tasks, waiters) = state.withLock { state in
            state.lost = lost
            defer { state.drainWaiters = [] }
            return (Array(state.tasks.values), state.drainWaiters)
        }
        for task in tasks { task.cancel() }
        for waiter in waiters { waiter.resume(returning: lost) }
    }
}

extension LoadProgress {
    fileprivate var faultPoint: FaultPoint? {
        switch self {
        case .sending: .sending
        case .answered: .answered
        case .resolved, .dataJobStarted, .watched: nil
        }
    }

    fileprivate var faultPointOnceWritten: FaultPoint? {
        switch self {
        case .sending: .sendingWritten
        case .answered: .answeredWritten
        case .resolved, .dataJobStarted, .watched: nil
        }
    }
}
