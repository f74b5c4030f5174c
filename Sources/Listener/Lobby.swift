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
        case waits
        case ready
    }

    private let epoll: Epoll
    private let registry: ConnectionRegistry
    private var waiting: [CInt: Entry] = [:]
    /// Which are to be handed over.
    private var ready: [Entry] = []
    private var lastSearch = NIODeadline.uptimeNanoseconds(0)

    init(_ epoll: Epoll, _ registry: ConnectionRegistry) {
        self.epoll = epoll
        self.registry = registry
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// A connection that was just accepted.
    mutating func enter(_ socket: CInt) {
        let look = look(at: socket)
        if case .gone = look {
            close(socket)
            return
        }
        let entry = Entry(began: .now(), socket: socket)
        let (isAdmitted, evicted) = registry.admit(entry)
        if let evicted, waiting[evicted.socket] === evicted { drop(evicted) }
        guard isAdmitted else {
            drop(entry)
            return
        }
        if case .waits = look, epoll.addOnEdge(socket) {
            waiting[socket] = entry
        } else {
            ready.append(entry)
        }
    }

    /// More has come, or the peer sends nothing more.
    mutating func received(on socket: CInt, hasEnded: Bool) {
        guard let entry = waiting[socket] else { return }
        switch look(at: socket) {
        case .gone: drop(entry)
        case .waits where !hasEnded: break
        case .waits, .ready: take(entry)
        }
    }

    /// Those that began so long ago will not wait here any longer.
    mutating func takeImpatient(after patience: TimeAmount) {
        let now = NIODeadline.now()
        guard !waiting.isEmpty, now - lastSearch >= Self.searchInterval else { return }
        lastSearch = now
        for entry in waiting.values where now - entry.began >= patience { take(entry) }
    }

    private static let searchInterval = TimeAmount.milliseconds(250)

    /// Those that are to be handed over, once each.
    mutating func takeReady() -> [Entry] {
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    mutating func takeAll() -> [Entry] {
        for entry in waiting.values { take(entry) }
        return takeReady()
    }

    private mutating func take(_ entry: Entry) {
        waiting[entry.socket] = nil
        epoll.remove(entry.socket)
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
                    return AcceptFilter.letsThrough(bytes) ? .ready : .waits
                }
                if count == 0 { return .gone }
                if errno != EINTR { return errno == EAGAIN ? .waits : .gone }
            }
        }
    }
}
