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

    /// Whether one keeps the other from being opened, as far as the addresses tell: the same socket file, or the same
    /// port on the same host or on all of them.
    package func collides(with other: Self) -> Bool {
        switch (self, other) {
        case (.unix(let path), .unix(let otherPath)): path == otherPath
        case (.tcp(let host, let port), .tcp(let otherHost, let otherPort)):
            port == otherPort && port != 0
                && (host == otherHost || Self.isEverywhere(host) || Self.isEverywhere(otherHost)
                    || Self.isSame(host, otherHost))
        case (.systemd, .systemd): true
        case (.unix, _), (.tcp, _), (.systemd, _): false
        }
    }

    private static func isEverywhere(_ host: String) -> Bool {
        IPAddress(host).map { $0 == IPAddress(v4: 0) || $0 == IPAddress("::") } ?? false
    }

    private static func isSame(_ host: String, _ other: String) -> Bool {
        if let address = IPAddress(host), let otherAddress = IPAddress(other) { return address == otherAddress }
        // `localhost` is one of the loopback addresses, or both.
        return Authority.isLoopback(host: host) && Authority.isLoopback(host: other)
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
