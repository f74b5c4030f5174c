import CLinux
import Glibc
import NIOCore

/// epoll(7), as much of it as the acceptor needs.
final class Epoll: Sendable {
    /// Another epoll can wait for it in its turn.
    let descriptor: CInt

    init() throws {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "epoll_create1") }
    }

    deinit { close(descriptor) }

    /// Tells of the descriptor as long as something can be read from it.
    func add(_ socket: CInt) throws {
        guard control(EPOLL_CTL_ADD, socket, EPOLLIN.rawValue) else {
            throw IOError(errnoCode: errno, reason: "epoll_ctl")
        }
    }

    /// Tells once of what is there, and again when more comes or the peer ends its half.
    /// - Returns: false where the system has no memory for it.
    func addOnEdge(_ socket: CInt) -> Bool {
        control(EPOLL_CTL_ADD, socket, EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    }

    func remove(_ socket: CInt) { _ = control(EPOLL_CTL_DEL, socket, 0) }

    private func control(_ operation: CInt, _ socket: CInt, _ events: UInt32) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
        return epoll_ctl(descriptor, operation, socket, &event) == 0
    }

    /// - Parameters:
    ///   - milliseconds: nil: for as long as it takes.
    ///   - limit: so many are told at most; the others come next time, before these.
    ///   - visit: gets each descriptor, and whether its peer sends nothing more.
    /// - Returns: false if there may be more that something is to be told of.
    @discardableResult
    func wait(
        atMost milliseconds: CInt?,
        limit: Int,
        _ visit: (_ socket: CInt, _ hasEnded: Bool) -> Void
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: limit) { events in
            let count = epoll_wait(descriptor, events.baseAddress, CInt(events.count), milliseconds ?? -1)
            // EINTR is no event.
            for event in events.prefix(max(0, Int(count))) {
                visit(event.data.fd, event.events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0)
            }
            return count < events.count
        }
    }
}
