import Vocabulary

/// Values for tests, told apart by small numbers.
enum Example {
    static let orders = ModelReference(name: "order-to-cash", poolID: "pool-1", dataModelID: "model-1")
    static let payments = ModelReference(name: "procure-to-pay", poolID: "pool-1", dataModelID: "model-2")

    static func id(_ number: UInt64) -> JobID { JobID(rawValue: number) }

    static func job(_ number: UInt64, _ phase: JournaledPhase = .pending, model: ModelReference = orders)
        -> JournaledJob
    {
        JournaledJob(
            id: id(number),
            model: model,
            phase: phase,
            createdAt: time(Int64(number)),
            events: [EventID(rawValue: number)],
            eventCount: 1
        )
    }

    static func time(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + milliseconds) }

    static func change(_ table: String, _ unknown: UnknownTables = .fail, since: Int64 = 0) -> JournaledChange {
        change(Selector(table), unknown, since: since)
    }

    static func change(_ selector: Selector, _ unknown: UnknownTables = .fail, since: Int64) -> JournaledChange {
        JournaledChange(selector: selector, unknown: unknown, since: time(since))
    }

    static func event(_ number: UInt64, key: [UInt8]? = nil, jobs: [UInt64] = [1]) -> RememberedEvent {
        RememberedEvent(
            source: "fivetran",
            key: Self.key(key ?? [UInt8(truncatingIfNeeded: number), 0, 255]),
            event: EventID(rawValue: number),
            jobs: EventJobs(jobs.map(id)),
            expiresAt: time(1000)
        )
    }

    /// The key that begins with these bytes.
    static func key(_ bytes: [UInt8]) -> DuplicateKey {
        var words = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        return DuplicateKey(words: words)
    }

    static func recovered(_ job: JournaledJob, _ changes: JournaledChange...) -> RecoveredJob {
        RecoveredJob(job: job, changes: changes)
    }
}
