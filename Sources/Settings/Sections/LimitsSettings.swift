/// `limits`: the service's bounds.
package struct LimitsSettings: Hashable, Sendable {
    package var connections: Int
    package var headerTimeout: Duration
    package var bodyTimeout: Duration
    package var idleTimeout: Duration
    /// Events, and as many jobs, kept for the why-trail.
    package var history: Int
    /// Event ids kept to tell duplicates.
    package var rememberedIDs: Int
    package var drainTimeout: Duration
}

extension Reader where Value == LimitsSettings {
    static var limits: Self {
        .mapping("limits") { keys in
            LimitsSettings(
                connections: keys.value("connections", .count, default: 1024),
                headerTimeout: keys.value("header_timeout", .positiveDuration, default: .seconds(10)),
                bodyTimeout: keys.value("body_timeout", .positiveDuration, default: .seconds(30)),
                idleTimeout: keys.value("idle_timeout", .positiveDuration, default: .seconds(60)),
                history: keys.value("history", .count, default: 10_000),
                rememberedIDs: keys.value("remembered_ids", .count, default: 100_000),
                drainTimeout: keys.value("drain_timeout", .duration, default: .seconds(30))
            )
        }
    }
}
