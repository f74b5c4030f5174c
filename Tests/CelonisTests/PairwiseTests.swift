import Pairwise
import Testing

@Suite("Every two together")
struct PairwiseTests {
    @Test(
        "Every two levels of different factors meet, in few rows",
        arguments: [[2, 2, 2], [5, 4, 3, 2, 2], [1, 3]]
    )
    func meet(levels: [Int]) {
        let rows = pairwiseRows(levels)
        for a in levels.indices {
            for b in levels.indices.dropFirst(a + 1) {
                for first in 0..<levels[a] {
                    for second in 0..<levels[b] { #expect(rows.contains { $0[a] == first && $0[b] == second }) }
                }
            }
        }
        #expect(rows.count <= 2 * levels.sorted().suffix(2).reduce(1, *))
    }
}
