/// Rows of levels in which every two levels of different factors meet at least once.
///
/// Greedy: each row begins with a pair that has not met yet and takes, factor by factor, the level that meets most of
/// what is left.
func pairwiseRows(_ levels: [Int]) -> [[Int]] {
    struct Pair: Hashable {
        var factors: [Int]
        var levels: [Int]
    }
    func pairs(_ row: [Int?]) -> Set<Pair> {
        var pairs: Set<Pair> = []
        for a in row.indices {
            for b in row.indices.dropFirst(a + 1) {
                if let first = row[a], let second = row[b] {
                    pairs.insert(Pair(factors: [a, b], levels: [first, second]))
                }
            }
        }
        return pairs
    }

    var left: [Pair] = []
    for a in levels.indices {
        for b in levels.indices.dropFirst(a + 1) {
            for first in 0..<levels[a] {
                for second in 0..<levels[b] { left.append(Pair(factors: [a, b], levels: [first, second])) }
            }
        }
    }
    var rows: [[Int]] = []
    while let seed = left.first {
        var row: [Int?] = levels.map { _ in nil }
        for (factor, level) in zip(seed.factors, seed.levels) { row[factor] = level }
        for factor in levels.indices where row[factor] == nil {
            let gains = (0..<levels[factor]).map { level in
                var tried = row
                tried[factor] = level
                let met = pairs(tried)
                return left.count { met.contains($0) }
            }
            row[factor] = gains.indices.max { gains[$0] < gains[$1] }
        }
        let met = pairs(row)
        left.removeAll { met.contains($0) }
        rows.append(row.compactMap(\.self))
    }
    return rows
}
