import Glibc
import NIOCore

/// The connections that have not sent a request yet (`AcceptFilter`): each costs a descriptor and an entry of the
/// registry, which sends the one that has waited longest away first.
struct Lobby {
    typealias Entry = ConnectionRegistry.Entry

    /// What the first bytes of a connection say.
    private enum Look {
        /// There will be none.
        case gone
        case silent
        /// A part of a head.
        case part
        case ready
    }

    private struct Waiting {
        let entry: Entry
        /// Watched by `begun`, no more by `silent`.
        let hasBegun: Bool
    }

    private let silent: Epoll
    /// Those who have sent a part of a head. They have a queue of their own, so that a thousand who send byte by byte keep
    /// one another waiting, and nobody who sends a whole one.
    private let begun: Epoll
    private let registry: ConnectionRegistry
    private var waiting: [CInt: Waiting] = [:]
    /// Which are to be handed over.
    private var ready: [Entry] = []
    /// Accepted, and not admitted yet.
    private var refused: Entry?
    private var lastSearch = NIODeadline.uptimeNanoseconds(0)

    init(silent: Epoll, begun: Epoll, _ registry: ConnectionRegistry) {
        self.silent = silent
        self.begun = begun
        self.registry = registry
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// A connection that was just accepted.
    mutating func enter(_ socket: CInt, from peer: PeerAddress) {
        admit(Entry(began: .now(), peer: peer, socket: socket))
    }

    private func note(_ look: Look, of entry: Entry) {
        if look == .part || look == .ready { entry.hasSent.store(true, ordering: .relaxed) }
    }

    /// Whether there is nobody left who could go for a new connection: all the others have sent requests that are not
    /// answered yet. Then who connects waits in the system's queue.
    var isFull: Bool { refused != nil }

    /// Tries the one that could not be admitted again.
    mutating func retry() {
        guard let entry = refused else { return }
        refused = nil
        admit(entry)
    }

    private mutating func admit(_ entry: Entry) {
        let look = look(at: entry.socket)
        guard look != .gone else {
            close(entry.socket)
            return
        }
        note(look, of: entry)
        // It goes for nobody until it is read.
        if look == .ready { entry.setRank(nil) }
        let (isAdmitted, evicted) = registry.admit(entry)
        if let evicted, waiting[evicted.socket]?.entry === evicted { drop(evicted) }
        guard isAdmitted else {
            refused = entry
            return
        }
        if look == .ready { ready.append(entry) } else { watch(entry, hasBegun: look == .part) }
    }

    /// What has come since it was looked at is told of, too.
    private mutating func watch(_ entry: Entry, hasBegun: Bool) {
        waiting[entry.socket] = Waiting(entry: entry, hasBegun: hasBegun)
        if !(hasBegun ? begun : silent).addOnEdge(entry.socket) { drop(entry) }
    }

    /// Sends the one away that has waited longest.
    /// - Returns: false if none waits.
    mutating func dropOldest() -> Bool {
        guard let oldest = waiting.values.min(by: { $0.entry.began < $1.entry.began }) else { return false }
        drop(oldest.entry)
        return true
    }

    /// More has come, or the peer sends nothing more.
    mutating func received(on socket: CInt, hasEnded: Bool) {
        guard let waits = waiting[socket] else { return }
        let entry = waits.entry
        let look = look(at: socket)
        note(look, of: entry)
        switch look {
        case .gone: drop(entry)
        case .silent where !hasEnded: break
        case .part where !hasEnded:
            if waits.hasBegun { break }
            silent.remove(socket)
            watch(entry, hasBegun: true)
        case .silent, .part, .ready:
            entry.setRank(nil)
            take(entry)
        }
    }

    /// Something has come from those who have begun. Looks at some of them.
    mutating func lookAtBegun() {
        begun.wait(atMost: 0, limit: 16) { socket, hasEnded in received(on: socket, hasEnded: hasEnded) }
    }

    /// Those that began so long ago will not wait here any longer. They are looked for now and then.
    mutating func takeImpatient(after patience: TimeAmount, every interval: TimeAmount) {
        let now = NIODeadline.now()
        guard !waiting.isEmpty, now - lastSearch >= interval else { return }
        lastSearch = now
        for waits in waiting.values where now - waits.entry.began >= patience { take(waits.entry) }
    }

    /// Those that are to be handed over, once each.
    mutating func takeReady() -> [Entry] {
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    mutating func takeAll() -> [Entry] {
        if let entry = refused {
            registry.admitBeyondBound(entry)
            take(entry)
        }
        refused = nil
        for waits in waiting.values { take(waits.entry) }
        // What came since the last look is read, however late a loop comes to it.
        for entry in ready { note(look(at: entry.socket), of: entry) }
        return takeReady()
    }

    private mutating func take(_ entry: Entry) {
        if let waits = waiting.removeValue(forKey: entry.socket) {
            (waits.hasBegun ? begun : silent).remove(entry.socket)
        }
        ready.append(entry)
    }

    private mutating func drop(_ entry: Entry) {
        waiting[entry.socket] = nil
        registry.remove(entry)
        close(entry.socket)
    }

    private static let peek = CInt(MSG_PEEK | MSG_DONTWAIT)

    private func look(at socket: CInt) -> Look {
        withUnsafeTemporaryAllocation(byteCount: AcceptFilter.window, alignment: 1) { window in
            while true {
                let count = recv(socket, window.baseAddress, window.count, Self.peek)
                if count > 0 {
                    let bytes = UnsafeRawBufferPointer(rebasing: window[..<count])
                    return AcceptFilter.letsThrough(bytes) ? .ready : .part
                }
                if count == 0 { return .gone }
                if errno != EINTR { return errno == EAGAIN ? .silent : .gone }
            }
        }
    }
}
