/// Rows of levels in which every two levels of different factors meet at least once.
///
/// Greedy: each row begins with a pair that has not met yet and takes, factor by factor, the level that meets most of
/// what is left.
package func pairwiseRows(_ levels: [Int]) -> [[Int]] {
    struct Pair: Hashable {
        var a: Int
        var b: Int
        var levelOfA: Int
        var levelOfB: Int

        init(_ a: Int, _ levelOfA: Int, _ b: Int, _ levelOfB: Int) {
            (self.a, self.levelOfA, self.b, self.levelOfB) =
                a < b ? (a, levelOfA, b, levelOfB) : (b, levelOfB, a, levelOfA)
        }
    }

    var pairs: [Pair] = []
    for a in levels.indices {
        for b in levels.indices.dropFirst(a + 1) {
            for first in 0..<levels[a] {
                for second in 0..<levels[b] { pairs.append(Pair(a, first, b, second)) }
            }
        }
    }
    var left = Set(pairs)
    var rows: [[Int]] = []
    for seed in pairs where left.contains(seed) {
        var row: [Int?] = levels.map { _ in nil }
        row[seed.a] = seed.levelOfA
        row[seed.b] = seed.levelOfB
        for factor in levels.indices where row[factor] == nil {
            let gains = (0..<levels[factor]).map { level in
                row.indices.count { other in
                    row[other].map { left.contains(Pair(factor, level, other, $0)) } ?? false
                }
            }
            row[factor] = gains.indices.max { gains[$0] < gains[$1] }
        }
        let chosen = row.compactMap(\.self)
        for a in chosen.indices {
            for b in chosen.indices.dropFirst(a + 1) { left.remove(Pair(a, chosen[a], b, chosen[b])) }
        }
        rows.append(chosen)
    }
    return rows
}
