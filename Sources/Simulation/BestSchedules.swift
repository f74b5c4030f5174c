import Vocabulary

/// The best schedule of every model, when a load costs the same in each.
struct BestSchedules: Sendable {
    var models: [BestSchedule]
    /// Whether the search for it was not given up.
    var isSearched = true

    var loads: Int { models.reduce(0) { $0 + $1.loads.count } }
    /// Milliseconds.
    var waited: Int64 { models.reduce(0) { $0 + $1.waited } }
    var isExact: Bool { isSearched && models.allSatisfy(\.isExact) }

    func figures(_ history: EventHistory, _ sizes: [LoadSize], loadTime: Duration) -> Figures {
        let parts = models.indices.map { models[$0].tablesAndWaits(history.instants[$0], sizes[$0]) }
        return Figures(
            loads: loads,
            tables: parts.reduce(0) { $0 + $1.tables },
            waits: parts.flatMap(\.waits),
            loadTime: loadTime
        )
    }
}

/// The trade between loads and waiting that is possible at all: for each cost of a load the best schedule. No schedule
/// has fewer loads and less waiting than one of these; their loads take no time, so they may even overlap.
struct Tradeoff: Sendable {
    private struct Point {
        var cost: Int64
        var schedules: BestSchedules
    }

    /// Milliseconds: nine years, at which no load is worth its freshness, and which ten million loads may cost.
    private static let dearest: Int64 = 1 << 38

    private let history: EventHistory
    /// By model, milliseconds.
    private let maxWaits: [Int64]
    private let candidates: Int
    /// How often a schedule may be searched for one between two others.
    private let searches: Int
    /// From the cheapest loads, and so the most of them, to the dearest.
    private var points: [Point] = []

    /// Searches on two cores at once; what is found depends on no number of them.
    init(_ history: EventHistory, maxWaits: [Int64]) async {
        self.history = history
        self.maxWaits = maxWaits
        let instants = history.instants.reduce(0) { $0 + $1.count }
        candidates = BestSchedule.candidates(for: instants)
        searches = min(max(6, 400_000 / max(1, instants)), 100)
        let costs = Self.costs(instants < 20_000 ? 2 : 8)
        async let last = best(cost: Self.dearest)
        async let first = best(cost: 0)
        let fewest = await last.loads
        points = [Point(cost: 0, schedules: await first)]
        for position in stride(from: 1, to: costs.count - 1, by: 2) {
            if points.last?.schedules.loads == fewest { break }
            async let cheaper = best(cost: costs[position])
            async let dearer = best(cost: costs[position + 1])
            points.append(Point(cost: costs[position], schedules: await cheaper))
            let next = Point(cost: costs[position + 1], schedules: await dearer)
            if points.last?.schedules.loads != fewest { points.append(next) }
        }
    }

    /// From nothing to the dearest, each this many times the one before.
    private static func costs(_ step: Int64) -> [Int64] {
        var costs: [Int64] = [0, 1000]
        while let last = costs.last, last < dearest { costs.append(last * step) }
        return costs
    }

    /// The least waiting with at most so many loads; the fewest loads, where that is too few. And all that were looked at
    /// for it.
    func best(loadsAtMost limit: Int) -> (best: BestSchedules, all: [BestSchedules]) {
        var tradeoff = self
        let best = tradeoff.edge { loads, _ in loads > limit }.few
        return (best, tradeoff.points.map(\.schedules))
    }

    /// The fewest loads with at most so much waiting, in milliseconds. And all that were looked at for it.
    func best(waitedAtMost limit: Int64) -> (best: BestSchedules, all: [BestSchedules]) {
        var tradeoff = self
        let best = tradeoff.edge { _, waited in waited <= limit }.many
        return (best, tradeoff.points.map(\.schedules))
    }

    private func best(cost: Int64) -> BestSchedules {
        BestSchedules(
            models: history.instants.indices.map {
                BestSchedule(history.instants[$0], cost: cost, maxWait: maxWaits[$0], limit: candidates)
            }
        )
    }

    /// The last schedule with many loads, for which `isMany` holds, and the first with few, of all on the line between
    /// them. `isMany` is of loads and waiting, and holds up to some cost.
    ///
    /// Of two best schedules, the cost at which both are as good is where the search for one between them finds the best
    /// progress; and where it finds none that is better than both, there is none.
    private mutating func edge(_ isMany: (Int, Int64) -> Bool) -> (many: BestSchedules, few: BestSchedules) {
        func holds(_ schedules: BestSchedules) -> Bool { isMany(schedules.loads, schedules.waited) }
        var position = points.firstIndex { !holds($0.schedules) } ?? points.count
        guard position > 0 else { return (points[0].schedules, points[0].schedules) }
        guard position < points.count else {
            let last = points[points.count - 1].schedules
            return (last, last)
        }
        var isSearched = false
        for _ in 0..<searches {
            let (many, few) = (points[position - 1].schedules, points[position].schedules)
            isSearched = few.loads >= many.loads - 1
            if isSearched { break }
            let cost = (few.waited - many.waited) / Int64(many.loads - few.loads)
            let middle = Point(cost: cost, schedules: best(cost: cost))
            func sum(_ schedules: BestSchedules) -> Int64 { schedules.waited + cost * Int64(schedules.loads) }
            isSearched = sum(middle.schedules) >= min(sum(many), sum(few))
            if isSearched { break }
            points.insert(middle, at: position)
            if holds(middle.schedules) { position += 1 }
        }
        var found = between(points[position - 1].schedules, points[position].schedules, isMany)
        found.many.isSearched = isSearched
        found.few.isSearched = isSearched
        return found
    }

    /// Both are best for the same cost, but for a millisecond. So is each schedule that follows `many` up to an instant at
    /// which both load, and `few` from there on: the last of those with few loads, and the first with many.
    private func between(
        _ many: BestSchedules,
        _ few: BestSchedules,
        _ isMany: (Int, Int64) -> Bool
    ) -> (many: BestSchedules, few: BestSchedules) {
        var (loads, waited) = (few.loads, few.waited)
        var last = few
        for model in few.models.indices {
            let (one, other) = (few.models[model], many.models[model])
            func joined(_ meeting: (own: Int, other: Int)) -> BestSchedules {
                let middle = one.joined(after: meeting.other, of: other, from: meeting.own)
                return BestSchedules(models: many.models[..<model] + [middle] + few.models[(model + 1)...])
            }
            var before = (own: 0, other: 0)
            for meeting in one.meetings(with: other) {
                loads += (meeting.other - before.other) - (meeting.own - before.own)
                waited += other.loads[before.other..<meeting.other].reduce(0) { $0 + $1.waited }
                waited -= one.loads[before.own..<meeting.own].reduce(0) { $0 + $1.waited }
                if isMany(loads, waited) {
                    if before != (0, 0) { last = joined(before) }
                    return (joined(meeting), last)
                }
                before = meeting
            }
            last = joined(before)
        }
        return (many, last)
    }
}
