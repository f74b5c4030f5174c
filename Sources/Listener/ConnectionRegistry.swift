import NIOCore
import Synchronization

/// What the server tells one of its connections, from whatever thread.
enum ConnectionCommand: Sendable {
    /// Go now.
    case close
    /// End what is in flight, then go.
    case finish
}

/// The open connections of a server, over all its event loops: their number and bound, and who goes first at it.
final class ConnectionRegistry: Sendable {
    /// One connection. Its event loop keeps the rank up to date without a lock.
    final class Entry: Sendable {
        private static let unranked = UInt64.max
        fileprivate let channel: any Channel
        private let rankValue: Atomic<UInt64>

        init(channel: any Channel, rank: UInt64?) {
            self.channel = channel
            rankValue = Atomic(rank ?? Self.unranked)
        }

        /// See `ConnectionStateMachine.evictionRank`.
        func setRank(_ rank: UInt64?) { rankValue.store(rank ?? Self.unranked, ordering: .relaxed) }

        fileprivate var rank: UInt64? {
            let rank = rankValue.load(ordering: .relaxed)
            return rank == Self.unranked ? nil : rank
        }

        fileprivate func tell(_ command: ConnectionCommand) {
            channel.pipeline.fireUserInboundEventTriggered(command)
        }
    }

    private struct State {
        var maximum: Int
        var open: [ObjectIdentifier: Entry] = [:]
        /// Told to go to make room, and not gone yet.
        var leaving: Set<ObjectIdentifier> = []
        var isStopping = false
        var whenEmpty: [CheckedContinuation<Void, Never>] = []

        /// - Returns: whom to send away; nil if nobody can go.
        mutating func makeRoom(besides new: ObjectIdentifier) -> Entry? {
            var first: (id: ObjectIdentifier, entry: Entry, rank: UInt64)?
            for (id, entry) in open where id != new && !leaving.contains(id) {
                guard let rank = entry.rank else { continue }
                if let first, first.rank <= rank { continue }
                first = (id, entry, rank)
            }
            if let first { leaving.insert(first.id) }
            return first?.entry
        }
    }

    private let state: Mutex<State>

    init(maximum: Int) { state = Mutex(State(maximum: maximum)) }

    /// Another bound for those that come; of those that are open, each that comes sends one away.
    func setMaximum(_ maximum: Int) { state.withLock { $0.maximum = maximum } }

    var count: Int { state.withLock(\.open.count) }

    /// Counts a new connection in; at the bound another one goes for it.
    /// - Returns: false if the new one has to go: nobody else can, or the server stops. It is counted until `remove`.
    func admit(_ entry: Entry) -> Bool {
        let id = ObjectIdentifier(entry)
        let (admitted, evicted): (Bool, Entry?) = state.withLock { state in
            state.open[id] = entry
            if state.isStopping { return (false, nil) }
            if state.open.count - state.leaving.count <= state.maximum { return (true, nil) }
            let evicted = state.makeRoom(besides: id)
            if evicted == nil { state.leaving.insert(id) }
            return (evicted != nil, evicted)
        }
        evicted?.tell(.close)
        return admitted
    }

    func remove(_ entry: Entry) {
        let id = ObjectIdentifier(entry)
        let waiters = state.withLock { state in
            state.open[id] = nil
            state.leaving.remove(id)
            guard state.open.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Lets no further connection in and lets the others end.
    func stop() {
        let open = state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
        for entry in open { entry.tell(.finish) }
    }

    /// Closes every connection that is left.
    func closeAll() {
        for entry in state.withLock({ Array($0.open.values) }) { entry.tell(.close) }
    }

    /// Returns when no connection is open; useful after `stop` only.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.whenEmpty.append(continuation) }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
