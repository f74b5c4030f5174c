import CelonisSimulator
import Testing
import Vocabulary

@Suite("The running simulator")
struct CelonisSimulatorTests {
    @Test("Events are told in order, and a load ends by itself without another call")
    func events() async throws {
        let (events, told) = AsyncStream.makeStream(of: SimulatorEvent.self)
        let simulator = try await CelonisSimulator.start(onEvent: { told.yield($0) })
        #expect(simulator.startExternalLoad(loadTime: .milliseconds(5)))
        var seen: [String] = []
        for await event in events {
            switch event {
            case .loadStarted: seen.append("started")
            case .loadEnded(let load): seen.append(load.status)
            case .called, .violated: Issue.record("nobody called")
            }
            if seen.last == "SUCCESS" { break }
        }
        #expect(seen == ["started", "SUCCESS"])
        await simulator.shutdown()
    }

    @Test("A port that is taken is an error")
    func portTaken() async throws {
        let simulator = try await CelonisSimulator.start()
        await #expect(throws: (any Error).self) { try await CelonisSimulator.start(port: simulator.port) }
        await simulator.shutdown()
    }
}
