import Foundation
import OffThePool
import Testing
import Vocabulary

@testable import ReloadQueue

/// Random sequences of every input, against the witness. `RELOADER_SEED` repeats a run, `RELOADER_STEPS` makes it
/// longer.
@Suite("Random sequences against the witness", .offThePool)
struct RandomSequenceTests {
    private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
    }

    private static let seed = setting("RELOADER_SEED", 20_261_124)
    private static let steps = setting("RELOADER_STEPS", 1_000_000)
    private static let parts: UInt64 = 4

    @Test(
        "Q1-Q7, Q9-Q11, Q13-Q16, Q18-Q22, Q24-Q29: no sequence breaks a promise, under any two settings",
        arguments: 0..<parts
    )
    func sequences(part: UInt64) {
        var seeds = SeededGenerator(seed: Self.seed &+ part)
        var met = Meetings()
        var sequences = 0
        let start = ContinuousClock.now
        while met.inputs < Self.steps / Self.parts {
            let own = seeds.next()
            var generator = SeededGenerator(seed: own)
            let steps = (0..<20 + generator.below(380)).map { _ in Step.random(using: &generator) }
            if World.run(steps, seed: own, counting: &met) != nil {
                let (short, problem) = Shrinking.shrink(steps, seed: own)
                Issue.record(
                    """
                    RELOADER_SEED=\(Self.seed), part \(part), sequence \(sequences): \(problem)
                    \(short.map { "    \($0)" }.joined(separator: "\n"))
                    """
                )
                return
            }
            sequences += 1
        }
        let each = (ContinuousClock.now - start) / Double(met.inputs)
        print("RELOADER_SEED=\(Self.seed) part \(part): \(sequences) sequences, \(met.inputs) steps, \(each) a step")
        if met.inputs >= 100_000 {
            #expect(met.missing.isEmpty, "settings and inputs that never met")
        }
    }

    @Test("a planted bug is found, and what is left of its sequence can be read")
    func shrinking() throws {
        var seeds = SeededGenerator(seed: Self.seed)
        let found = (0..<100).lazy.compactMap { _ -> (steps: [Step], problem: String)? in
            let own = seeds.next()
            var generator = SeededGenerator(seed: own)
            let steps = (0..<200).map { _ in Step.random(using: &generator) }
            if World.run(steps, seed: own, plant: .dropsArrivalsDuringLoads) == nil { return nil }
            return Shrinking.shrink(steps, seed: own, plant: .dropsArrivalsDuringLoads)
        }
        let (steps, problem) = try #require(found.first)
        print("shrunk: \(problem)\n\(steps.map { "    \($0)" }.joined(separator: "\n"))")
        #expect(problem.contains("Q1") || problem.contains("Q4"))
        #expect(steps.count <= 6)
        #expect(steps.last?.kind == .event, "the arrival that was dropped")
    }
}

/// Which steps were made while a model had which row of settings.
struct Meetings {
    private var counts = [[Int]](
        repeating: [Int](repeating: 0, count: Step.Kind.allCases.count),
        count: Variants.rows.count
    )
    /// What the machine was told, the passing of time included.
    var inputs: UInt64 = 0

    mutating func count(_ step: Step, _ rows: [Int?]) {
        for case let row? in rows { counts[row][step.kind.rawValue] += 1 }
    }

    var missing: [String] {
        counts.indices.flatMap { row in
            Step.Kind.allCases.filter { counts[row][$0.rawValue] == 0 }.map { "row \(row) and \($0)" }
        }
    }
}
