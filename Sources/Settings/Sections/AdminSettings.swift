import Vocabulary

/// `admin`: the address of health, metrics, dashboard and API.
package struct AdminSettings: Hashable, Sendable {
    package var address: ListenAddress
    /// What callers must show; nil on a local address only.
    package var token: Secret?
}

extension Reader where Value == AdminSettings {
    static var admin: Self {
        .mapping("admin") { keys in
            let address = keys.value(
                "address",
                .listenAddress(allowingSystemd: false),
                default: .tcp(host: "127.0.0.1", port: 9090)
            )
            let token = keys.optional("token", .textSecret)
            if !address.isLocal, !keys.has("token") {
                keys.report.error(
                    "\(address) can be reached from elsewhere, so admin needs a token",
                    at: keys.span(of: "address"),
                    hint: "add token: env:RELOADER_ADMIN_TOKEN, or listen on 127.0.0.1 or a unix socket"
                )
            }
            return AdminSettings(address: address, token: token)
        }
    }
}
