import NIOCore
import Vocabulary

/// Who is at the other end of a connection.
package enum PeerAddress: Hashable, Sendable, CustomStringConvertible {
    case ip(IPAddress)
    /// A peer on this machine that was let in by the socket file's permissions.
    case unixSocket

    package var description: String {
        switch self {
        case .ip(let address): address.description
        case .unixSocket: "unix socket"
        }
    }

    /// - Parameter address: the socket's remote address; unix sockets have none of use.
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let v4):
            self = .ip(IPAddress(v4: UInt32(bigEndian: v4.address.sin_addr.s_addr)))
        case .v6(let v6):
            let bytes = withUnsafeBytes(of: v6.address.sin6_addr) { IPAddress(v6: $0) }
            self = bytes.map { .ip($0) } ?? .unixSocket
        case .unixDomainSocket, nil:
            self = .unixSocket
        }
    }
}
