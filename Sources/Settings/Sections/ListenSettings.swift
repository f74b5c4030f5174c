import Vocabulary

/// `listen`: the address that senders reach.
package struct ListenSettings: Hashable, Sendable {
    package var address: ListenAddress
    package var tls: TLSFiles?
    /// Whose `X-Forwarded-For` is believed.
    package var trustedProxies: [AddressRange]
    /// Event loops; nil: the machine's cores, at most 4.
    package var threads: Int?
}

/// `listen.tls`: paths of PEM files.
package struct TLSFiles: Hashable, Sendable {
    package var certificate: String
    package var privateKey: String
}

extension Reader where Value == ListenSettings {
    static var listen: Self {
        .mapping("listen") { keys in
            keys.reading.places.tls = keys.span(of: "tls").start
            return ListenSettings(
                address: keys.value(
                    "address",
                    .listenAddress(allowingSystemd: true),
                    default: .tcp(host: "127.0.0.1", port: 8080)
                ),
                tls: keys.optional("tls", .tls),
                trustedProxies: keys.value("trusted_proxies", .list(of: .addressRange), default: []),
                threads: keys.optional("threads", .integer(1...1024))
            )
        }
    }
}

extension Reader where Value == TLSFiles {
    fileprivate static var tls: Self {
        .mapping("listen.tls") { keys in
            let certificate = keys.required("certificate", .text("a path"))
            let privateKey = keys.required("private_key", .text("a path"))
            guard let certificate, let privateKey else { return nil }
            return TLSFiles(certificate: certificate, privateKey: privateKey)
        }
    }
}
