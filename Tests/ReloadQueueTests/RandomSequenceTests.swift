import Foundation
import Testing

@testable import ReloadQueue

@Suite("Random sequences against the witness")
struct RandomSequenceTests {
    /// `RELOADER_SEED` repeats one run; `RELOADER_SEQUENCES` makes it longer.
    private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
    }

    @Test("Q1-Q5, Q7, Q9-Q11, Q14, Q15, Q18-Q22, Q24, Q26-Q29: no sequence breaks a promise")
    func sequences() {
        let seed = Self.setting("RELOADER_SEED", 20_261_123)
        var seeds = SeededGenerator(seed: seed)
        for number in 0..<Self.setting("RELOADER_SEQUENCES", 10_000) {
            let own = seeds.next()
            var generator = SeededGenerator(seed: own)
            let steps = (0..<Int.random(in: 5...30, using: &generator)).map { _ in Step.random(using: &generator) }
            guard World.run(steps, seed: own) != nil else { continue }
            let short = Self.shrink(steps, seed: own)
            let problem = World.run(short, seed: own) ?? ""
            Issue.record(
                """
                RELOADER_SEED=\(seed), sequence \(number): \(problem)
                \(short.map { "    \($0)" }.joined(separator: "\n"))
                """
            )
            return
        }
    }

    /// Leaves out ever smaller parts as long as some promise stays broken.
    private static func shrink(_ steps: [Step], seed: UInt64) -> [Step] {
        var steps = steps
        var size = max(1, steps.count / 2)
        while true {
            var start = 0
            var removed = false
            while start < steps.count {
                var shorter = steps
                shorter.removeSubrange(start..<min(start + size, steps.count))
                if World.run(shorter, seed: seed) != nil {
                    steps = shorter
                    removed = true
                } else {
                    start += size
                }
            }
            if size == 1, !removed { return steps }
            size = max(1, size / 2)
        }
    }
}
