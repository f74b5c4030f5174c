import Glibc
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

    /// Of the address that `accept4` fills in; nil for any other kind. Not `getpeername`'s: that has none of a peer which
    /// has reset the connection, and a peer without an address must not be taken for one on this machine, who is believed
    /// what it forwards.
    init?(_ address: sockaddr_storage) {
        switch CInt(address.ss_family) {
        case AF_INET:
            self = .ip(
                IPAddress(v4: Self.read(address, as: sockaddr_in.self) { UInt32(bigEndian: $0.sin_addr.s_addr) })
            )
        case AF_INET6:
            let bytes = Self.read(address, as: sockaddr_in6.self) { v6 in
                withUnsafeBytes(of: v6.sin6_addr) { IPAddress(v6: $0) }
            }
            guard let bytes else { return nil }
            self = .ip(bytes)
        case AF_UNIX:
            self = .unixSocket
        default:
            return nil
        }
    }

    private static func read<Address, Result>(
        _ storage: sockaddr_storage,
        as _: Address.Type,
        _ read: (Address) -> Result
    ) -> Result {
        withUnsafeBytes(of: storage) { read($0.load(as: Address.self)) }
    }
}
