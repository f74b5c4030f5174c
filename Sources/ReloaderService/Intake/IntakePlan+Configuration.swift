import Listener
import Rules
import Settings
import Signatures
import Vocabulary

extension IntakePlan {
    /// The plan that a configuration describes. What `Settings` has checked cannot fail here but for libcrypto refusing
    /// an algorithm. `meter` gives the counters of the source of a name, which are kept over reloads.
    init(_ configuration: Configuration, now: Now, meter: (String) -> SourceMeter) throws {
        models = Dictionary(uniqueKeysWithValues: configuration.models.map { ($0.reference.name, $0.reference) })
        rules = configuration.ruleSet
        trustedProxies = configuration.listen.trustedProxies
        sources = [:]
        for source in configuration.sources {
            sources[source.name] = try SourcePlan(source, now: now, meter: meter(source.name))
        }
    }
}

extension SourcePlan {
    fileprivate init(_ settings: SourceSettings, now: Now, meter: SourceMeter) throws {
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
        rateLimiter = settings.rateLimit.map { RateLimiter($0, now: now.monotonic) }
        self.meter = meter
    }
}
