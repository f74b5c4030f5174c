import Vocabulary

/// When one event changed which models.
package struct Activity: Hashable, Sendable {
    package var at: WallTime
    package var models: Set<String>

    package init(at: WallTime, models: Set<String>) {
        self.at = at
        self.models = models
    }
}

/// What happened in the last hours, model by model: what a time line draws. Only models with which something happened.
package struct TimelineDocument: Codable, Sendable {
    /// The newest that are told of, over all models.
    package static let mostJobs = 2000
    /// Events that are closer together than the span divided by this are told as one tick.
    private static let ticks: Int64 = 1200
    /// Of a job so many tables are named.
    fileprivate static let namedTables = 8

    package var from: String
    package var to: String
    /// What is older has left the history: of events, and of jobs. null: nothing has.
    @ExplicitNull package var eventsCompleteSince: String?
    @ExplicitNull package var jobsCompleteSince: String?
    package var models: [String: Model]

    package struct Model: Codable, Sendable {
        /// Oldest first.
        package var events: [Tick] = []
        /// Newest first.
        package var jobs: [Span] = []
    }

    /// Events that came at nearly the same time.
    package struct Tick: Codable, Sendable, Hashable {
        package var at: String
        package var count: Int
    }

    /// One job: how long it waited, and its loads.
    package struct Span: Codable, Sendable {
        package var id: String
        package var state: String
        @ExplicitNull package var outcome: String?
        @ExplicitNull package var kind: String?
        /// The first ones.
        package var tables: [String]
        package var tableCount: Int
        package var eventCount: Int
        package var createdAt: String
        @ExplicitNull package var loadAt: String?
        @ExplicitNull package var endedAt: String?
        package var attempts: [JobDocument.Attempt]
    }

    /// `activity` and `jobs` come newest first; `jobs` may hold older ones than `from`.
    package init(
        from: WallTime,
        to: WallTime,
        activity: [Activity],
        activityCompleteSince: WallTime?,
        jobs: [JobSnapshot]
    ) {
        self.from = from.rfc3339
        self.to = to.rfc3339
        eventsCompleteSince = activityCompleteSince?.rfc3339
        jobsCompleteSince = jobs.count < Self.mostJobs ? nil : jobs.last?.createdAt.rfc3339
        models = [:]
        let step = max(1, (to.milliseconds - from.milliseconds) / Self.ticks)
        var last: [String: (bucket: Int64, tick: Int)] = [:]
        for event in activity.reversed() {
            let bucket = (event.at.milliseconds - from.milliseconds) / step
            for name in event.models {
                if let (same, tick) = last[name], same == bucket {
                    models[name]?.events[tick].count += 1
                } else {
                    let tick = Tick(at: event.at.rfc3339, count: 1)
                    last[name] = (bucket, models[name]?.events.count ?? 0)
                    models[name, default: Model()].events.append(tick)
                }
            }
        }
        for job in jobs where (job.endedAt ?? to) >= from {
            models[job.model.name, default: Model()].jobs.append(Span(job))
        }
    }
}

extension TimelineDocument.Span {
    fileprivate init(_ job: JobSnapshot) {
        let document = JobDocument(job)
        self.init(
            id: document.id,
            state: document.state,
            outcome: document.outcome,
            kind: document.kind,
            tables: Array(job.tables.prefix(TimelineDocument.namedTables)),
            tableCount: job.tables.count,
            eventCount: job.eventCount,
            createdAt: document.createdAt,
            loadAt: document.loadAt,
            endedAt: document.endedAt,
            attempts: document.attempts
        )
    }
}
