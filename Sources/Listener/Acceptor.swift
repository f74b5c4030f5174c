import CLinux
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Accepts connections on a thread of its own, and hands over those that have sent something to answer (`AcceptFilter`).
///
/// While strangers connect by the thousand, a valid delivery waits in the system's queue of connections that nobody has
/// accepted. So what a connection costs there is a few system calls, and the queue is drained faster than a flood fills it;
/// all that costs more is done on the event loops, for those that have sent a request.
final class Acceptor: Sendable {
    typealias Entry = ConnectionRegistry.Entry

    private let listening: CInt
    private let wake: CInt
    private let epoll: Epoll
    /// Of those who have sent a part of a head.
    private let begun: Epoll
    private let registry: ConnectionRegistry
    private let patience: @Sendable () -> TimeAmount
    private let handOver: @Sendable (Entry) -> Void
    private let reserve = DescriptorLimit.reserve
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isStopping = Atomic(false)
    /// Set once it runs.
    private let end = Mutex<EventLoopFuture<Void>?>(nil)

    /// Of a listening socket that stays open until `stop` has returned.
    ///
    /// `patience` is how long a connection waits for the end of its first head; then it is handed over without. `handOver`
    /// is called on the acceptor's thread, and the entry's socket is the callee's from then on; it may block, and who
    /// connects waits meanwhile.
    /// - Throws: `IOError` where the system has no descriptors left.
    init(
        listening: CInt,
        registry: ConnectionRegistry,
        patience: @escaping @Sendable () -> TimeAmount,
        handOver: @escaping @Sendable (Entry) -> Void
    ) throws {
        self.listening = listening
        self.registry = registry
        self.patience = patience
        self.handOver = handOver
        epoll = try Epoll()
        begun = try Epoll()
        wake = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else { throw IOError(errnoCode: errno, reason: "eventfd") }
        // One that the service manager hands over may block, and who was there may be gone again when it is accepted.
        _ = fcntl(listening, F_SETFL, fcntl(listening, F_GETFL) | O_NONBLOCK)
        try epoll.add(listening)
        try epoll.add(wake)
        try epoll.add(begun.descriptor)
    }

    deinit { close(wake) }

    /// Begins to accept. Call it once.
    func start(on loop: any EventLoop) {
        thread.start()
        let end = thread.runIfActive(eventLoop: loop) {
            var lobby = Lobby(silent: self.epoll, begun: self.begun, self.registry)
            while !self.isStopping.load(ordering: .relaxed) { self.turn(&lobby) }
            // What they have sent, or are about to, is answered.
            for entry in lobby.takeAll() { self.handOver(entry) }
        }
        self.end.withLock { $0 = end }
    }

    /// Accepts no more, and has handed over what it had when it returns.
    func stop() async {
        guard let end = end.withLock(\.self) else { return }
        isStopping.store(true, ordering: .relaxed)
        eventfd_write(wake, 1)
        try? await end.get()
        try? await thread.shutdownGracefully()
    }

    private func turn(_ lobby: inout Lobby) {
        let patience = patience()
        // Whose time is over is seen this much late.
        let interval = min(250, max(1, patience.nanoseconds / 4_000_000))
        let wait = lobby.isFull ? 0 : lobby.isEmpty ? nil : CInt(interval)
        var hasNew = false
        // Where more wait than are told at once, the listening socket may be among those that were not.
        let isAll = epoll.wait(atMost: wait, limit: 64) { socket, hasEnded in
            switch socket {
            case listening: hasNew = true
            case wake: break
            case begun.descriptor: lobby.lookAtBegun()
            default: lobby.received(on: socket, hasEnded: hasEnded)
            }
        }
        lobby.takeImpatient(after: patience, every: .milliseconds(interval))
        // Last: until here no number of a socket that was closed comes to stand for another.
        lobby.retry()
        handOverReady(&lobby)
        let rest = isAll && !hasNew ? nil : acceptSome(&lobby)
        if lobby.isFull {
            pause(1)
        } else if let rest {
            pause(rest)
        }
    }

    /// At once: who has a request waits for no one who has none.
    private func handOverReady(_ lobby: inout Lobby) { for entry in lobby.takeReady() { handOver(entry) } }

    /// So few that those who wait already are looked at in between: nearly everyone is accepted before its request is
    /// here, and under a flood each other one that is accepted costs as much as a delivery.
    private static let batch = 8

    /// - Returns: where the system has nothing left that a connection needs, how many milliseconds later it may.
    private func acceptSome(_ lobby: inout Lobby) -> CInt? {
        for _ in 0..<Self.batch where !lobby.isFull {
            var address = sockaddr_storage()
            let socket = accept(&address)
            if socket >= 0 {
                // Descriptors are given out from the lowest on: there are few left.
                if socket >= reserve { _ = lobby.dropOldest() || registry.sendOneAway(at: .now()) }
                if let peer = PeerAddress(address) { lobby.enter(socket, from: peer) } else { close(socket) }
                handOverReady(&lobby)
                continue
            }
            switch errno {
            case EAGAIN: return nil
            // It is not the server's limit that is reached first but the process's: the same has to go.
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                // Who has a channel goes when its event loop comes to it.
                if !lobby.dropOldest() { return registry.sendOneAway(at: .now()) ? 1 : 100 }
            // What was wrong with that connection: accept(2).
            case EINTR, ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue
            default: return 100
            }
        }
        return nil
    }

    private func accept(_ address: inout sockaddr_storage) -> CInt {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(listening, $0, &size, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
        }
    }

    private func pause(_ milliseconds: CInt) {
        var stopped = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        poll(&stopped, 1, milliseconds)
    }
}
