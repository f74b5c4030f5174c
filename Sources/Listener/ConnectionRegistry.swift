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
        /// The connection's start.
        let began: NIODeadline
        let peer: PeerAddress
        /// Its socket as long as it has no channel, which owns it from then on.
        let socket: CInt
        /// The peer has sent something that is not read yet: set before the channel is there.
        let hasSent = Atomic(false)
        private let rankValue: Atomic<UInt64>
        /// Its channel, once it has one, and what it was told before.
        private let place = Mutex<(channel: (any Channel)?, command: ConnectionCommand?)>((nil, nil))

        init(began: NIODeadline, peer: PeerAddress, socket: CInt) {
            self.began = began
            self.peer = peer
            self.socket = socket
            rankValue = Atomic(evictionRank(waitingSince: began))
        }

        /// It has a channel from now on.
        /// - Returns: what it was told before.
        func open(on channel: any Channel) -> ConnectionCommand? {
            place.withLock { place in
                place.channel = channel
                return place.command
            }
        }

        /// See `ConnectionStateMachine.evictionRank`.
        func setRank(_ rank: UInt64?) { rankValue.store(rank ?? Self.unranked, ordering: .relaxed) }

        fileprivate var rank: UInt64? {
            let rank = rankValue.load(ordering: .relaxed)
            return rank == Self.unranked ? nil : rank
        }

        fileprivate func tell(_ command: ConnectionCommand) {
            let channel = place.withLock { place in
                if place.channel == nil, place.command != .close { place.command = command }
                return place.channel
            }
            channel?.pipeline.fireUserInboundEventTriggered(command)
        }
    }

    private struct State {
        /// As many that may go next are found in one look at all connections, so that a flood of new ones does not cost
        /// such a look each.
        static let candidates = 64

        var maximum: Int
        var open: [ObjectIdentifier: (entry: Entry, isLeaving: Bool)] = [:]
        /// How many were told to go to make room, and are not gone yet.
        var leaving = 0
        /// Who waited longest at the last look, the longest wait last. Whose rank is still the same waits still; nobody has
        /// waited longer since, but for those that only linger since then.
        var candidates: [(entry: Entry, rank: UInt64)] = []
        var isStopping = false
        var whenEmpty: [CheckedContinuation<Void, Never>] = []

        mutating func add(_ entry: Entry) { open[ObjectIdentifier(entry)] = (entry, false) }

        mutating func remove(_ entry: Entry) {
            if let gone = open.removeValue(forKey: ObjectIdentifier(entry)), gone.isLeaving { leaving -= 1 }
        }

        mutating func markLeaving(_ entry: Entry) {
            open[ObjectIdentifier(entry)]?.isLeaving = true
            leaving += 1
        }

        /// - Returns: whom to send away; nil if nobody can go.
        mutating func makeRoom(besides new: Entry? = nil, at now: NIODeadline) -> Entry? {
            while let (entry, rank) = candidates.popLast() {
                if isHere(entry), entry.rank == rank { return entry }
            }
            return look(besides: new, at: now)
        }

        private func isHere(_ entry: Entry) -> Bool { open[ObjectIdentifier(entry)]?.isLeaving == false }

        /// Looks at all: returns who goes first, and keeps those that go next.
        private mutating func look(besides new: Entry?, at now: NIODeadline) -> Entry? {
            var found: [(entry: Entry, rank: UInt64)] = []
            for (entry, isLeaving) in open.values where entry !== new && !isLeaving {
                guard let rank = entry.rank else { continue }
                if found.count == Self.candidates, let worst = found.last {
                    if rank >= worst.rank { continue }
                    found.removeLast()
                }
                let place = found.firstIndex { $0.rank > rank } ?? found.endIndex
                found.insert((entry, rank), at: place)
            }
            // Before those whose time is still to come others may be idle when the next has to go.
            candidates = found.dropFirst().reversed().filter { $0.rank <= evictionRank(waitingSince: now) }
            return found.first?.entry
        }
    }

    private let state: Mutex<State>

    init(maximum: Int) { state = Mutex(State(maximum: maximum)) }

    /// Another bound for those that come; of those that are open, each that comes sends one away.
    func setMaximum(_ maximum: Int) { state.withLock { $0.maximum = maximum } }

    var count: Int { state.withLock(\.open.count) }

    /// Counts a new connection in; at the bound another one goes for it.
    /// - Returns: whether it may stay, and is counted until `remove`; else nobody else can go now, or the server stops. And
    ///   who was told to go.
    func admit(_ entry: Entry) -> (isAdmitted: Bool, evicted: Entry?) {
        let (admitted, evicted): (Bool, Entry?) = state.withLock { state in
            if state.isStopping { return (false, nil) }
            state.add(entry)
            if state.open.count - state.leaving <= state.maximum { return (true, nil) }
            guard let evicted = state.makeRoom(besides: entry, at: entry.began) else {
                state.remove(entry)
                return (false, nil)
            }
            state.markLeaving(evicted)
            return (true, evicted)
        }
        evicted?.tell(.close)
        return (admitted, evicted)
    }

    /// Sends away who goes first, where it is not the bound that is reached but what the process has of descriptors.
    /// - Returns: false if nobody can go now.
    func sendOneAway(at now: NIODeadline) -> Bool {
        let leaving = state.withLock { state in
            let leaving = state.makeRoom(at: now)
            if let leaving { state.markLeaving(leaving) }
            return leaving
        }
        leaving?.tell(.close)
        return leaving != nil
    }

    /// Counts the last one in before a stop, whoever else is here.
    func admitBeyondBound(_ entry: Entry) { state.withLock { $0.add(entry) } }

    func remove(_ entry: Entry) {
        let waiters = state.withLock { state in
            state.remove(entry)
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
            return state.open.values.map { (entry: $0.entry, rank: $0.entry.rank ?? .max) }
        }
        // What is in flight first: whoever sees an idle connection end can count on it that the others know, too.
        for (entry, _) in open.sorted(by: { $0.rank > $1.rank }) { entry.tell(.finish) }
    }

    /// Closes every connection that is left.
    func closeAll() {
        for entry in state.withLock({ $0.open.values.map(\.entry) }) { entry.tell(.close) }
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
