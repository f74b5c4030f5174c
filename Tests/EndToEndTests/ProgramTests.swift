import Foundation
import Testing

extension EndToEndTests {
    /// The harness itself: an end is seen whatever else runs, and a test never waits for ever.
    @Suite("Harness")
    struct ProgramTests {
        @Test("a program's end is told while others that were started beside it live on")
        func endsBesideOthers() async throws {
            let services = try await withThrowingTaskGroup(of: Program?.self, returning: [Program].self) { group in
                for _ in 0..<8 {
                    group.addTask { try Program("celonis-simulator", ["--port", "0"]) }
                    group.addTask {
                        let end = try await Program("reloader", ["--version"]).ended()
                        #expect(end.status == 0)
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(services.count == 8)
            for service in services {
                service.interrupt(SIGKILL)
                #expect(try await service.ended().status == 128 + SIGKILL)
            }
        }

        @Test("a program that does not end is killed, and the failure shows its output so far")
        func overdue() async throws {
            let program = try Program("celonis-simulator", ["--port", "0"], limit: .milliseconds(500))
            let failure = await #expect(throws: Program.Overdue.self) { try await program.ended() }
            #expect(failure?.description.hasPrefix("celonis-simulator did not end and was killed") == true)
        }
    }
}
