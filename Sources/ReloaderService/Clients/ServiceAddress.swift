import Settings
import Vocabulary

/// Where a running service is asked: `http://HOST:PORT`, `https://HOST` or `unix:/PATH`, as `--url` names it.
package struct ServiceAddress: Hashable, Sendable, CustomStringConvertible {
    /// A URL for `HTTPCaller` to which paths are appended; without a slash at its end.
    package let base: String
    /// As people write it.
    package let description: String
    /// The configured service's own address, which only this machine can reach: its certificate, made for the name by which
    /// others come, is not for this one, and nobody stands in between.
    package private(set) var isOwn = false

    /// From what a person wrote.
    package init(_ text: String) throws(ServiceAddressError) {
        if text.hasPrefix("unix:") {
            guard let address = ListenAddress(text) else { throw .notAPath(text) }
            self.init(address)
        } else if let address = WebAddress(text), !address.rest.contains("?"), !address.rest.contains("#") {
            let rest = address.rest.hasSuffix("/") ? String(address.rest.dropLast()) : address.rest
            self.init(base: address.description + rest)
        } else {
            throw WebAddress("http://" + text) == nil ? .notAnAddress(text) : .noScheme(text)
        }
    }

    /// Where a service with this setting listens. Of a socket from the service manager only that manager knows where.
    package init(configured listen: ListenSettings) throws(ServiceAddressError) {
        switch listen.address {
        case .systemd: throw .unknown
        case .tcp(_, port: 0): throw .unknown
        case .tcp, .unix:
            self.init(listen.address, scheme: listen.tls == nil ? "http" : "https")
            isOwn = listen.address.isLocal
        }
    }

    private init(_ address: ListenAddress, scheme: String = "http") {
        switch address {
        // The form of the client library: the path as the host's name.
        case .unix(let path):
            self.init(base: "\(scheme)+unix://" + PercentEncoding.encode(path), as: address.description)
        case .tcp, .systemd: self.init(base: "\(scheme)://\(address)")
        }
    }

    private init(base: String, as description: String? = nil) {
        self.base = base
        self.description = description ?? base
    }
}

/// Why a text names no service.
package enum ServiceAddressError: Error, Hashable, CustomStringConvertible {
    case noScheme(String)
    case notAPath(String)
    case notAnAddress(String)
    /// The configuration leaves the address to the system.
    case unknown

    package var description: String {
        switch self {
        case .noScheme(let text): "add http:// in front: http://\(text)"
        case .notAPath: "unix: is followed by the absolute path of the socket's file: unix:/run/reloader/admin.sock"
        case .notAnAddress: "write http://HOST:PORT, https://HOST or unix:/PATH"
        case .unknown: "the configuration does not say where the service listens; name its address with --url"
        }
    }
}
