import FoundationEssentials
import Vocabulary

/// A job as product.md §4 shows it; with `trail` when it is asked for alone.
package struct JobDocument: Codable, Sendable {
    package var id: String
    package var model: String
    package var state: String
    @ExplicitNull package var outcome: String?
    @ExplicitNull package var kind: String?
    package var tables: [String]
    /// How many more it had, where a history has kept the first.
    package var tablesOmitted: Int?
    package var events: [String]
    package var eventCount: Int
    package var createdAt: String
    @ExplicitNull package var loadAt: String?
    @ExplicitNull package var startedAt: String?
    @ExplicitNull package var endedAt: String?
    package var attempts: [Attempt]
    @ExplicitNull package var error: String?
    package var unknownTables: [String]
    @ExplicitNull package var mergedInto: String?
    /// What it waits for, in words; null when it does not wait.
    @ExplicitNull package var waitingFor: String?
    /// Why its last load started when it did.
    @ExplicitNull package var startReason: String?
    package var trail: [Step]?

    package struct Attempt: Codable, Sendable {
        package var startedAt: String
        @ExplicitNull package var endedAt: String?
        package var result: String
        @ExplicitNull package var error: String?
    }

    /// One step of a trail.
    package struct Step: Codable, Sendable {
        package var at: String
        package var step: String
        package var reason: String

        package init(_ step: TrailStep) {
            at = step.at.rfc3339
            self.step = step.step
            reason = step.reason
        }
    }

    package init(_ job: JobSnapshot, trail: [TrailStep]? = nil) {
        id = job.id.description
        model = job.model.name
        state = job.state.rawValue
        outcome = job.outcome?.rawValue
        kind = job.kind?.rawValue
        tables = job.tables
        tablesOmitted = job.omittedTables > 0 ? job.omittedTables : nil
        events = job.events.map(\.description)
        eventCount = job.eventCount
        createdAt = job.createdAt.rfc3339
        loadAt = job.loadAt?.rfc3339
        startedAt = job.startedAt?.rfc3339
        endedAt = job.endedAt?.rfc3339
        attempts = job.attempts.map {
            Attempt(startedAt: $0.startedAt.rfc3339, endedAt: $0.endedAt?.rfc3339, result: $0.result, error: $0.error)
        }
        error = job.error
        unknownTables = job.unknownTables
        mergedInto = job.mergedInto?.description
        waitingFor = job.waitingFor
        startReason = job.startReason
        self.trail = trail.map { $0.map(Step.init) }
    }
}

/// An event as product.md §4 shows it.
package struct EventDocument: Codable, Sendable {
    package var id: String
    package var source: String
    package var receivedAt: String
    package var status: String
    @ExplicitNull package var secretPosition: Int?
    package var rules: [Rule]
    package var rulesComplete: Bool
    package var jobs: [String]
    package var duplicates: Int
    @ExplicitNull package var lastDuplicateAt: String?

    package struct Rule: Codable, Sendable {
        package var rule: String
        package var matched: Bool
        package var reason: String
    }

    package init(_ event: EventSnapshot) {
        id = event.id.description
        source = event.source
        receivedAt = event.receivedAt.rfc3339
        status = event.status.rawValue
        secretPosition = event.secretPosition
        rules = event.rules.map { Rule(rule: $0.rule, matched: $0.matched, reason: $0.reason) }
        rulesComplete = event.rulesAreComplete
        jobs = event.jobs.map(\.description)
        duplicates = event.duplicates
        lastDuplicateAt = event.lastDuplicateAt?.rfc3339
    }
}

/// A model: what health shows of it, and what its configuration says.
package struct ModelDocument: Codable, Sendable {
    package var name: String
    package var poolID: String
    package var dataModelID: String
    /// The settings that decide when its changes load, as the configuration writes them; empty for a model that was
    /// removed and still has changes.
    package var configuration: [String: String]
    package var state: String
    package var held: Bool
    package var pendingTables: [String]
    @ExplicitNull package var pendingSince: String?
    /// The first change that no load has ended for: pending, or in the load under way.
    @ExplicitNull package var oldestChangeAt: String?
    @ExplicitNull package var loadAt: String?
    @ExplicitNull package var loading: HealthReport.Loading?
    @ExplicitNull package var lastLoad: HealthReport.LastLoad?
    package var failedJobs: Int
    /// The pending tables, each since when.
    package var pendingChanges: [PendingChange]
    /// What the pending job waits for, in words.
    @ExplicitNull package var waitingFor: String?
    /// Why the open job was not loaded by the last look or attempt.
    @ExplicitNull package var trouble: Trouble?
    /// Attempts of the pending or loading job so far.
    package var attempts: Int
    package var maxWaitSeconds: Double
    /// Changes since the start, the events that made them, and what became of them.
    package var changes: UInt64
    package var events: UInt64
    package var loads: [Load]
    package var loadDuration: Seconds
    package var freshness: Seconds

    package struct PendingChange: Codable, Sendable {
        package var table: String
        package var since: String
    }

    package struct Trouble: Codable, Sendable {
        package var job: String
        package var message: String
        @ExplicitNull package var nextTry: String?
    }

    /// How many loads ended in one way.
    package struct Load: Codable, Sendable {
        package var kind: String
        package var outcome: String
        package var count: UInt64
    }

    /// A histogram, as the metrics show it; the counts are not cumulative and one more than the bounds.
    package struct Seconds: Codable, Sendable {
        package var bounds: [Double]
        package var counts: [UInt64]
        package var sum: Double

        fileprivate init(_ histogram: Histogram) {
            bounds = histogram.bounds
            counts = histogram.counts
            sum = histogram.sum
        }
    }

    private enum CodingKeys: String, CodingKey {
        // Spelled so that snake case gives the names of the configuration.
        case poolID = "poolId"
        case dataModelID = "dataModelId"
        case name, configuration, state, held, pendingTables, pendingSince, oldestChangeAt, loadAt, loading, lastLoad
        case failedJobs, pendingChanges, waitingFor, trouble, attempts, maxWaitSeconds, changes, events, loads,
            loadDuration, freshness
    }

    package init(_ model: ModelSnapshot, configuration: [String: String]) {
        let health = HealthReport.Model(model)
        name = model.model.name
        poolID = model.model.poolID
        dataModelID = model.model.dataModelID
        self.configuration = configuration
        state = health.state
        held = health.held
        pendingTables = health.pendingTables
        pendingSince = health.pendingSince
        oldestChangeAt = model.oldestChangeAt?.rfc3339
        loadAt = health.loadAt
        loading = health.loading
        lastLoad = health.lastLoad
        failedJobs = health.failedJobs
        pendingChanges = model.pendingChanges.map { PendingChange(table: $0.table, since: $0.since.rfc3339) }
        waitingFor = model.waitingFor
        trouble = model.trouble.map {
            Trouble(job: $0.job.description, message: $0.message, nextTry: $0.nextTry?.rfc3339)
        }
        attempts = model.attempts
        maxWaitSeconds = model.maxWait.inSeconds
        changes = model.changes
        events = model.events
        loads = model.loads.map { Load(kind: $0.kind.rawValue, outcome: $0.outcome.rawValue, count: $0.count) }
        loadDuration = Seconds(model.loadDuration)
        freshness = Seconds(model.freshness)
    }
}

/// The lists of product.md §4: `{"models":[…]}`, `{"jobs":[…]}`, `{"events":[…]}`.
package enum ListDocument {
    package struct Models: Codable, Sendable {
        package var models: [ModelDocument]
        package init(_ models: [ModelDocument]) { self.models = models }
    }

    package struct Jobs: Codable, Sendable {
        package var jobs: [JobDocument]
        package init(_ jobs: [JobDocument]) { self.jobs = jobs }
    }

    package struct Events: Codable, Sendable {
        package var events: [EventDocument]
        package init(_ events: [EventDocument]) { self.events = events }
    }
}

/// The body of `POST /api/v1/models/{model}/reload`.
package struct ReloadRequest: Codable, Sendable {
    /// Selectors: names, `data_source:ID`, or `*` for everything.
    package var tables: [String]

    package init(tables: [String]) { self.tables = tables }
}

/// JSON as the admin side writes it: snake case, sorted keys.
package enum AdminJSON {
    package static func encode(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(document))
    }

    package static func decode<Document: Decodable>(_ type: Document.Type, _ json: [UInt8]) throws -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(json))
    }
}
