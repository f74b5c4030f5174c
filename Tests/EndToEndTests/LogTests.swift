import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// The log as a person on call reads it (issue "see it": Logs).
    @Suite("Logs")
    struct LogTests {
        /// One load of what so many deliveries change, at this level; the lines from the first delivery on.
        private func lines(_ deliveries: Int, level: String) async throws -> (lines: [Substring], events: [String]) {
            let world = try await World(debounce: "1h", model: "    max_wait: 2h", loadTime: .milliseconds(10)) {
                text,
                _ in
                text.replacingOccurrences(of: "level: debug", with: "level: \(level)")
            }
            var events: [String] = []
            for id in 0..<deliveries {
                events.append(try #require(try await world.post(World.body("ekko", id: "\(id)")).answer?.event))
            }
            try await world.flush()
            _ = try #require(await world.service.line(with: "job changed", "outcome=succeeded"))
            let all = try await world.stop().errors.split(separator: "\n")
            let start = try #require(all.firstIndex { $0.contains("listening") })
            return (Array(all[(start + 1)...]), events)
        }

        @Test("at debug, a delivery is followed by its event id from its acceptance to the end of its load")
        func followed() async throws {
            let (lines, events) = try await lines(3, level: "debug")
            for event in events {
                let own = lines.filter { $0.contains(event) }
                #expect(own.count { $0.contains("delivery accepted") } == 1)
                #expect(own.last?.contains("outcome=succeeded") == true)
                #expect(own.contains { $0.contains("state=loading") })
            }
        }

        @Test("at info, there is one line for each change of state and for a load's end, and none for a delivery")
        func quiet() async throws {
            let (one, _) = try await lines(1, level: "info")
            let (many, events) = try await lines(20, level: "info")
            func states(_ lines: [Substring]) -> [String] {
                lines.filter { $0.contains("job changed") }.compactMap { World.value("state", in: String($0)) }
            }
            #expect(states(one) == ["waiting", "ready", "loading", "ended"])
            #expect(states(many) == states(one))
            #expect(many.count == one.count, "\(many.joined(separator: "\n"))")
            for event in events { #expect(!many.contains { $0.contains(event) }) }
        }
    }
}
