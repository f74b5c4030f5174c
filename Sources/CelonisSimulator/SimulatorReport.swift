import Vocabulary

/// Names a simulated model.
package struct SimulatedModelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var poolID: String
    package var dataModelID: String

    package init(poolID: String = "demo-pool", dataModelID: String = "demo-model") {
        self.poolID = poolID
        self.dataModelID = dataModelID
    }

    package var description: String { poolID + "/" + dataModelID }
    package static func < (a: Self, b: Self) -> Bool { (a.poolID, a.dataModelID) < (b.poolID, b.dataModelID) }
}

/// One call that came in.
package struct CallRecord: Hashable, Sendable {
    package var at: WallTime
    package var endpoint: SimulatedEndpoint
    package var model: SimulatedModelID?
    /// nil: no answer was given.
    package var status: Int?
    package var faulty: Bool
    package var userAgent: String?
}

/// One load, running or ended.
package struct LoadRecord: Hashable, Sendable {
    package var id: String
    package var model: SimulatedModelID
    package var kind: LoadKind
    /// Names of the tables, in the order of the request; empty for a complete load.
    package var tables: [String]
    /// Started by somebody other than the client under test.
    package var external: Bool
    package var startedAt: WallTime
    package var endedAt: WallTime?
    /// As last-load shows it: `RUNNING`, `SUCCESS`, …
    package var status: String
    package var message: String?
}

/// Something that a good client never does.
package struct Violation: Hashable, Sendable {
    /// Which promise was broken.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A load was triggered while one that the client had triggered before was running or queued.
        case overlap
        case emptySet = "empty_set"
        case repeatedID = "repeated_id"
        case unknownID = "unknown_id"
        case badCredentials = "bad_credentials"
        case unknownCall = "unknown_call"
        /// A load was triggered before the success of the data job that was to run first.
        case loadBeforeDataJob = "load_before_data_job"
        /// A data job was asked to run while a run that the client had asked for was in progress.
        case dataJobOverlap = "data_job_overlap"
    }

    package var at: WallTime
    package var kind: Kind
    package var detail: String
}

/// What in-process users are told while it happens.
package enum SimulatorEvent: Hashable, Sendable {
    case called(CallRecord)
    case loadStarted(LoadRecord)
    case loadEnded(LoadRecord)
    case violated(Violation)
}

/// What the simulator saw. Calls and loads are the latest `SimulatorState.remembered`; the counts know all.
package struct SimulatorReport: Hashable, Sendable {
    package var calls: [CallRecord] = []
    package var callCounts: [SimulatedEndpoint: Int] = [:]
    package var loads: [LoadRecord] = []
    /// Loads that the client triggered.
    package var loadCount = 0
    package var violations: [Violation] = []

    var json: SimulatorJSON {
        .object([
            (
                "calls",
                .object(SimulatedEndpoint.allCases.map { ($0.rawValue, .number(Int64(callCounts[$0] ?? 0))) })
            ),
            ("load_count", .number(Int64(loadCount))),
            ("loads", .array(loads.map(\.json))),
            ("violations", .array(violations.map(\.json))),
            ("latest_calls", .array(calls.suffix(100).map(\.json))),
        ])
    }
}

extension LoadRecord {
    fileprivate var json: SimulatorJSON {
        .object([
            ("id", .string(id)),
            ("pool_id", .string(model.poolID)),
            ("data_model_id", .string(model.dataModelID)),
            ("kind", .string(kind.rawValue)),
            ("tables", .array(tables.map { .string($0) })),
            ("external", .bool(external)),
            ("started_at", .string(startedAt.rfc3339)),
            ("ended_at", .optional(endedAt?.rfc3339)),
            ("status", .string(status)),
        ])
    }
}

extension Violation {
    fileprivate var json: SimulatorJSON {
        .object([("at", .string(at.rfc3339)), ("kind", .string(kind.rawValue)), ("detail", .string(detail))])
    }
}

extension CallRecord {
    fileprivate var json: SimulatorJSON {
        .object([
            ("at", .string(at.rfc3339)),
            ("endpoint", .string(endpoint.rawValue)),
            ("model", .optional(model?.description)),
            ("status", status.map { .number(Int64($0)) } ?? .null),
            ("faulty", .bool(faulty)),
        ])
    }
}
