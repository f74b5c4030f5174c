import FoundationEssentials
import Vocabulary

/// The body of `GET /health`, field by field as product.md §4 shows it. Encoded by the service, decoded by `status`.
package struct HealthReport: Codable, Sendable {
    package var status: Status
    /// Sentences that say why the status is not `ok`.
    package var reasons: [String]
    package var version: String
    package var startedAt: String
    package var configuration: Configuration
    package var queue: Queue
    package var models: [String: Model]
    package var sources: [String: Source]
    package var journal: Journal

    /// `ok` and `degraded` answer 200, `failing` 503.
    package enum Status: String, Codable, Sendable {
        case ok, degraded, failing
    }

    package struct Configuration: Codable, Sendable {
        package var loadedAt: String
        @ExplicitNull package var error: String?
    }

    /// Jobs by state, and the selectors pending over all models.
    package struct Queue: Codable, Sendable {
        package var waiting: Int
        package var ready: Int
        package var loading: Int
        package var retrying: Int
        package var held: Int
        package var failed: Int
        package var pendingTables: Int
        @ExplicitNull package var oldestChangeSeconds: Double?
    }

    package struct Model: Codable, Sendable {
        package var state: String
        package var held: Bool
        package var pendingTables: [String]
        @ExplicitNull package var pendingSince: String?
        @ExplicitNull package var loadAt: String?
        @ExplicitNull package var loading: Loading?
        @ExplicitNull package var lastLoad: LastLoad?
        package var failedJobs: Int
    }

    package struct Loading: Codable, Sendable {
        package var job: String
        @ExplicitNull package var kind: String?
        package var tables: [String]
        @ExplicitNull package var startedAt: String?
        package var attempt: Int
    }

    package struct LastLoad: Codable, Sendable {
        package var job: String
        @ExplicitNull package var outcome: String?
        package var tables: [String]
        @ExplicitNull package var startedAt: String?
        @ExplicitNull package var endedAt: String?
    }

    package struct Source: Codable, Sendable {
        @ExplicitNull package var lastDeliveryAt: String?
        package var accepted: UInt64
        package var unmatched: UInt64
        package var duplicates: UInt64
        package var rejected: UInt64
        /// Those of them that were refused at all, by the outcome's name; only what happened.
        package var rejections: [String: UInt64]
        /// Whether it is silent for longer than its `expect_every`.
        package var silent: Bool
    }

    package struct Journal: Codable, Sendable {
        package var enabled: Bool
        package var writable: Bool
        package var recoveredChanges: Int
    }
}

extension HealthReport {
    /// Reads what the health endpoint answered.
    package init(json: [UInt8]) throws { self = try AdminJSON.decode(Self.self, json) }
}

/// An optional that is written as `null` and not left out: dashboards rely on every key being there.
@propertyWrapper
package struct ExplicitNull<Value: Codable & Sendable>: Codable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}
