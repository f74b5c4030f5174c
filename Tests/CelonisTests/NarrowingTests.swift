import Celonis
import Testing

@Suite("Narrowing a rejected set")
struct NarrowingTests {
    /// A Celonis that rejects every set with a culprit in it.
    private func play(_ ids: [String], culprits: Set<String>, requests: Int) -> (Narrowing, sent: [[String]]) {
        var narrowing = Narrowing(rejected: ids, requests: requests)
        var sent: [[String]] = []
        while let part = narrowing.next {
            sent.append(part)
            if culprits.isDisjoint(with: part) { narrowing.accepted() } else { narrowing.rejected() }
        }
        return (narrowing, sent)
    }

    @Test("One culprit among eight is found in a few requests, and the rest is loaded once")
    func one() {
        let ids = (1...8).map { "t\($0)" }
        for culprit in ids {
            let (narrowing, sent) = play(ids, culprits: [culprit], requests: 20)
            #expect(narrowing.culprits == [culprit])
            #expect(narrowing.loaded.sorted() == ids.filter { $0 != culprit })
            #expect(sent.count <= 5)
        }
    }

    @Test("Any culprits: each table ends in one place, no culprit as loaded, no good one as culprit, within the bound")
    func any() {
        for seed in UInt64(0)..<500 {
            var random = Generator(state: seed)
            let ids = (0..<Int.random(in: 2...60, using: &random)).map { "t\($0)" }
            let culprits = Set(ids.filter { _ in Int.random(in: 0..<8, using: &random) == 0 })
            let requests = Int.random(in: 1...40, using: &random)
            let (narrowing, sent) = play(ids, culprits: culprits, requests: requests)
            let places = narrowing.loaded + narrowing.culprits + narrowing.unresolved
            #expect(places.sorted() == ids.sorted(), "seed \(seed)")
            #expect(culprits.isDisjoint(with: narrowing.loaded), "seed \(seed)")
            #expect(culprits.isSuperset(of: narrowing.culprits), "seed \(seed)")
            #expect(sent.count <= requests && sent.allSatisfy { !$0.isEmpty }, "seed \(seed)")
        }
    }

    @Test("When requests run out, what is left is named as unresolved")
    func bounded() {
        let (narrowing, _) = play(["a", "b", "c", "d"], culprits: ["a", "b", "c", "d"], requests: 2)
        #expect(narrowing.culprits == ["a"])
        #expect(narrowing.unresolved.sorted() == ["b", "c", "d"])
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 32) | (state << 32)
        }
    }
}
