/// Where the service listens (product.md §2, `listen.address` and `admin.address`).
package enum SocketPlace: Hashable, Sendable, CustomStringConvertible {
    /// A host's name or address (without brackets), and a port; port 0 takes a free one.
    case tcp(host: String, port: Int)
    /// The absolute path of a unix socket.
    case unix(path: String)
    /// A socket handed over by the service manager.
    case systemd

    /// Reads `HOST:PORT`, `[V6]:PORT`, `unix:/PATH` or `systemd`.
    package init?(_ text: String) {
        if text == "systemd" {
            self = .systemd
        } else if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            // What sockaddr_un holds, with its final NUL.
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else { return nil }
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

    /// As the configuration writes it.
    package var description: String {
        switch self {
        case .tcp(let host, let port): (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        case .unix(let path): "unix:" + path
        case .systemd: "systemd"
        }
    }
}

/// `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT` (RFC 3986 §3.2).
struct Authority {
    var host: String
    var port: Int?

    init?(_ text: some StringProtocol) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let portText: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<close])
            guard IPAddress(host)?.bytes.count == 16 else { return nil }
            let rest = Substring(text[text.index(after: close)...])
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let parts = Substring(text).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = String(parts[0])
            let isName = host.utf8.allSatisfy { byte in
                let letter = byte | 32
                return digits.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
            guard !host.isEmpty, isName else { return nil }
            // A name of digits and dots only is meant as an address; 1.2.3.400 is none.
            if host.utf8.allSatisfy({ digits.contains($0) || $0 == UInt8(ascii: ".") }) {
                guard IPAddress(host) != nil else { return nil }
            }
            portText = parts.count == 2 ? parts[1] : nil
        }
        guard let portText else {
            port = nil
            return
        }
        guard portText.utf8.allSatisfy({ digits.contains($0) }), let port = Int(portText), port <= 65_535 else {
            return nil
        }
        self.port = port
    }

    /// `localhost`, 127.0.0.0/8 or ::1.
    static func isLoopback(host: String) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }
}

extension Reader where Value == SocketPlace {
    /// An address to listen on.
    static func socketPlace(allowingSystemd: Bool) -> Self {
        let expected = "HOST:PORT, [V6]:PORT\(allowingSystemd ? ", unix:/PATH or systemd" : " or unix:/PATH")"
        return parsed(expected, hint: "a port is a number from 0 to 65535; all addresses of the machine: 0.0.0.0:8080") {
            guard let place = SocketPlace($0) else { return nil }
            return place == .systemd && !allowingSystemd ? nil : place
        }
    }
}
