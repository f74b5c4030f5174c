import Vocabulary

/// All that the client needs to know (product.md §2, `celonis:`). A plain value: nothing is read from files or the
/// environment here, except that the TLS library opens `caFile`.
package struct ClientConfiguration: Hashable, Sendable {
    /// `https://TEAM.REALM.celonis.cloud`, with or without a path and a slash at the end.
    package var baseURL: String
    package var credentials: Credentials
    /// For one call from its start to the last byte of its answer.
    package var requestTimeout: Duration
    /// How long a model's table list is trusted.
    package var tablesCache: Duration
    package var poll: PollSettings
    /// Everything but the POST.
    package var dryRun: Bool
    /// PEM certificates that are trusted beside the system's.
    package var caFile: String?
    /// nil: none. The composition root reads `HTTPS_PROXY`.
    package var proxy: ProxyServer?
    /// For `User-Agent: reloader/VERSION`.
    package var version: String

    package init(
        baseURL: String,
        credentials: Credentials,
        requestTimeout: Duration = .seconds(30),
        tablesCache: Duration = .seconds(600),
        poll: PollSettings = PollSettings(),
        dryRun: Bool = false,
        caFile: String? = nil,
        proxy: ProxyServer? = nil,
        version: String = "0"
    ) {
        self.baseURL = baseURL
        self.credentials = credentials
        self.requestTimeout = requestTimeout
        self.tablesCache = tablesCache
        self.poll = poll
        self.dryRun = dryRun
        self.caFile = caFile
        self.proxy = proxy
        self.version = version
    }
}

/// Who we are to Celonis (celonis-api.md, credentials).
package enum Credentials: Hashable, Sendable {
    /// How an OAuth client names itself at the token endpoint (RFC 6749 §2.3.1).
    package enum ClientAuthentication: String, Hashable, Sendable {
        case basic
        case form
    }

    case oauthClient(id: String, secret: Secret, authentication: ClientAuthentication)
    /// Sent as `AppKey …`.
    case applicationKey(Secret)
    /// A user's key, sent as `Bearer …`.
    case apiKey(Secret)
}

/// `celonis.poll`.
package struct PollSettings: Hashable, Sendable {
    package var initial: Duration
    package var maximum: Duration
    /// A triggered load that does not show within this is `unconfirmed` (queue.md Q22).
    package var startWithin: Duration

    package init(
        initial: Duration = .seconds(2),
        maximum: Duration = .seconds(60),
        startWithin: Duration = .seconds(120)
    ) {
        self.initial = initial
        self.maximum = maximum
        self.startWithin = startWithin
    }
}

/// An HTTP proxy through which the connections to Celonis go.
package struct ProxyServer: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var user: String?
    package var password: Secret?

    package init(host: String, port: Int, user: String? = nil, password: Secret? = nil) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    /// From `http://[USER[:PASSWORD]@]HOST[:PORT]`, the scheme optional, the port 3128 unless written; nil for anything
    /// else. User and password are percent-decoded.
    package init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = rest[scheme.upperBound...]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        user = nil
        password = nil
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = PercentEncoding.decode(parts[0])
            password = parts.count > 1 ? Secret(PercentEncoding.decode(parts[1])) : nil
            rest = rest[rest.index(after: at)...]
        }
        port = 3128
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        guard !rest.isEmpty, !rest.contains(where: { $0 == "/" || $0.isWhitespace }) else { return nil }
        host = String(rest)
    }
}
