import Listener
import Rules
import Settings
import Signatures
import Vocabulary

extension IntakePlan {
    /// The plan that a configuration describes. What `Settings` has checked cannot fail here but for libcrypto refusing
    /// an algorithm. Sources that `former` has too keep their counters, rate limit and use of secrets.
    init(_ configuration: Configuration, after former: IntakePlan? = nil, now: Now) throws {
        models = Dictionary(uniqueKeysWithValues: configuration.models.map { ($0.reference.name, $0.reference) })
        queueSettings = configuration.queueSettings
        rules = configuration.ruleSet
        trustedProxies = configuration.listen.trustedProxies
        sources = [:]
        for source in configuration.sources {
            sources[source.name] = try SourcePlan(source, after: former?.sources[source.name], now: now)
        }
    }
}

extension SourcePlan {
    fileprivate init(_ settings: SourceSettings, after former: SourcePlan?, now: Now) throws {
        name = settings.name
        verifier = try Verifier(scheme: settings.scheme, secrets: settings.secrets.compactMap(\.bytes))
        allowFrom = settings.allowFrom
        maxBody = settings.maxBody
        eventKey = settings.eventKey
        duplicateWindow = settings.duplicateWindow
        handshake =
            switch settings.handshake {
            case .eventGrid: .eventGrid
            case .cloudEvents: .cloudEvents
            case nil: settings.scheme.name == "slack" ? .slack : nil
            }
        rateLimiter = settings.rateLimit.map { limit in
            RateLimiter(limit, after: former?.rateLimiter, now: now.monotonic)
        }
        meter = former?.meter ?? SourceMeter(name: settings.name)
        secretUses = settings.secrets.map { secret in
            former?.secretUses.first { $0.secret.bytes == secret.bytes } ?? SecretUse(secret)
        }
    }
}
