import ReloadQueue
import Vocabulary

/// When waiting changes are loaded: what a person chooses for a model.
package struct LoadSetting: Hashable, Sendable {
    package var start: ModelPolicy.Start
    package var maxWait: Duration

    package var text: String {
        let start =
            switch start {
            case .debounce(.zero): "debounce 0s"
            case .debounce(let quiet): "debounce \(quiet.shortText), max_wait \(maxWait.shortText)"
            case .loadCost(let cost): "load_cost \(cost.shortText), max_wait \(maxWait.shortText)"
            }
        return start
    }

    /// What is tried beside the configured settings: from at once to hours, in steps that make a difference.
    package static let grid: [Self] = {
        func minutes(_ minutes: Double) -> Duration { .milliseconds(Int64(minutes * 60_000)) }
        let debounces = [0, 10, 30, 120, 600].map { Duration.seconds($0) }
        let maxWaits = [minutes(2), minutes(10), minutes(60)]
        var grid = [Self(start: .debounce(.zero), maxWait: maxWaits[1])]
        for quiet in debounces.dropFirst() {
            for maxWait in maxWaits where maxWait > quiet {
                grid.append(Self(start: .debounce(quiet), maxWait: maxWait))
            }
        }
        for cost in [minutes(5), minutes(20), minutes(60)] {
            for maxWait in maxWaits.dropFirst() { grid.append(Self(start: .loadCost(cost), maxWait: maxWait)) }
        }
        return grid
    }()
}

/// What recorded events would have led to: with the configured settings, with others, and at best.
package struct SimulationReport: Sendable {
    /// One setting, used for every model.
    package struct Trial: Sendable {
        package var setting: LoadSetting
        package var figures: Figures
    }

    /// One model as it is configured.
    package struct ModelResult: Sendable {
        package var name: String
        package var setting: LoadSetting
        package var figures: Figures
        /// What a complete load counts: the tables that are known by name.
        package var knownTables: Int
    }

    package let history: EventHistory
    package let loadTime: Duration
    /// As configured, over all models.
    package private(set) var configured: Figures
    package private(set) var models: [ModelResult]
    /// The loads of it.
    package private(set) var loads: [SimulatedLoad]
    package private(set) var trials: [Trial]
    /// The least waiting that is possible with as many loads as configured settings make.
    package private(set) var bestWithAsManyLoads: Figures
    /// The fewest loads that are possible with as much waiting.
    package private(set) var bestAsFresh: Figures
    /// Whether no schedule beats these under the configured `max_wait`. Of very many events they are found approximately.
    package private(set) var isBestExact: Bool
    /// What is possible at all, from few loads to many.
    package private(set) var frontier: [Figures]

    /// Tries the settings on several cores at once; `progress` is told how many of how many are done.
    package init(
        _ history: EventHistory,
        _ settings: QueueSettings,
        loadTime: Duration,
        grid: [LoadSetting] = LoadSetting.grid,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async {
        self.history = history
        self.loadTime = loadTime
        let sizes = history.sizes(settings)
        var figures = [Figures?](repeating: nil, count: grid.count)
        var done = 0
        func progressed() {
            done += 1
            progress(done, grid.count + 2)
        }
        // The queue itself runs while the other cores try the grid.
        let (run, best) = await withTaskGroup(of: (Int, Figures).self) { group in
            for (number, setting) in grid.enumerated() {
                group.addTask { (number, Self.figures(history, settings, setting, loadTime: loadTime)) }
            }
            let run = QueueRun(history, settings, loadTime: loadTime)
            progressed()
            let best = await Best(history, settings, run)
            progressed()
            for await (number, result) in group {
                figures[number] = result
                progressed()
            }
            return (run, best)
        }
        configured = run.figures(loadTime: loadTime)
        loads = run.loads
        models = history.models.enumerated().compactMap { number, model in
            guard let policy = settings.models[model] else { return nil }
            return ModelResult(
                name: model.name,
                setting: LoadSetting(start: policy.start, maxWait: policy.maxWait),
                figures: run.figures(of: number, loadTime: loadTime),
                knownTables: sizes[number].everything
            )
        }
        trials = zip(grid, figures).compactMap { setting, figures in
            figures.map { Trial(setting: setting, figures: $0) }
        }
        let all = await Self.figures(history, sizes, best.all + [best.asMany, best.asFresh], loadTime: loadTime)
        frontier = Self.frontier(all)
        // Where it is searched coarsely, what is configured may be the best that is known.
        let known = configured
        func better(_ found: Figures) -> Figures {
            found.loads <= known.loads && found.waited <= known.waited ? found : known
        }
        bestWithAsManyLoads = better(all[all.count - 2])
        bestAsFresh = better(all[all.count - 1])
        isBestExact = best.asMany.isExact && best.asFresh.isExact
    }

    private static func figures(
        _ history: EventHistory,
        _ settings: QueueSettings,
        _ setting: LoadSetting,
        loadTime: Duration
    ) -> Figures {
        var settings = settings
        for model in history.models {
            settings.models[model]?.start = setting.start
            settings.models[model]?.maxWait = setting.maxWait
        }
        return QuickRun.canStandFor(settings)
            ? QuickRun(history, settings, loadTime: loadTime).figures(loadTime: loadTime)
            : QueueRun(history, settings, loadTime: loadTime).figures(loadTime: loadTime)
    }

    /// In the order of the schedules.
    private static func figures(
        _ history: EventHistory,
        _ sizes: [LoadSize],
        _ schedules: [BestSchedules],
        loadTime: Duration
    ) async -> [Figures] {
        await withTaskGroup(of: (Int, Figures).self) { group in
            for (number, schedule) in schedules.enumerated() {
                group.addTask { (number, schedule.figures(history, sizes, loadTime: loadTime)) }
            }
            var figures = [Figures?](repeating: nil, count: schedules.count)
            for await (number, result) in group { figures[number] = result }
            return figures.compactMap(\.self)
        }
    }

    /// Each number of loads once, with the least waiting that is known for it, and none that waits as long as one with
    /// fewer loads.
    private static func frontier(_ figures: [Figures]) -> [Figures] {
        figures.sorted { ($0.loads, $0.waited) < ($1.loads, $1.waited) }
            .reduce(into: []) { frontier, next in
                if let last = frontier.last, next.waited >= last.waited { return }
                frontier.append(next)
            }
    }

    /// Whether other figures are better than the configured ones in loads or in waiting, and worse in neither.
    package func isBetter(_ figures: Figures) -> Bool {
        figures.loads <= configured.loads && figures.waited <= configured.waited
            && (figures.loads, figures.waited) != (configured.loads, configured.waited)
    }
}

/// The best schedules beside what the queue made of it.
private struct Best: Sendable {
    /// The least waiting with as many loads, and the fewest loads with as much waiting.
    let asMany: BestSchedules
    let asFresh: BestSchedules
    /// All that were looked at.
    let all: [BestSchedules]

    init(_ history: EventHistory, _ settings: QueueSettings, _ run: QueueRun) async {
        let maxWaits = history.models.enumerated().map { number, model in
            let longest = max(settings.models[model]?.maxWait.nanoseconds ?? 0, run.waits[number].max() ?? 0)
            return (longest + 999_999) / 1_000_000
        }
        let waited = run.waits.reduce(into: Int128(0)) { $0 += $1.reduce(into: Int128(0)) { $0 += Int128($1) } }
        let limit = Int64(clamping: waited / 1_000_000)
        let tradeoff = await Tradeoff(history, maxWaits: maxWaits)
        async let few = tradeoff.best(loadsAtMost: run.loads.count)
        async let fresh = tradeoff.best(waitedAtMost: limit)
        let (many, alsoFresh) = await (few, fresh)
        (asMany, asFresh) = (many.best, alsoFresh.best)
        var seen: Set<Int> = []
        all = (many.all + alsoFresh.all).filter { seen.insert($0.loads).inserted }
    }
}
