import Vocabulary

extension Reader where Value == ListenAddress {
    /// An address to listen on.
    static func listenAddress(allowingSystemd: Bool) -> Self {
        let expected = "HOST:PORT, [V6]:PORT\(allowingSystemd ? ", unix:/PATH or systemd" : " or unix:/PATH")"
        let pattern = "^(unix:/[\\s\\S]*|[\\s\\S]+:[0-9]+\(allowingSystemd ? "|systemd" : ""))$"
        let examples = ["127.0.0.1:8080", "unix:/run/reloader.sock"] + (allowingSystemd ? ["systemd"] : [])
        let show: (ListenAddress) -> JSONValue? = { .string($0.description) }
        return parsed(
            expected,
            hint:
                "a port is a number from 0 to 65535, all addresses of the machine are 0.0.0.0:8080; a socket's path has at "
                + "most 107 bytes",
            .text(pattern: pattern, examples: examples),
            show: show
        ) {
            guard let place = ListenAddress($0) else { return nil }
            return place == .systemd && !allowingSystemd ? nil : place
        }
    }
}
