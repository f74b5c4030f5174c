import Vocabulary

/// What a schedule of loads costs, and what it brings.
package struct Figures: Hashable, Sendable {
    package var loads = 0
    /// Selectors over all loads.
    package var tables = 0
    /// From a change's arrival to the end of the load that covers it.
    package var freshness = Spread()
    /// How long changed tables waited for the start of their load, all together.
    package var waited = Duration.zero

    /// The unit of it.
    package var tableMinutes: Double { waited.inSeconds / 60 }

    /// Of many durations what a person looks at; nil: there are none.
    package struct Spread: Hashable, Sendable {
        package var mean: Duration?
        package var p50: Duration?
        package var p95: Duration?
        package var max: Duration?
    }

    /// `waits` holds for each change how long it waited for its load to start, in nanoseconds.
    init(loads: Int, tables: Int, waits: [Int64], loadTime: Duration) {
        self.loads = loads
        self.tables = tables
        let sum = waits.reduce(into: Int128(0)) { $0 += Int128($1) }
        waited = .nanoseconds(Int64(clamping: sum))
        guard !waits.isEmpty else { return }
        let sorted = waits.sorted()
        /// The smallest that at least this share does not exceed (nearest rank).
        func percentile(_ percent: Int) -> Duration {
            .nanoseconds(sorted[(sorted.count * percent + 99) / 100 - 1]) + loadTime
        }
        freshness = Spread(
            mean: .nanoseconds(Int64(clamping: sum / Int128(sorted.count))) + loadTime,
            p50: percentile(50),
            p95: percentile(95),
            max: percentile(100)
        )
    }
}

extension QueueRun {
    /// Over all models, or of one of them.
    func figures(of model: Int? = nil, loadTime: Duration) -> Figures {
        let loads = model.map { model in self.loads.filter { $0.model == model } } ?? self.loads
        return Figures(
            loads: loads.count,
            tables: loads.reduce(0) { $0 + $1.tables },
            waits: model.map { waits[$0] } ?? Array(waits.joined()),
            loadTime: loadTime
        )
    }
}
