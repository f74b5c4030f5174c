import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file of a unix socket. NIO removes it when the server's channel closes.
enum SocketFile {
    /// Lets owner and group connect (mode 0660): a proxy such as nginx joins the group; nobody else on the machine may.
    static func openToGroup(_ path: String) throws {
        guard chmod(path, 0o660) == 0 else { throw IOError(errnoCode: errno, reason: "chmod") }
    }

    /// Removes a socket file that a process left behind when it died; one that somebody listens on stays.
    static func removeStale(_ path: String, group: any EventLoopGroup) async throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SocketProblem.notASocket }
        do {
            let probe = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try? await probe.close().get()
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            unlink(path)
            return
        }
        throw SocketProblem.inUse
    }
}

/// A socket from the service manager: sd_listen_fds(3).
enum HandedOverSocket {
    /// The first descriptor that is handed over.
    private static let first: CInt = 3

    /// Once it was taken its number may come to stand for another socket of ours.
    private static let isTaken = Mutex(false)

    /// How many sockets the environment's two variables name, if they name this process.
    static func count(listenPID: String?, listenFDs: String?, processID: Int32) -> Int {
        guard listenPID.flatMap({ Int32($0) }) == processID else { return 0 }
        return listenFDs.flatMap { Int($0) } ?? 0
    }

    /// The descriptor, kept from child processes.
    static func take() throws -> CInt {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        let count = count(
            listenPID: variable("LISTEN_PID"),
            listenFDs: variable("LISTEN_FDS"),
            processID: getpid()
        )
        guard count >= 1 else { throw SocketProblem.notHandedOver }
        // Nobody would answer who connects to the others.
        guard count == 1 else { throw SocketProblem.handedOverMore(count) }
        guard isTaken.withLock({ !$0 }) else { throw SocketProblem.takenBefore }
        var listening: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(first, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0, listening == 1 else {
            throw SocketProblem.notListening
        }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        isTaken.withLock { $0 = true }
        return first
    }
}
