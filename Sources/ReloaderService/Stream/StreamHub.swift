import Admin
import Listener
import ReloadQueue
import Synchronization
import Vocabulary

/// Those who follow `GET /api/v1/stream`, and what they are told.
///
/// The queue only leaves its transitions here; one task puts them into words and sends them, and only while somebody
/// follows. Bounded in followers, in what is kept for those who come back, and in what waits for a slow reader.
final class StreamHub: Sendable {
    static let mostClients = 32
    /// Bytes that may wait for one follower.
    static let clientLimit = 1024 * 1024
    static let heartbeatInterval = Duration.seconds(15)

    fileprivate struct State {
        var log: StreamLog
        var looks = StreamLooks()
        var clients: [UInt64: AnswerStream] = [:]
        var nextClient: UInt64 = 0
        /// How often all were sent away.
        var era = 0
        /// The last number that those who follow have been told of.
        var told: UInt64 = 0
        /// When something was last sent to all.
        var sentAt: MonotonicTime
    }

    private let state: Mutex<State>
    /// Yields when there may be something to send. One task awaits it and calls `turn`.
    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(startedAt now: Now) {
        state = Mutex(State(log: StreamLog(startedAt: now.wall), sentAt: now.monotonic))
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Quick, and never waits for a follower.
    func note(_ transition: Transition, at time: WallTime) {
        let isFollowed = state.withLock { state in
            state.log.append(transition, at: time)
            return !state.clients.isEmpty
        }
        if isFollowed { wake.yield() }
    }

    func wakeIfFollowed() {
        if state.withLock({ !$0.clients.isEmpty }) { wake.yield() }
    }

    /// Ends every stream: who follows has to come again.
    func endAll() {
        let clients = state.withLock { state in
            state.era += 1
            return Array(state.clients.values)
        }
        for client in clients { client.end() }
    }

    /// Which followers are let in now: to be asked before it is looked at whether one may come.
    var era: Int { state.withLock(\.era) }

    /// A new follower, let in in this `era`: if all were sent away since, it goes too. Nil if there are too many. `id` is
    /// the last one that it has seen, if it was here before.
    func open(after id: String?, in era: Int, at now: Now, _ snapshot: ServiceSnapshot) -> AnswerStream? {
        state.withLock { state -> AnswerStream? in
            guard state.era == era else { return .ended }
            guard state.clients.count < Self.mostClients else { return nil }
            let number = state.nextClient
            state.nextClient += 1
            if state.clients.isEmpty {
                state.looks.begin(with: snapshot)
                state.told = state.log.last
                state.sentAt = now.monotonic
            }
            let client = AnswerStream(limit: Self.clientLimit) { [weak self] in self?.gone(number) }
            client.send(state.greeting(for: id, snapshot))
            state.clients[number] = client
            return client
        }
    }

    private func gone(_ number: UInt64) {
        _ = state.withLock { $0.clients.removeValue(forKey: number) }
    }

    /// Sends what is to be sent now. To be called by one task.
    /// - Returns: whether something happened to models that it is too early to tell of: to be called again soon.
    @discardableResult
    func turn(
        at now: Now,
        isLast: Bool = false,
        _ snapshot: () -> ServiceSnapshot,
        settings: () -> [ModelReference: [String: String]]
    ) -> Bool {
        let due: (entries: [StreamLog.Entry]?, looks: Bool)? = state.withLock { state in
            guard !state.clients.isEmpty else { return nil }
            let entries = state.log.after(state.told)
            state.told = state.log.last
            for entry in entries ?? [] { entry.model.map { state.looks.touched($0) } }
            return (entries, isLast || state.looks.isDue(at: now.monotonic, happened: entries?.isEmpty != true))
        }
        guard let due else { return false }
        let found = due.looks ? snapshot() : nil
        let names = found == nil ? [:] : settings()
        // In words outside the lock: the queue's threads come to `note`.
        var bytes: [UInt8] = []
        if let entries = due.entries {
            for entry in entries { bytes += entry.message.bytes(id: entry.id) }
        } else {
            bytes += StreamMessage.reset(reason: "more happened at once than is kept").bytes()
        }
        if let found {
            let (models, status) = state.withLock { $0.looks.looked(at: found) }
            for model in models {
                bytes += StreamMessage.model(ModelDocument(model, configuration: names[model.model] ?? [:]))
                    .bytes()
            }
            if let status { bytes += StreamMessage.status(status).bytes() }
        }
        send(bytes, at: now.monotonic)
        return found == nil && state.withLock { $0.looks.isAwaited }
    }

    /// Sends to all, or a heartbeat if nothing was sent for long.
    private func send(_ bytes: [UInt8], at now: MonotonicTime) {
        let clients: [AnswerStream]
        let isSilent = bytes.isEmpty
        clients = state.withLock { state in
            if isSilent, now - state.sentAt < Self.heartbeatInterval { return [] }
            state.sentAt = now
            return Array(state.clients.values)
        }
        for client in clients { client.send(isSilent ? StreamMessage.heartbeat : bytes) }
    }
}

extension StreamHub.State {
    /// What a new follower is told first: how to come again, what it has missed, and how things stand.
    fileprivate func greeting(for id: String?, _ snapshot: ServiceSnapshot) -> [UInt8] {
        var bytes = StreamMessage.retry
        switch log.resumption(after: id) {
        case .fresh: break
        case .after(let number):
            // What it has not been told of comes to it with the others.
            let missed = log.after(number)?.filter { $0.number <= told } ?? []
            for entry in missed { bytes += entry.message.bytes(id: entry.id) }
        case .lost: bytes += StreamMessage.reset(reason: "what happened meanwhile is not kept any more").bytes()
        }
        return bytes + StreamMessage.status(HealthReport(withoutModels: snapshot)).bytes()
    }
}

extension StreamMessage {
    /// Nothing for what cannot be written as JSON, which no document here holds: numbers that are not finite.
    fileprivate func bytes(id: String? = nil) -> [UInt8] { (try? encoded(id: id)) ?? [] }
}
