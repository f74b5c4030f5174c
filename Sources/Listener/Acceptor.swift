import CEpoll
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
    private let registry: ConnectionRegistry
    private let patience: @Sendable () -> TimeAmount
    private let handOver: @Sendable (Entry) -> Void
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
        wake = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else { throw IOError(errnoCode: errno, reason: "eventfd") }
        // One that the service manager hands over may block, and who was there may be gone again when it is accepted.
        _ = fcntl(listening, F_SETFL, fcntl(listening, F_GETFL) | O_NONBLOCK)
        try epoll.add(listening)
        try epoll.add(wake)
    }

    deinit { close(wake) }

    /// Begins to accept. Call it once.
    func start(on loop: any EventLoop) {
        thread.start()
        let end = thread.runIfActive(eventLoop: loop) {
            var lobby = Lobby(self.epoll, self.registry)
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
        var hasNew = false
        // Whose time is over is seen this much late.
        epoll.wait(atMost: lobby.isEmpty ? nil : 250) { socket, hasEnded in
            switch socket {
            case listening: hasNew = true
            case wake: break
            default: lobby.received(on: socket, hasEnded: hasEnded)
            }
        }
        // Last: until here no number of a socket that was closed comes to stand for another.
        if hasNew { acceptSome(&lobby) }
        lobby.takeImpatient(after: patience())
        for entry in lobby.takeReady() { handOver(entry) }
    }

    /// So many that those who wait already are looked at in between.
    private static let batch = 64

    private func acceptSome(_ lobby: inout Lobby) {
        for _ in 0..<Self.batch {
            let socket = accept4(listening, nil, nil, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            if socket >= 0 {
                lobby.enter(socket)
                continue
            }
            switch errno {
            // Another took it, or it took back its word: accept(2).
            case ECONNABORTED, EINTR, EPERM, EPROTO: continue
            case EAGAIN: return
            default:
                // No descriptors or no memory: nothing that a next try at once would mend.
                var stopped = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
                poll(&stopped, 1, 100)
                return
            }
        }
    }
}
