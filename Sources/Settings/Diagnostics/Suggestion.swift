/// Finds what was probably meant.
enum Suggestion {
    /// `did you mean "X"?` for the nearest candidate, or nil where none is near.
    static func hint(for written: String, among candidates: some Collection<String>) -> String? {
        nearest(to: written, among: candidates).map { "did you mean \"\($0)\"?" }
    }

    /// The candidate with the fewest edits, if these are at most a third of the longer word's letters (and at least one
    /// is allowed). Of equally near ones the first in text order, so that the answer never depends on a hash.
    static func nearest(to written: String, among candidates: some Collection<String>) -> String? {
        let target = letters(written)
        // A word of this length is no slip of the finger, and the table below has its square.
        guard target.count <= 100 else { return nil }
        var best: (distance: Int, word: String)?
        for word in candidates.sorted() {
            let other = letters(word)
            let allowed = max(1, max(target.count, other.count) / 3)
            guard abs(target.count - other.count) <= allowed, other.count <= 100 else { continue }
            let distance = edits(from: target, to: other)
            if distance <= allowed, distance < best?.distance ?? .max { best = (distance, word) }
        }
        return best?.word
    }

    /// Case and the choice of `-` or `_` are what people get wrong first, so they do not count.
    private static func letters(_ text: String) -> [Unicode.Scalar] {
        text.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static func edits(from a: [Unicode.Scalar], to b: [Unicode.Scalar]) -> Int {
        var older: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
                current.append(cost)
            }
            older = previous
            previous = current
        }
        return previous[b.count]
    }
}
