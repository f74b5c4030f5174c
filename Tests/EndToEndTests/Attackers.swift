import CelonisSimulator
import Foundation
import Synchronization
import Vocabulary

/// Strangers who know the port and no secret, each kind on a thread of its own.
///
/// In the world they have machines of their own; here they share the service's, so their threads are as nice as can be:
/// what is measured beside them is what the service spends on them, and not who of us gets the processor. A thread that is
/// that nice still gives way only at the end of a system call, or at a tick; so they call the system often, and
/// compute next to nothing in between.
final class Attackers: Sendable {
    /// How much of everything.
    struct Scale {
        var slowHeads: Int
        var idle: Int
        /// Bodies that are begun and never end: they rank above what is idle.
        var begunBodies: Int
        var largeBodies: Int
        var mutated: Int
        var headerBombs: Int
        var flood: Int

        static let short = Scale(
            slowHeads: 300,
            idle: 300,
            begunBodies: 300,
            largeBodies: 8,
            mutated: 2_000,
            headerBombs: 20,
            flood: 2_000
        )
        static let full = Scale(
            slowHeads: 2_000,
            idle: 2_000,
            begunBodies: 1_000,
            largeBodies: 50,
            mutated: 100_000,
            headerBombs: 500,
            flood: 50_000
        )
    }

    private let port: Int
    private let scale: Scale
    private let request: [UInt8]
    /// How often each status was answered, how many connections were made, and how many kinds are still at work.
    private let state: Mutex<(statuses: [Int: Int], connections: Int, working: Int, isOver: Bool)>
    private let threads = DispatchGroup()

    /// `request` is what mutants are made of.
    init(port: Int, scale: Scale, request: [UInt8]) {
        self.port = port
        self.scale = scale
        self.request = request
        state = Mutex(([:], 0, 0, false))
    }

    var statuses: [Int: Int] { state.withLock(\.statuses) }
    /// Whether all came that were to, those who came again not counted.
    var allCame: Bool {
        let held = scale.slowHeads + scale.idle + scale.begunBodies
        let all = held + 2 * scale.largeBodies + scale.mutated + scale.headerBombs + scale.flood
        return state.withLock(\.connections) >= all
    }
    /// Whether those that come to an end by themselves have.
    var isDone: Bool { state.withLock { $0.working == 0 } }
    /// Sends those home that would stay for ever, and waits until all are gone.
    func end() {
        state.withLock { $0.isOver = true }
        threads.wait()
    }

    func start() {
        run { $0.hold($0.scale.slowHeads, sending: Array("POST /hooks/fivetran HTTP/1.1\r\nX: ".utf8)) }
        run { $0.hold($0.scale.idle, sending: []) }
        let begun = "POST /hooks/fivetran HTTP/1.1\r\nhost: h\r\ncontent-length: 9999\r\n\r\n{"
        run { $0.hold($0.scale.begunBodies, sending: Array(begun.utf8)) }
        let working: [@Sendable (Attackers) -> Void] = [
            { for _ in 0..<$0.scale.largeBodies { $0.sendLargeBody("content-length: 300000000", chunk: []) } },
            {
                let size = Array("10000\r\n".utf8)
                for _ in 0..<$0.scale.largeBodies { $0.sendLargeBody("transfer-encoding: chunked", chunk: size) }
            },
            { $0.sendMutants() },
            { for number in 0..<$0.scale.headerBombs { $0.sendHeaders(number) } },
            { $0.flood() },
        ]
        state.withLock { $0.working = working.count }
        for work in working {
            run {
                work($0)
                $0.state.withLock { $0.working -= 1 }
            }
        }
    }

    /// `SCHED_IDLE`, which Swift does not see (sched.h has it for _GNU_SOURCE only).
    private static let idle: Int32 = 5

    private func run(_ work: @escaping @Sendable (Attackers) -> Void) {
        threads.enter()
        Thread.detachNewThread {
            if isFullAttack {
                // A woken thread waits for a nice one's turn to end, but not for one of these. Beside other tests they
                // would never run.
                var parameters = sched_param()
                sched_setscheduler(0, Self.idle, &parameters)
            } else {
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            }
            work(self)
            self.threads.leave()
        }
    }

    private func note(_ answer: [UInt8]) {
        let statuses = String(decoding: answer, as: UTF8.self).components(separatedBy: "HTTP/1.1 ").dropFirst()
        state.withLock { state in
            for status in statuses.compactMap({ Int($0.prefix(3)) }) { state.statuses[status, default: 0] += 1 }
        }
    }

    /// Keeps so many connections open, with a byte on each five times a second if anything is sent; who is sent away comes
    /// again. Each has its own time, as if it were a machine of its own: not all of them come or send at once.
    private func hold(_ count: Int, sending head: [UInt8]) {
        var peers = [Peer?](repeating: nil, count: count)
        let share = max(1, count / 200)
        while !state.withLock(\.isOver) {
            for first in stride(from: 0, to: count, by: share) where !state.withLock(\.isOver) {
                for place in first..<min(first + share, count) { keep(&peers[place], sending: head) }
                // Their pace, which nothing waits for.
                usleep(1000)
            }
        }
    }

    private func keep(_ peer: inout Peer?, sending head: [UInt8]) {
        peer?.send(head.isEmpty ? [] : [0x78])
        guard peer?.isGone ?? true else { return }
        peer = connect()
        peer?.send(head)
    }

    private func connect() -> Peer? {
        guard let peer = Peer(port: port) else { return nil }
        state.withLock { $0.connections += 1 }
        return peer
    }

    /// Some thousand connections a second, evenly: from a single thread's loop all would come at once when it has its turn,
    /// and none in between.
    private func flood() {
        for _ in 0..<scale.flood {
            _ = connect()
            usleep(100)
        }
    }

    private func sendLargeBody(_ field: String, chunk: [UInt8]) {
        guard let peer = connect() else { return }
        peer.send(Array("POST /hooks/fivetran HTTP/1.1\r\nhost: h\r\n\(field)\r\n\r\n".utf8))
        let body = chunk + [UInt8](repeating: 0x20, count: 65_536) + (chunk.isEmpty ? [] : [13, 10])
        var sent = 0
        while sent < 300_000_000, peer.send(body) { sent += body.count }
        note(peer.readToEnd())
    }

    /// One field without an end, and fields without an end.
    private static let bombs = [
        [UInt8](repeating: UInt8(ascii: "y"), count: 1 << 20), Array(String(repeating: "a:\r\n", count: 1 << 18).utf8),
    ]

    private func sendHeaders(_ number: Int) {
        guard let peer = connect() else { return }
        peer.send(Array("POST /hooks/fivetran HTTP/1.1\r\nhost: h\r\nx: ".utf8))
        peer.send(Self.bombs[number % 2])
        note(peer.readToEnd())
    }

    private func sendMutants() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<scale.mutated {
            var bytes = request
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(ascii: "\r"), at: place)
                default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
                }
            }
            guard let peer = connect() else { continue }
            peer.send(bytes)
            peer.finish()
            note(peer.readToEnd())
        }
    }
}

/// A blocking connection that reports instead of failing.
private final class Peer {
    private let descriptor: Int32
    private(set) var isGone = false

    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// At once: what the system does with it takes some microseconds.
    private static let piece = 16_384

    /// - Returns: false once the service takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.prefix(Self.piece).withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                isGone = true
                return false
            }
            rest = rest.dropFirst(count)
        }
        var byte: UInt8 = 0
        if recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) == 0 { isGone = true }
        return true
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    func readToEnd() -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
    }
}
