import Vocabulary

/// What a schedule of loads costs, and what it brings.
package struct Figures: Hashable, Sendable {
    package var loads = 0
    /// Tables over all loads, as far as they are known (`LoadSize`).
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
        guard let longest = waits.max() else { return }
        var waits = waits
        /// The smallest that at least this share does not exceed (nearest rank).
        func percentile(_ percent: Int) -> Duration {
            .nanoseconds(waits.select((waits.count * percent + 99) / 100 - 1)) + loadTime
        }
        freshness = Spread(
            mean: .nanoseconds(Int64(clamping: sum / Int128(waits.count))) + loadTime,
            p50: percentile(50),
            p95: percentile(95),
            max: .nanoseconds(longest) + loadTime
        )
    }
}

extension [Int64] {
    /// What stands at a position once they are sorted, without sorting all of them (Hoare's quickselect): a report asks
    /// this of dozens of schedules.
    mutating func select(_ position: Int) -> Int64 {
        var (low, high) = (0, count - 1)
        // Each round halves them, but for sequences made against it.
        var rounds = 4 * (Int.bitWidth - count.leadingZeroBitCount)
        while low < high {
            if rounds == 0 {
                self[low...high].sort()
                break
            }
            rounds -= 1
            let middle = low + (high - low) / 2
            let (a, b, c) = (self[low], self[middle], self[high])
            let pivot = Swift.max(Swift.min(a, b), Swift.min(Swift.max(a, b), c))
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while self[right] > pivot { right -= 1 }
                if left <= right {
                    swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            // Below `left` is nothing larger than the pivot, above `right` nothing smaller; between them is the pivot.
            if position <= right { high = right } else if position >= left { low = left } else { break }
        }
        return self[position]
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
