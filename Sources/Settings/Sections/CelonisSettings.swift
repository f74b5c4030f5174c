/// `celonis`: which team, and how to call it.
package struct CelonisSettings: Hashable, Sendable {
    /// The team's address; no path.
    package var baseURL: WebAddress
    package var auth: CelonisAuth
    package var requestTimeout: Duration
    /// Over all models.
    package var maxConcurrentLoads: Int
    /// How long a model's table list is trusted.
    package var tablesCache: Duration
    package var poll: PollSettings
    /// Everything but the POST is done.
    package var dryRun: Bool
    /// A PEM file of further certificate authorities.
    package var caFile: String?
    /// As written; nil means that `HTTPS_PROXY` decides.
    package var proxy: WebAddress?
}

/// `celonis.auth`: the three kinds of credentials.
package enum CelonisAuth: Hashable, Sendable {
    case oauthClient(id: Secret, secret: Secret, authentication: ClientAuthentication)
    case applicationKey(Secret)
    case apiKey(Secret)

    /// How an OAuth client shows who it is (RFC 6749 §2.3.1).
    package enum ClientAuthentication: String, Hashable, Sendable, CaseIterable {
        case basic
        case form
    }
}

/// `celonis.poll`: looking at last-load (queue.md Q22).
package struct PollSettings: Hashable, Sendable {
    package var initial: Duration
    package var maximum: Duration
    /// How long a new load may take to show.
    package var startWithin: Duration
}

extension Reader where Value == CelonisSettings {
    static var celonis: Self {
        .mapping("celonis") { keys in
            let baseURL = keys.required("base_url", .baseURL)
            let auth = keys.required("auth", .auth)
            let requestTimeout = keys.value("request_timeout", .positiveDuration, default: .seconds(30))
            let maxConcurrentLoads = keys.value("max_concurrent_loads", .count, default: 4)
            let tablesCache = keys.value("tables_cache", .duration, default: .seconds(600))
            let poll = keys.section("poll", .poll)
            let dryRun = keys.value("dry_run", .boolean, default: false)
            let caFile = keys.optional("ca_file", .text("a path"))
            let proxy = keys.optional("proxy", .proxy)
            guard let baseURL, let auth, let poll else { return nil }
            keys.reading.places.auth = keys.span(of: "auth").start
            keys.reading.places.caFile = keys.span(of: "ca_file").start
            return CelonisSettings(
                baseURL: baseURL,
                auth: auth,
                requestTimeout: requestTimeout,
                maxConcurrentLoads: maxConcurrentLoads,
                tablesCache: tablesCache,
                poll: poll,
                dryRun: dryRun,
                caFile: caFile,
                proxy: proxy
            )
        }
    }
}

extension Reader where Value == PollSettings {
    fileprivate static var poll: Self {
        .mapping("celonis.poll") { keys in
            let poll = PollSettings(
                initial: keys.value("initial", .positiveDuration, default: .seconds(2)),
                maximum: keys.value("maximum", .positiveDuration, default: .seconds(60)),
                startWithin: keys.value("start_within", .positiveDuration, default: .seconds(120))
            )
            keys.checkOrder("initial", poll.initial, "maximum", poll.maximum)
            return poll
        }
    }
}

extension Reader where Value: CaseIterable & RawRepresentable<String> {
    /// This one word, which somebody has seen there already.
    fileprivate static func exactly(_ word: Value) -> Self { Self(.words([word.rawValue]), oneOf().read) }
}

private enum AuthType: String, CaseIterable {
    case oauthClient = "oauth_client"
    case applicationKey = "application_key"
    case apiKey = "api_key"
}

extension Reader where Value == CelonisAuth {
    fileprivate static var auth: Self {
        Self(.either(AuthType.allCases.map { auth($0).schema })) { node, reading in
            guard case .mapping(let pairs) = node.content,
                let type = pairs.first(where: { $0.key == "type" })?.value.scalar.flatMap({
                    AuthType(rawValue: $0.text)
                })
            else { return auth(nil).read(node, reading) }
            return auth(type).read(node, reading)
        }
    }

    /// What belongs to one type; with nil, where it cannot be told, whatever belongs to any of them.
    private static func auth(_ type: AuthType?) -> Self {
        .mapping("celonis.auth") { keys in
            _ = keys.required("type", type.map { .exactly($0) } ?? Reader<AuthType>.oneOf("type of credentials"))
            switch type {
            case .oauthClient:
                let id = keys.required("client_id", .textSecret)
                let secret = keys.required("client_secret", .textSecret)
                let authentication = keys.value(
                    "client_authentication",
                    .oneOf("client authentication"),
                    default: CelonisAuth.ClientAuthentication.basic
                )
                guard let id, let secret else { return nil }
                return .oauthClient(id: id, secret: secret, authentication: authentication)
            case .applicationKey: return keys.required("key", .textSecret).map(CelonisAuth.applicationKey)
            case .apiKey: return keys.required("key", .textSecret).map(CelonisAuth.apiKey)
            case nil:
                _ = keys.optional("key", .textSecret)
                _ = keys.optional("client_id", .textSecret)
                _ = keys.optional("client_secret", .textSecret)
                _ = keys.optional("client_authentication", Reader<CelonisAuth.ClientAuthentication>.oneOf())
                return nil
            }
        }
    }
}
