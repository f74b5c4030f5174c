import Foundation
import Testing
import Vocabulary

extension EndToEndTests {
    /// queue.md Q8 over real processes. `RELOADER_CRASHES` makes it longer, `RELOADER_SEED` repeats the choice of moments.
    @Suite("kill -9")
    struct CrashTests {
        private static func setting(_ name: String, _ usual: Int) -> Int {
            ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
        }

        private static let parts = 4
        private static let rounds = setting("RELOADER_CRASHES", 100)
        private static let seed = setting("RELOADER_SEED", 20_261_127)

        @Test(
            "Q8: what was answered 2xx is covered by a load that began after it, whenever the process dies",
            arguments: 0..<parts
        )
        func anyMoment(part: Int) async throws {
            let world = try await CrashWorld()
            var generator = SeededGenerator(seed: UInt64(Self.seed + part))
            let start = ContinuousClock.now
            for _ in 0..<Self.rounds / Self.parts {
                world.resetTally()
                let service = try await world.start()
                let mark = [CrashWorld.Mark.answer, .answer, .loadStarted, .loadEnded].randomElement(using: &generator)
                let count =
                    mark == .answer
                    ? Int.random(in: 1...40, using: &generator) : Int.random(in: 1...3, using: &generator)
                try await withThrowingTaskGroup { group in
                    for _ in 0..<4 { group.addTask { try await world.send(to: service) } }
                    await world.wait(for: mark ?? .answer, count)
                    service.program.interrupt(SIGKILL)
                    try await group.waitForAll()
                }
                #expect(try await service.program.ended().status == 128 + SIGKILL)
            }
            let each = (ContinuousClock.now - start) / (Self.rounds / Self.parts)
            let last = try await world.start()
            try await world.settle(last)
            #expect(world.uncovered == [], "RELOADER_SEED=\(Self.seed), part \(part)")
            #expect(world.violations == [])
            #expect(world.acceptedCount > Self.rounds / Self.parts)
            print(
                """
                RELOADER_SEED=\(Self.seed) part \(part): \(Self.rounds / Self.parts) crashes, \(world.acceptedCount) \
                accepted, \(world.loadCount) loads, \(each) a round
                """
            )
            try await world.end(last)
        }

        @Test(
            "Q8: the same between any two steps that must not lose a change together",
            arguments: FaultPoint.allCases
        )
        func everyPoint(point: FaultPoint) async throws {
            let world = try await CrashWorld()
            for count in [1, 2, 5] {
                world.resetTally()
                let service = try await world.start(dyingAt: "\(point.rawValue):\(count)")
                try await withThrowingTaskGroup { group in
                    for _ in 0..<3 { group.addTask { try await world.send(to: service) } }
                    try await group.waitForAll()
                }
                #expect(try await service.program.ended().status == 128 + SIGKILL)
            }
            let last = try await world.start()
            try await world.settle(last)
            #expect(world.uncovered == [], "\(point)")
            #expect(world.violations == [])
            try await world.end(last)
        }
    }
}
