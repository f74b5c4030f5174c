import Glibc
import NIOCore
import Testing

@testable import Listener

/// On socket pairs: what is sent is there at once.
@Suite struct LobbyTests {
    /// A lobby, and the other ends of its connections.
    private final class World {
        let silent: Epoll
        let begun: Epoll
        let registry: ConnectionRegistry
        var lobby: Lobby
        private var peers: [CInt] = []

        init(maximum: Int = 1000) throws {
            registry = ConnectionRegistry(maximum: maximum)
            silent = try Epoll()
            begun = try Epoll()
            try silent.add(begun.descriptor)
            lobby = Lobby(silent: silent, begun: begun, registry)
        }

        deinit {
            for entry in lobby.takeAll() { close(entry.socket) }
            for peer in peers { close(peer) }
        }

        /// Returns the peer's end of a new connection, which has sent so much already.
        func connect(sending text: String = "") -> CInt {
            var ends: [CInt] = [-1, -1]
            #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
            peers.append(ends[0])
            send(text, to: ends[0])
            lobby.enter(ends[1], from: .unixSocket)
            return ends[0]
        }

        func send(_ text: String, to peer: CInt) {
            #expect(Glibc.send(peer, text, text.utf8.count, CInt(MSG_NOSIGNAL)) == text.utf8.count)
        }

        /// What one turn of the acceptor looks at; returns how many are handed over.
        func look() -> Int {
            silent.wait(atMost: 0, limit: 64) { socket, hasEnded in
                if socket == begun.descriptor {
                    lobby.lookAtBegun()
                } else {
                    lobby.received(on: socket, hasEnded: hasEnded)
                }
            }
            let ready = lobby.takeReady()
            for entry in ready {
                registry.remove(entry)
                close(entry.socket)
            }
            return ready.count
        }
    }

    private static let head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("Who sends byte by byte keeps nobody waiting who sends a whole head")
    func slowHeads() throws {
        let world = try World()
        let slow = (0..<200).map { number in
            let peer = world.connect(sending: number % 2 == 0 ? "GET / " : "")
            if number % 2 == 1 { world.send("G", to: peer) }
            return peer
        }
        let quick = world.connect()
        // Half of them begin only now, and are looked at in turn with everyone.
        for _ in 0..<20 { #expect(world.look() == 0) }
        for peer in slow { world.send("x", to: peer) }
        world.send(Self.head, to: quick)
        #expect(world.look() == 1)
    }

    @Test("A head that comes in pieces is handed over once it is complete, however many others come too")
    func pieces() throws {
        let world = try World()
        let slow = (0..<100).map { _ in world.connect(sending: "GET / ") }
        for peer in slow { world.send("HTTP/1.1\r\nHost: a\r\n", to: peer) }
        for _ in 0..<20 { #expect(world.look() == 0) }
        for peer in slow { world.send("\r\n", to: peer) }
        var handedOver = 0
        for _ in 0..<20 { handedOver += world.look() }
        #expect(handedOver == slow.count)
        #expect(world.lobby.isEmpty)
    }

    @Test("Who could not be admitted is looked at again: what it has sent meanwhile keeps it from having to go")
    func refused() throws {
        let world = try World(maximum: 1)
        _ = world.connect(sending: Self.head)
        let answered = try #require(world.lobby.takeReady().first)
        let late = world.connect()
        #expect(world.lobby.isFull)
        world.send(Self.head, to: late)
        world.registry.remove(answered)
        world.lobby.retry()
        #expect(!world.lobby.isFull)
        // It is not the one that goes for the next.
        _ = world.connect()
        #expect(world.lobby.isFull)
        let ready = world.lobby.takeReady()
        #expect(ready.count == 1)
        for entry in ready + [answered] { close(entry.socket) }
    }

    @Test("At the end it is known of all whether they have sent something, though nobody has looked since")
    func atTheEnd() throws {
        let world = try World()
        let peers = (0..<3).map { _ in world.connect() }
        world.send("G", to: peers[0])
        world.send(Self.head, to: peers[1])
        let all = world.lobby.takeAll()
        #expect(all.count == 3)
        #expect(all.count { $0.hasSent.load(ordering: .relaxed) } == 2)
        for entry in all { close(entry.socket) }
    }
}
