import Glibc
import Synchronization
import Testing
import Vocabulary

@testable import Listener

@Suite(.timeLimit(.minutes(15))) struct PeerAddressTests {
    private func storage<Address>(_ address: Address) -> sockaddr_storage {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
        return storage
    }

    @Test(
        "A socket's remote address becomes the same value as its text",
        arguments: ["2001:db8::5", "::ffff:192.0.2.1"]
    )
    func v6(text: String) throws {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        #expect(inet_pton(AF_INET6, text, &address.sin6_addr) == 1)
        #expect(PeerAddress(storage(address)) == .ip(try #require(IPAddress(text))))
    }

    @Test("an address of version 4, a socket file, and nothing")
    func others() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        #expect(inet_pton(AF_INET, "192.0.2.1", &address.sin_addr) == 1)
        #expect(PeerAddress(storage(address)) == .ip(try #require(IPAddress("192.0.2.1"))))
        var file = sockaddr_un()
        file.sun_family = sa_family_t(AF_UNIX)
        #expect(PeerAddress(storage(file)) == .unixSocket)
        #expect(PeerAddress(sockaddr_storage()) == nil)
    }

    @Test("Who sends a request and resets the connection is still known by address")
    func reset() async throws {
        let handler = PeerNotes()
        let server = try await HTTPServer.open(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0), limits: .patient),
            handler: handler
        )
        for _ in 0..<20 {
            let sender = try RawSocket(to: server)
            sender.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            sender.endsInReset()
        }
        server.accept()
        try await Client.connect(to: server) { last in
            try await last.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await last.read(until: "\r\n\r\n").statuses == [404])
        }
        await server.shutdown(within: .seconds(600))
        #expect(handler.peers.withLock(\.self) == [.ip(try #require(IPAddress("127.0.0.1")))])
    }
}

/// Keeps who sent each request.
private final class PeerNotes: RequestHandler {
    let peers = Mutex<Set<PeerAddress>>([])

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        peers.withLock { _ = $0.insert(head.peer) }
        return .answer(.problem(status: 404))
    }

    func refused(_ failure: ProtocolFailure, from peer: PeerAddress) -> Response { failure.response }
}
