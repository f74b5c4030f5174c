/// What Celonis does for a job.
package enum LoadKind: String, Hashable, Sendable, CaseIterable {
    /// Reloads the named tables and takes the rest from its cache.
    case partial
    /// Reloads the whole data model.
    case complete
}

/// The mark by which a later look at last-load tells a new load from the one that showed before our POST.
package struct LoadBaseline: Hashable, Sendable {
    /// `dataLoadId`, else `startDate`, of the load that last-load showed; nil if the model was never loaded.
    package var mark: String?
    /// The earliest that Celonis's clock can have shown when the POST was sent; nil before that, and where nobody knows.
    package var sentAt: WallTime?

    package init(mark: String?, sentAt: WallTime? = nil) {
        self.mark = mark
        self.sentAt = sentAt
    }
}

/// `models.*.before`: a data job of Celonis that must succeed before a load is asked for (product.md §2).
package struct DataJob: Hashable, Sendable {
    /// How much the job extracts.
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case delta
        case full
    }

    package var id: String
    package var mode: Mode

    package init(id: String, mode: Mode = .delta) {
        self.id = id
        self.mode = mode
    }
}

/// The part of a model's settings that shapes one load. It travels with the order, so that a load keeps the settings
/// it started with.
package struct LoadOptions: Hashable, Sendable {
    /// Sets of which a load of one member loads all (`reload_together`).
    package var reloadTogether: [[String]]
    /// From this share of the model's tables on, one complete load instead of a partial one; nil = never.
    package var completeLoadAbove: Double?
    /// How long a load is watched before it counts as `unconfirmed`.
    package var timeout: Duration
    /// Runs first, in every attempt.
    package var before: DataJob?
    /// A last-load that is not understood is waited out, not taken for a free model (queue.md Q29).
    package var waitsUntilUnderstood: Bool

    package init(
        reloadTogether: [[String]] = [],
        completeLoadAbove: Double? = nil,
        timeout: Duration = .seconds(2 * 3600),
        before: DataJob? = nil,
        waitsUntilUnderstood: Bool = false
    ) {
        self.reloadTogether = reloadTogether
        self.completeLoadAbove = completeLoadAbove
        self.timeout = timeout
        self.before = before
        self.waitsUntilUnderstood = waitsUntilUnderstood
    }
}

/// One load to be made: a job's frozen set (queue.md Q2) and all that is needed to make it.
package struct LoadOrder: Hashable, Sendable {
    package var job: JobID
    package var model: ModelReference
    package var selectors: SelectorSet
    /// 1 for the first attempt of the job.
    package var attempt: Int
    /// What last-load showed when the model was found free.
    package var baseline: LoadBaseline
    package var options: LoadOptions

    package init(
        job: JobID,
        model: ModelReference,
        selectors: SelectorSet,
        attempt: Int,
        baseline: LoadBaseline,
        options: LoadOptions
    ) {
        self.job = job
        self.model = model
        self.selectors = selectors
        self.attempt = attempt
        self.baseline = baseline
        self.options = options
    }
}

/// Why a call or a load did not succeed, by what must happen next (celonis-api.md, errors). The texts are for people,
/// at most 1 KiB, and free of credentials.
package enum LoadFailure: Hashable, Sendable {
    /// Passes by itself: tried again with back-off, not before `retryAfter`.
    case transient(String, retryAfter: Duration?)
    /// Will not pass by itself: a failed job.
    case permanent(String)
    /// A person cancelled the load in Celonis: a failed job (queue.md Q22).
    case canceled(String)
    /// Celonis refuses the credentials: every model waits.
    case credentialsRefused(String)
    /// Celonis refuses this pool: the models of the pool wait.
    case poolForbidden(String)
    /// A load was already running, or may have been: no attempt was used up (queue.md Q21). Not asked again before
    /// `retryAfter`.
    case busy(String, retryAfter: Duration? = nil)
    /// The POST had no answer and may have started a load: wait until none runs, then send again (queue.md Q28).
    case unanswered(String)

    /// Whether both ask for the same, whatever their texts say.
    package func isSameKind(as other: Self) -> Bool {
        switch (self, other) {
        case (.transient, .transient), (.permanent, .permanent), (.canceled, .canceled),
            (.credentialsRefused, .credentialsRefused), (.poolForbidden, .poolForbidden), (.busy, .busy),
            (.unanswered, .unanswered):
            true
        default: false
        }
    }

    /// The text for people.
    package var message: String {
        switch self {
        case .transient(let text, retryAfter: _), .permanent(let text), .canceled(let text),
            .credentialsRefused(let text), .poolForbidden(let text), .busy(let text, retryAfter: _),
            .unanswered(let text):
            text
        }
    }
}

/// What one look at a model's last-load said.
package enum Look: Hashable, Sendable {
    /// No load is in progress.
    case free(LoadBaseline)
    /// A load is in progress, whoever started it.
    case busy
    /// An answer that could not be understood (queue.md Q29).
    case notUnderstood(String)
    /// No usable answer.
    case failed(LoadFailure)
}

/// What becomes known while a load is made.
package enum LoadProgress: Hashable, Sendable {
    /// Names became ids; `tables` as aliases or names.
    case resolved(kind: LoadKind, tables: [String])
    /// The request to run the data job of `before`, here by its id, was answered with a 2xx.
    case dataJobStarted(String)
    /// The POST is about to be sent.
    case sending
    /// The POST was answered with a 2xx; the load is now watched. With what tells it from the load before; nil where that
    /// is not known, or the load is only a part of the set: then nobody could take the watch up again.
    case answered(LoadBaseline?)
    /// While the load is watched, last-load can no longer be read, and why; nil: it can be again. `isCurrent` is false where
    /// the settings with which it is asked, and so the credentials, have been replaced since the load began.
    case watched(LoadFailure?, isCurrent: Bool = true)
}

/// What is known of a load that an earlier process asked for.
package enum ResumedLoad: Hashable, Sendable {
    /// The POST was answered with a 2xx: a load that differs from the order's baseline is watched to its end.
    case answered
    /// The POST may have been sent and may have started a load, which is never taken for success (queue.md Q28).
    case unanswered
}

/// How a load ended.
package enum LoadEnd: Hashable, Sendable {
    case succeeded
    case succeededWithWarnings(String)
    /// Its end could not be seen (queue.md Q22); the text says why.
    case unconfirmed(String)
    /// Everything but the POST was done (`celonis.dry_run`).
    case dryRun
    /// None of the set's names exist in the model, so that nothing was sent.
    case nothingToLoad
    case failed(LoadFailure)
}

/// How a load ended, and what it loaded and could not load.
package struct LoadResult: Hashable, Sendable {
    package var end: LoadEnd
    package var kind: LoadKind
    /// The tables sent to Celonis, as aliases or names; `["*"]` for a complete load.
    package var tables: [String]
    /// Selectors that name nothing in the model, or that Celonis rejected, each with the reason. Under `fail` they become
    /// a failed job of their own while the rest loads (queue.md Q20); under `ignore` they are noted.
    package var unknown: [UnknownTable]

    package init(end: LoadEnd, kind: LoadKind = .partial, tables: [String] = [], unknown: [UnknownTable] = []) {
        self.end = end
        self.kind = kind
        self.tables = tables
        self.unknown = unknown
    }
}

/// A selector that could not be loaded while the rest was.
package struct UnknownTable: Hashable, Sendable {
    package var selector: Selector
    package var policy: UnknownTables
    /// For people, e.g. `the model has no table "EKKP"; did you mean "EKKO"?`.
    package var reason: String

    package init(selector: Selector, policy: UnknownTables, reason: String) {
        self.selector = selector
        self.policy = policy
        self.reason = reason
    }
}

/// The seam between the queue and Celonis: one look, one load. Neither throws; what went wrong is in the answer.
/// A cancelled task returns as soon as it can.
package protocol LoadRunner: Sendable {
    /// Looks once at the model's last-load.
    func look(at model: ModelReference) async -> Look

    /// Makes one load and watches it until it ended. What `progress` is told may have to reach the disk, so it is waited
    /// for: nothing is sent to Celonis before it has returned.
    func run(_ order: LoadOrder, progress: @escaping @Sendable (LoadProgress) async -> Void) async -> LoadResult

    /// Watches a load that an earlier process asked for until it ended; sends nothing.
    func resume(
        _ order: LoadOrder,
        _ load: ResumedLoad,
        progress: @escaping @Sendable (LoadProgress) async -> Void
    ) async -> LoadResult
}
