/// Where a server listens: `HOST:PORT`, `[V6]:PORT`, `unix:/PATH` or `systemd` (product.md §2, `listen.address`).
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address without brackets, and a port; port 0 takes a free one.
    case tcp(host: String, port: Int)
    /// The path of a socket file.
    case unix(path: String)
    /// The socket that the service manager handed over.
    case systemd

    /// - Parameter text: one of the forms above; nil for anything else.
    package init?(_ text: String) {
        if text == "systemd" {
            self = .systemd
        } else if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            // `sun_path` holds 108 bytes, the last one a NUL.
            guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self = .unix(path: String(path))
        } else {
            guard let authority = Authority(text), let port = authority.port else { return nil }
            self = .tcp(host: authority.host, port: port)
        }
    }

    /// Only this machine can reach it, as far as the address tells.
    package var isLocal: Bool {
        switch self {
        case .tcp(let host, port: _): Authority.isLoopback(host: host)
        case .unix: true
        case .systemd: false
        }
    }

    /// The form that `init` reads.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .systemd: "systemd"
        }
    }
}
