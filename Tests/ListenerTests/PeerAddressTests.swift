import NIOCore
import Testing
import Vocabulary

@testable import Listener

@Suite struct PeerAddressTests {
    @Test("A socket's remote address becomes the same value as its text")
    func socketAddresses() throws {
        for text in ["192.0.2.1", "2001:db8::5", "::ffff:192.0.2.1"] {
            let address = try SocketAddress(ipAddress: text, port: 1)
            #expect(PeerAddress(address) == .ip(try #require(IPAddress(text))))
        }
        #expect(PeerAddress(try SocketAddress(unixDomainSocketPath: "/x")) == .unixSocket)
    }
}
