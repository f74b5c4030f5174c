import Celonis
import Listener
import Settings
import Vocabulary

// The rooms that act do not know `Settings`: what they need of it is translated here.

extension ServerLimits {
    init(_ limits: LimitsSettings) {
        self.init()
        connections = limits.connections
        headerTimeout = limits.headerTimeout
        bodyTimeout = limits.bodyTimeout
        idleTimeout = limits.idleTimeout
    }
}

extension ClientConfiguration {
    /// `HTTPS_PROXY` of the environment is the default of `celonis.proxy` for `https` addresses; the client library does
    /// not read it itself.
    init(_ celonis: CelonisSettings, environment: [String: String]) {
        let inherited = environment["HTTPS_PROXY"] ?? environment["https_proxy"]
        let proxy = celonis.proxy?.text ?? (celonis.baseURL.isSecure ? inherited : nil)
        self.init(
            baseURL: celonis.baseURL.text,
            credentials: Credentials(celonis.auth),
            requestTimeout: celonis.requestTimeout,
            tablesCache: celonis.tablesCache,
            poll: Celonis.PollSettings(
                initial: celonis.poll.initial,
                maximum: celonis.poll.maximum,
                startWithin: celonis.poll.startWithin
            ),
            dryRun: celonis.dryRun,
            caFile: celonis.caFile,
            proxy: proxy.flatMap { ProxyServer($0) },
            version: reloaderVersion
        )
    }
}

extension Credentials {
    fileprivate init(_ auth: CelonisAuth) {
        func secret(_ secret: Settings.Secret) -> Celonis.Secret { Celonis.Secret(secret.text ?? "") }
        switch auth {
        case .oauthClient(let id, let clientSecret, let authentication):
            self = .oauthClient(
                id: id.text ?? "",
                secret: secret(clientSecret),
                authentication: authentication == .form ? .form : .basic
            )
        case .applicationKey(let key): self = .applicationKey(secret(key))
        case .apiKey(let key): self = .apiKey(secret(key))
        }
    }
}

extension ServerCertificate {
    /// - Throws: `CertificateError`, which names the file.
    init(_ files: TLSFiles) throws(CertificateError) {
        try self.init(certificate: files.certificate, privateKey: files.privateKey)
    }
}
