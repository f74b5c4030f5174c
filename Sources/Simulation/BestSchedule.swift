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
    static func candidates(for instants: Int) -> Int { max(128, 2_000_000 / max(1, instants)) }

    /// No change waits longer than `maxWait`; at most `limit` candidates are kept.
    init(_ instants: [EventHistory.Instant], cost: Int64, maxWait: Int64, limit: Int = .max) {
        struct Candidate {
            var after: Int
            var sum: Int64
            /// Changes that wait.
            var waiting: Int64 = 0
            var first: Int64
        }
        var best: [Int64] = [0]
        var from: [Int] = [0]
        var candidates: [Candidate] = []
        var before: Int64 = 0
        var lastEverything = 0
        for (number, instant) in instants.enumerated() {
            candidates.append(Candidate(after: number, sum: best[number], first: instant.at))
            for index in candidates.indices {
                candidates[index].sum += candidates[index].waiting * (instant.at - before)
                for previous in instant.previous where previous <= candidates[index].after {
                    candidates[index].waiting += 1
                }
            }
            before = instant.at
            if instant.isEverything { lastEverything = number + 1 }
            var least = Int64.max
            var covered: Candidate?
            var kept = candidates.count
            for index in candidates.indices.reversed() {
                let candidate = candidates[index]
                guard instant.at - candidate.first <= maxWait else { continue }
                if candidate.after >= lastEverything {
                    guard candidate.sum < least else { continue }
                    least = candidate.sum
                } else {
                    if let covered, candidate.sum >= covered.sum, candidate.waiting >= covered.waiting { continue }
                    covered = candidate
                }
                kept -= 1
                candidates[kept] = candidate
            }
            candidates.removeFirst(kept)
            if candidates.count > limit {
                isExact = false
                // What is left is spread evenly over the time, the oldest and the newest included.
                let gap = (instant.at - candidates[0].first) * 2 / Int64(limit)
                var last = candidates[0].first
                let newest = candidates.removeLast()
                candidates = candidates.filter { candidate in
                    guard candidate.after == candidates[0].after || candidate.first - last > gap else { return false }
                    last = candidate.first
                    return true
                }
                candidates.append(newest)
            }
            // The newest is always there.
            let cheapest = candidates.reduce(candidates[0]) { $1.sum < $0.sum ? $1 : $0 }
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

    /// How many tables each load holds, and how long each change waited, in nanoseconds.
    func tablesAndWaits(_ instants: [EventHistory.Instant]) -> (tables: Int, waits: [Int64]) {
        var waits: [Int64] = []
        var begin = 0
        for load in loads {
            let at = instants[load.instant - 1].at
            for instant in instants[begin..<load.instant] {
                for previous in instant.previous where previous <= begin { waits.append((at - instant.at) * 1_000_000) }
            }
            begin = load.instant
        }
        return (waits.count, waits)
    }
}
