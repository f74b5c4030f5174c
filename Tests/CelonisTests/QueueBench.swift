import CelonisSimulator
import ReloadQueue
import Synchronization
import Testing
import Vocabulary

/// The queue's own decisions, the client and the simulator on one clock that jumps from wait to wait. With one model at
/// most one look or load is in flight, so that a loop can drive them.
final class QueueBench: Sendable {
    private struct State {
        var machine: QueueMachine
        var actions: [QueueMachine.Action] = []
        var wake: MonotonicTime?
        var generator = SeededGenerator(seed: 1)
        var events: [(table: String, at: WallTime)] = []
        /// When each load's set was frozen.
        var starts: [WallTime] = []
        /// Every job as it was last told of.
        var jobs: [JobID: JobSnapshot] = [:]
    }

    private let bench: Bench
    private let state: Mutex<State>
    /// Called with its number when a load's set has been frozen.
    private let onStart: @Sendable (Int) -> Void

    init(_ bench: Bench, policy: ModelPolicy, onStart: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.bench = bench
        self.onStart = onStart
        let settings = QueueSettings(models: [Bench.model: policy])
        state = Mutex(State(machine: QueueMachine(settings: settings, at: bench.clock.now())))
    }

    var jobs: [JobSnapshot] { state.withLock { Array($0.jobs.values) } }
    var events: [(table: String, at: WallTime)] { state.withLock { $0.events } }

    /// Makes events arrive when the clock passes a time.
    func change(_ tables: [String], at time: Duration) {
        bench.clock.at(time) {
            for table in tables { self.change(table) }
        }
    }

    private func change(_ table: String) {
        modify { state, now in
            state.events.append((table, now.wall))
            let event = EventID(rawValue: UInt64(state.events.count))
            let changes = ModelChanges(model: Bench.model, selectors: SelectorSet([Selector(table)]))
            return state.machine.changesArrived(event: event, [changes], at: now).1
        }
    }

    /// Until nothing is left to be done or waited for.
    func run() async throws {
        for _ in 0..<20_000 {
            if let action = takeAction() {
                await perform(action)
                continue
            }
            let next = [state.withLock { $0.wake }, bench.clock.nextAppointment].compactMap(\.self).min()
            guard let next else { return }
            try await bench.clock.sleep(until: next)
            modify { state, now in
                guard let wake = state.wake, wake <= now.monotonic else { return [] }
                state.wake = nil
                return state.machine.timeReached(at: now)
            }
        }
        Issue.record("it never comes to rest: \(jobs.filter { $0.state != .ended })")
    }

    /// What the client's loads have loaded, each with the time at which its set was frozen.
    var loaded: [(tables: [String], frozenAt: WallTime)] {
        let starts = state.withLock { $0.starts }
        return bench.simulator.report.loads.filter { !$0.external && $0.status != "ERROR" && $0.status != "CANCELED" }
            .compactMap { load in
                starts.last { $0 <= load.startedAt }.map { (load.tables, $0) }
            }
    }

    private func perform(_ action: QueueMachine.Action) async {
        switch action {
        case .look(let model):
            let look = await bench.client.look(at: model)
            modify { state, now in state.machine.lookAnswered(model, look, at: now, using: &state.generator) }
        case .start(let order):
            onStart(state.withLock { $0.starts.count })
            let result = await bench.client.run(order) { progress in
                self.modify { $0.machine.loadProgressed(order.job, of: order.model, progress, at: $1) }
            }
            modify { state, now in
                state.machine.loadEnded(order.job, of: order.model, result, at: now, using: &state.generator)
            }
        // Only a machine with a journal says so.
        case .resume, .write, .wake, .record, .drained:
            break
        }
    }

    /// The next that takes time; what does not is noted at once.
    private func takeAction() -> QueueMachine.Action? {
        state.withLock { $0.actions.isEmpty ? nil : $0.actions.removeFirst() }
    }

    private func modify(_ input: (inout State, Now) -> [QueueMachine.Action]) {
        let now = bench.clock.now()
        state.withLock { state in
            for action in input(&state, now) {
                switch action {
                case .wake(let time): state.wake = time
                case .record(.job(let job, reason: _)): state.jobs[job.id] = job
                case .resume, .write, .record, .drained: break
                case .start:
                    state.starts.append(now.wall)
                    state.actions.append(action)
                case .look: state.actions.append(action)
                }
            }
        }
    }
}
