import Foundation
import Synchronization

/// A child process and two threads that follow it, one reading, one waiting for its end.
///
/// Its end is what `waitid` says, and not the end of its pipes, which a process that had inherited one would put off.
/// Foundation is no help: `FileHandle.readabilityHandler` misses the end of some pipes on Linux for good, when children
/// end side by side (`poll` reports the hang-up, nobody else holds the pipe, and the handler is not called).
final class Child: Sendable {
    /// How it ended.
    enum End: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It lived longer than it may, and was killed.
        case overdue
    }

    enum Event {
        case output(Data)
        case errors(Data)
        /// The last one; everything that was written before the end has been told.
        case ended(End)
    }

    struct CannotStart: Error {
        let path: String
        let reason: String
    }

    private struct State {
        /// nil from the moment it is reaped: the number may then belong to somebody else.
        var pid: pid_t?
        var isOverdue = false
    }

    /// One at a time: between the making of a pipe and its being closed to children another start would inherit it.
    private static let starting = Mutex(())

    private let state: Mutex<State>

    /// Starts it. `input`, which has to fit a pipe, is its standard input, `inherited` its descriptor 3; `limit` is how
    /// long it may live. `tell` is called on a thread of its own.
    init(
        path: String,
        arguments: [String],
        environment: [String: String],
        input: [UInt8],
        inherited: Int32? = nil,
        limit: Duration,
        tell: @escaping @Sendable (Event) -> Void
    ) throws {
        let (pid, output, errors, end) = try Self.starting.withLock { _ in
            let standardInput = try Pipe()
            let output = try Pipe()
            let errors = try Pipe()
            let end = try Pipe()
            standardInput.fill(with: input)
            let childEnds = [standardInput.reading, output.writing, errors.writing]
            defer { for descriptor in childEnds { close(descriptor) } }
            let descriptors = childEnds + [inherited].compactMap(\.self)
            return (try Self.spawn(path, [path] + arguments, environment, descriptors), output, errors, end)
        }
        state = Mutex(State(pid: pid))
        Thread.detachNewThread {
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
            close(end.writing)
        }
        Thread.detachNewThread {
            self.follow(output: output.reading, errors: errors.reading, end: end.reading, limit: limit, tell)
        }
    }

    /// nil once it has ended.
    var pid: pid_t? { state.withLock(\.pid) }

    func signal(_ signal: Int32) { state.withLock { state in _ = state.pid.map { kill($0, signal) } } }

    private func follow(
        output: Int32,
        errors: Int32,
        end: Int32,
        limit: Duration,
        _ tell: @Sendable (Event) -> Void
    ) {
        let latest = ContinuousClock.now + limit
        let streams: [(descriptor: Int32, event: (Data) -> Event)] = [(output, Event.output), (errors, Event.errors)]
        var polled = (streams.map(\.descriptor) + [end]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while polled[2].revents == 0 {
            let left = state.withLock(\.isOverdue) ? nil : max(.zero, latest - .now)
            let timeout = left.map {
                Int32($0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000) + 1
            }
            if poll(&polled, nfds_t(polled.count), timeout ?? -1) == 0, left == .zero { overdue() }
            for (index, stream) in streams.enumerated() where polled[index].revents != 0 {
                // A stream at its end would be ready for ever.
                if Self.drain(stream.descriptor, { tell(stream.event($0)) }) { polled[index].fd = -1 }
            }
        }
        for stream in streams { _ = Self.drain(stream.descriptor) { tell(stream.event($0)) } }
        for descriptor in [output, errors, end] { close(descriptor) }
        tell(.ended(reap()))
    }

    private func overdue() {
        state.withLock { $0.isOverdue = true }
        signal(SIGKILL)
    }

    private func reap() -> End {
        state.withLock { state in
            var status: Int32 = 0
            if let pid = state.pid { waitpid(pid, &status, 0) }
            state.pid = nil
            if state.isOverdue { return .overdue }
            let signal = status & 0x7f
            return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
        }
    }

    /// Tells everything that is there now. True at the stream's end.
    private static func drain(_ descriptor: Int32, _ tell: (Data) -> Void) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return true }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            tell(Data(chunk[..<count]))
        }
    }

    /// A pipe whose reading end does not block and that no child inherits.
    private struct Pipe {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else {
                throw CannotStart(path: "a pipe", reason: String(cString: strerror(errno)))
            }
            reading = ends[0]
            writing = ends[1]
            for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        }

        /// Writes all of it and the end.
        func fill(with bytes: [UInt8]) {
            _ = fcntl(reading, F_SETFL, 0)
            let count = write(writing, bytes, bytes.count)
            precondition(count == bytes.count, "the input fits the pipe")
            close(writing)
        }
    }

    /// `posix_spawn` with these descriptors as the first ones, and with no signal blocked: the threads that tests run on
    /// block them all.
    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ descriptors: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // The rest of this process is not its business: a listening socket that lives on in a child stays taken. All
        // numbers and not those that are open now, since other tests open theirs meanwhile; one that is not open is fine.
        for number in Int32(descriptors.count)..<min(getdtablesize(), 4096) {
            posix_spawn_file_actions_addclose(&actions, number)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var strings: [[UnsafeMutablePointer<CChar>?]] = [arguments, environment.map { "\($0.key)=\($0.value)" }].map {
            $0.map { strdup($0) } + [nil]
        }
        defer { for string in strings.joined() { free(string) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &strings[0], &strings[1])
        guard code == 0 else { throw CannotStart(path: path, reason: String(cString: strerror(code))) }
        return pid
    }
}
