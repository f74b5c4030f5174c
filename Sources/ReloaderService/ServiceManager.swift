import Admin
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells the service manager what the service is doing (sd_notify(3)): `Type=notify` and its watchdog. Without one that
/// listens it does nothing.
package struct ServiceManager: Sendable {
    /// What a unit of systemd has in its environment, by name; nil where it is not set.
    package typealias Environment = (_ name: String) -> String?

    private let socket: String?
    /// How often the manager wants to hear that the service is alive; it waits twice as long.
    let watchdogInterval: Duration?

    package init(environment: Environment, pid: Int32 = getpid()) {
        socket = environment("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMeant = environment("WATCHDOG_PID").map { $0 == String(pid) } ?? true
        let limit = environment("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        watchdogInterval = socket != nil && isMeant && limit > 0 ? .microseconds(limit) / 2 : nil
    }

    /// The service takes deliveries: after the start, and after each reading of the configuration.
    package func ready(_ status: String) { send("READY=1\n" + Self.status(status)) }

    /// The configuration is being read again.
    package func reloading(at now: MonotonicTime) {
        send("RELOADING=1\nMONOTONIC_USEC=\(now.nanoseconds / 1000)\n" + Self.status("reading the configuration"))
    }

    /// The service drains and ends.
    package func stopping() { send("STOPPING=1\n" + Self.status("draining")) }

    /// Tells at every half of the manager's limit that the service is alive, until the task is cancelled. `proof` must
    /// come from what has to work: where that hangs, nothing more is told, and the manager starts the service again.
    package func keepWatchdog(
        sleep: (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        proof: () async -> String
    ) async {
        guard let watchdogInterval else { return }
        while !Task.isCancelled {
            let status = await proof()
            send("WATCHDOG=1\n" + Self.status(status))
            guard (try? await sleep(watchdogInterval)) != nil else { return }
        }
    }

    private static func status(_ text: String) -> String { "STATUS=\(text.printable)\n" }

    /// One datagram. A manager that does not take it is not waited for.
    private func send(_ message: String) {
        guard let socket else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An abstract name begins with a zero byte, and its length counts; the other ends with one.
        let name: [UInt8] = socket.hasPrefix("@") ? [0] + socket.utf8.dropFirst() : Array(socket.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
        let size = socklen_t(offset + name.count + (socket.hasPrefix("@") ? 0 : 1))
        let descriptor = Glibc.socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, size)
            }
        }
    }
}

extension RunningService {
    /// One line on how the service does. To have it, the queue has to answer.
    package var summary: String {
        let health = HealthReport(parts.snapshot(naming: false))
        let queue = health.queue
        let counts = "\(queue.waiting) waiting, \(queue.loading) loading, \(queue.failed) failed"
        return "\(health.status.rawValue): \(counts), \(queue.pendingTables) pending tables"
    }
}
