import Vocabulary

/// When and how one model's changes become loads (product.md §2, `models`).
package struct ModelPolicy: Hashable, Sendable {
    /// What makes waiting changes due before `maxWait` does; one of the two, never both.
    package enum Start: Hashable, Sendable {
        /// A quiet period: so long after the last change. Zero means at once (queue.md Q12).
        case debounce(Duration)
        /// The waiting changes have together waited this long (queue.md Q26).
        case loadCost(Duration)
    }

    /// What the end of a load that cannot be seen means (queue.md Q22).
    package enum Confirm: String, Hashable, Sendable, CaseIterable {
        /// A failed attempt.
        case required
        /// Loaded, but without a freshness sample.
        case bestEffort = "best_effort"
    }

    /// How failed attempts, and looks that gave no answer, are tried again (queue.md Q18).
    package struct Retry: Hashable, Sendable {
        /// Counted from the first failed attempt of a job.
        package var giveUpAfter: Duration
        /// The upper end of the first delay; doubles with each failure.
        package var initial: Duration
        /// What the upper end never exceeds.
        package var maximum: Duration

        package init(
            giveUpAfter: Duration = .seconds(24 * 3600),
            initial: Duration = .seconds(5),
            maximum: Duration = .seconds(600)
        ) {
            self.giveUpAfter = giveUpAfter
            self.initial = initial
            self.maximum = maximum
        }
    }

    /// How often to look again while somebody else's load runs (queue.md Q21).
    package struct Poll: Hashable, Sendable {
        /// The first delay; doubles with each look.
        package var initial: Duration
        /// What the delay never exceeds.
        package var maximum: Duration

        package init(initial: Duration = .seconds(2), maximum: Duration = .seconds(60)) {
            self.initial = initial
            self.maximum = maximum
        }
    }

    /// Tables that wait until all of the set have changed (queue.md Q27), compared with selectors as written.
    package struct WaitForAll: Hashable, Sendable {
        package var tables: [String]
        /// From the first member's change; then the members that did change load.
        package var atMost: Duration

        package init(tables: [String], atMost: Duration) {
            self.tables = tables
            self.atMost = atMost
        }
    }

    package var start: Start
    /// A change waits no longer than this for the quiet period or the load cost (queue.md Q10).
    package var maxWait: Duration
    /// Between the starts of two loads.
    package var minInterval: Duration
    package var confirm: Confirm
    package var retry: Retry
    package var waitForAll: [WaitForAll]
    /// Travels with each load order as it was when the load started.
    package var options: LoadOptions
    package var poll: Poll

    /// The defaults are those of product.md §2; an unwritten `start` is a debounce of the smaller of 30 s and `maxWait`.
    package init(
        start: Start? = nil,
        maxWait: Duration = .seconds(600),
        minInterval: Duration = .zero,
        confirm: Confirm = .bestEffort,
        retry: Retry = Retry(),
        waitForAll: [WaitForAll] = [],
        options: LoadOptions = LoadOptions(),
        poll: Poll = Poll()
    ) {
        self.start = start ?? .debounce(min(.seconds(30), maxWait))
        self.maxWait = maxWait
        self.minInterval = minInterval
        self.confirm = confirm
        self.retry = retry
        self.waitForAll = waitForAll
        self.options = options
        self.poll = poll
    }
}

/// Everything the queue is told by one version of the configuration (queue.md Q24).
package struct QueueSettings: Hashable, Sendable {
    package var models: [ModelReference: ModelPolicy]
    /// Over all models (`celonis.max_concurrent_loads`); each model has at most one load in any case.
    package var maxConcurrentLoads: Int
    /// Ended jobs that are kept (`limits.history`).
    package var history: Int
    /// Between two probes while Celonis refuses the credentials or a pool.
    package var breakerProbeInterval: Duration
    /// Tables of one model that may be pending or failed; beyond it a change is refused (queue.md Q6).
    package var maxPendingTables: Int

    package init(
        models: [ModelReference: ModelPolicy],
        maxConcurrentLoads: Int = 4,
        history: Int = 10_000,
        breakerProbeInterval: Duration = .seconds(60),
        maxPendingTables: Int = 200_000
    ) {
        self.models = models
        self.maxConcurrentLoads = maxConcurrentLoads
        self.history = history
        self.breakerProbeInterval = breakerProbeInterval
        self.maxPendingTables = maxPendingTables
    }
}
