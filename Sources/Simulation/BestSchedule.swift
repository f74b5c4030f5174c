/// The best loads of one model for somebody who knows the future, for loads that take no time and cost so much each: no
/// schedule has less of cost × loads + time that changes waited (queue.md Q26). Times are milliseconds.
///
/// By dynamic programming over the instants at which something changed: an optimal load starts at one, since waiting
/// longer helps nobody. `best(j)` = min over i of best(i) + what the changes of the instants after i wait for j, + cost.
/// Each i is kept as a candidate with that sum for the present j. One that is no better than a later one never will be:
/// whatever still comes makes at least as many tables wait in the larger set. So few are kept. A set with `*` in it covers
/// what still comes: it is compared with another such set only, in its sum and in how many wait.
///
/// Where tables change densely for cost and `max_wait`, many are left: with n instants, up to n at each. Then those close
/// to another are forgotten. What is found stays a possible schedule, with its true cost, and may be a little above the best.
package struct BestSchedule: Sendable {
    /// One load: it covers the instants up to this one (counted from 1) that no earlier load covers.
    struct Load: Sendable {
        var instant: Int
        /// How long its changes waited, all together.
        var waited: Int64
    }

    private(set) var loads: [Load]
    /// Whether no candidate was forgotten that might have been better.
    private(set) var isExact = true

    /// How many candidates are kept when this many instants of all models are gone through: some million steps in all.
    static func candidates(for instants: Int) -> Int { max(64, 2_000_000 / max(1, instants)) }

    private struct Candidate {
        var after: Int
        var sum: Int64
        /// Changes that wait.
        var waiting: Int64 = 0
        var first: Int64
    }

    /// No change waits longer than `maxWait`; at most `limit` candidates are kept.
    init(_ instants: EventHistory.Instants, cost: Int64, maxWait: Int64, limit: Int = .max) {
        var best: [Int64] = [0]
        var from: [Int] = [0]
        best.reserveCapacity(instants.count + 1)
        from.reserveCapacity(instants.count + 1)
        // The oldest first. Those before `start` are no more: they are taken away when they are many.
        var candidates: [Candidate] = []
        var start = 0
        var before: Int64 = 0
        var lastEverything = 0
        for number in 0..<instants.count {
            let at = instants.times[number]
            let changes = instants.changes(of: number)
            candidates.append(Candidate(after: number, sum: best[number], first: at))
            if instants.isEverything[number] { lastEverything = number + 1 }
            var least = Int64.max
            var covered: Candidate?
            var cheapest = candidates[candidates.count - 1]
            cheapest.sum = .max
            var kept = candidates.count
            for index in stride(from: candidates.count - 1, through: start, by: -1) {
                var candidate = candidates[index]
                guard at - candidate.first <= maxWait else { break }
                candidate.sum += candidate.waiting * (at - before)
                for change in changes where instants.previous[change] <= candidate.after { candidate.waiting += 1 }
                if candidate.after >= lastEverything {
                    guard candidate.sum < least else { continue }
                    least = candidate.sum
                } else {
                    if let covered, candidate.sum >= covered.sum, candidate.waiting >= covered.waiting { continue }
                    covered = candidate
                }
                kept -= 1
                candidates[kept] = candidate
                if candidate.sum <= cheapest.sum { cheapest = candidate }
            }
            start = kept
            before = at
            if candidates.count - start > limit {
                isExact = false
                candidates = Self.thinned(candidates[start...], limit, at)
                start = 0
            } else if start > 64, start > candidates.count / 2 {
                candidates.removeFirst(start)
                start = 0
            }
            best.append(cheapest.sum + cost)
            from.append(cheapest.after)
        }
        loads = []
        var end = instants.count
        while end > 0 {
            loads.append(Load(instant: end, waited: best[end] - best[from[end]] - cost))
            end = from[end]
        }
        loads.reverse()
    }

    /// Forgets candidates: what is left is spread evenly over the time, the oldest and the newest included.
    private static func thinned(_ candidates: ArraySlice<Candidate>, _ limit: Int, _ now: Int64) -> [Candidate] {
        guard let oldest = candidates.first, let newest = candidates.last else { return [] }
        let gap = (now - oldest.first) * 2 / Int64(limit)
        var last = oldest.first
        var kept = [oldest]
        for candidate in candidates.dropFirst().dropLast() where candidate.first - last > gap {
            last = candidate.first
            kept.append(candidate)
        }
        return kept + [newest]
    }

    var waited: Int64 { loads.reduce(0) { $0 + $1.waited } }

    /// The first so many loads of `other`, and of this one those that follow them. To be joined where both have a load.
    func joined(after count: Int, of other: Self, from own: Int) -> Self {
        var joined = self
        joined.loads = Array(other.loads[..<count] + loads[own...])
        return joined
    }

    /// Where both have a load at the same instant: how many of its own loads each has by then.
    func meetings(with other: Self) -> [(own: Int, other: Int)] {
        var meetings: [(own: Int, other: Int)] = []
        var position = 0
        for (index, load) in loads.enumerated() {
            while position < other.loads.count, other.loads[position].instant < load.instant { position += 1 }
            if position < other.loads.count, other.loads[position].instant == load.instant {
                meetings.append((index + 1, position + 1))
            }
        }
        return meetings
    }

    /// How many tables the loads hold, and how long each change waited, in nanoseconds.
    func tablesAndWaits(_ instants: EventHistory.Instants, _ size: LoadSize) -> (tables: Int, waits: [Int64]) {
        var size = size
        var tables = 0
        var waits: [Int64] = []
        var selectors: [Int] = []
        var begin = 0
        for load in loads {
            let at = instants.times[load.instant - 1]
            var isEverything = false
            selectors.removeAll(keepingCapacity: true)
            for instant in begin..<load.instant {
                let waited = (at - instants.times[instant]) * 1_000_000
                if instants.isEverything[instant] { isEverything = true }
                for change in instants.changes(of: instant) where instants.previous[change] <= begin {
                    waits.append(waited)
                    selectors.append(instants.selectors[change])
                }
            }
            tables += isEverything ? size.everything : size.count(selectors)
            begin = load.instant
        }
        return (tables, waits)
    }
}
