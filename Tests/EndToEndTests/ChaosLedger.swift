import CelonisSimulator
import Synchronization
import Vocabulary

/// What was delivered and what was loaded, as a storm goes on: it is over when every change is in a load that began
/// after it and ended well.
final class ChaosLedger: Sendable {
    struct Change: Hashable {
        var model: String
        var table: String
    }

    private struct State {
        /// When each table's latest change was sent.
        var changed: [Change: WallTime] = [:]
        /// When the latest good load of each table began.
        var loaded: [Change: WallTime] = [:]
        var calls = 0
        var faulty = 0
        var external = 0
        var waiter: CheckedContinuation<Void, Never>?
        var isOver = false

        var open: [Change] {
            changed.filter { change, sent in (loaded[change] ?? WallTime(milliseconds: 0)) < sent }.map(\.key)
        }

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            guard waiter != nil, isOver || open.isEmpty else { return nil }
            defer { waiter = nil }
            return waiter
        }
    }

    private let state = Mutex(State())

    var calls: Int { state.withLock(\.calls) }
    var faulty: Int { state.withLock(\.faulty) }
    var external: Int { state.withLock(\.external) }
    /// What no good load has covered yet, for people.
    var open: [String] { state.withLock(\.open).map { "\($0.model): \($0.table)" }.sorted() }

    /// A delivery is about to be sent.
    func sending(_ table: String, of model: String, at time: WallTime) {
        state.withLock { state in
            let change = Change(model: model, table: table)
            state.changed[change] = max(time, state.changed[change] ?? time)
        }
    }

    func saw(_ event: SimulatorEvent) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch event {
            case .called(let call):
                state.calls += 1
                if call.faulty { state.faulty += 1 }
            case .loadStarted(let load):
                if load.external { state.external += 1 }
            case .loadEnded(let load):
                guard !load.external, ["SUCCESS", "WARNING"].contains(load.status) else { break }
                for table in load.tables {
                    let change = Change(model: load.model.dataModelID, table: table)
                    state.loaded[change] = max(load.startedAt, state.loaded[change] ?? load.startedAt)
                }
            case .violated:
                break
            }
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Returns when nothing is open, or when it was told that no more will come.
    func settled() async {
        await withCheckedContinuation { continuation in
            let waiter = state.withLock { state in
                state.waiter = continuation
                return state.takeWaiter()
            }
            waiter?.resume()
        }
    }

    /// Nothing more will come.
    func giveUp() {
        let waiter = state.withLock { state in
            state.isOver = true
            return state.takeWaiter()
        }
        waiter?.resume()
    }
}
