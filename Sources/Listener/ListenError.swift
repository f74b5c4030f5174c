import NIOCore
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a server did not start; names the address.
package struct ListenError: Error, CustomStringConvertible {
    package let address: ListenAddress
    /// What the system said, for people.
    package let reason: String

    init(address: ListenAddress, cause: any Error) {
        self.address = address
        switch cause {
        case let error as IOError: reason = String(cString: strerror(error.errnoCode))
        case let error as SocketProblem: reason = error.description
        default: reason = String(describing: cause)
        }
    }

    package var description: String { "cannot listen on \(address): \(reason)" }
}

/// What is wrong with a socket file or a handed-over socket.
enum SocketProblem: Error, CustomStringConvertible {
    case inUse
    case notASocket
    case notHandedOver
    case handedOverMore(Int)
    case notListening
    case takenBefore

    var description: String {
        switch self {
        case .inUse: "another process listens on it"
        case .notASocket: "the file exists and is no socket; remove it or choose another path"
        case .notHandedOver:
            "the service manager handed no socket over (LISTEN_PID and LISTEN_FDS do not name this process)"
        case .handedOverMore(let count):
            "the service manager handed \(count) sockets over, and one is served: leave one ListenStream= in its unit"
        case .takenBefore:
            "the socket that the service manager handed over was closed when the address changed; restart the service"
        case .notListening: "the first socket that the service manager handed over is no listening stream socket"
        }
    }
}
