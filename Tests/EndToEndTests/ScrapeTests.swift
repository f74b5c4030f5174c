import Foundation
import ReloaderService
import Testing
import Vocabulary

extension EndToEndTests {
    /// queue.md Q25, as a Prometheus sees it.
    @Suite("Scrapes")
    struct ScrapeTests {
        /// The samples of one family: labels without braces, and value.
        private func samples(_ family: String, _ page: String) -> [(labels: Substring, value: Int)] {
            page.split(separator: "\n").filter { $0.hasPrefix(family + "{") }.compactMap { line in
                guard let end = line.lastIndex(of: "}"), let value = Int(line[line.index(end, offsetBy: 2)...]) else {
                    return nil
                }
                return (line[line.index(line.startIndex, offsetBy: family.count + 1)..<end], value)
            }
        }

        private func page(_ world: World) async throws -> String {
            String(decoding: try await HTTPCaller.patient.get(world.admin + "/metrics").body, as: UTF8.self)
        }

        @Test("Q25: at every scrape during a storm, received is the sum of the outcomes, and no counter goes back")
        func storm() async throws {
            let world = try await World(debounce: "10ms", loadTime: .milliseconds(5))
            let senders = 4
            let rounds = 50
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<senders {
                    group.addTask {
                        for round in 0..<rounds {
                            let id = "\(sender)-\(round)"
                            _ = try await world.post(World.body("ekko", id: id))
                            _ = try await world.post(World.body("ekko", id: id))
                            _ = try await world.post(World.body("ekko", id: id, status: "FAILED"))
                            _ = try await world.post(World.body("ekko", id: id), signedWith: "another")
                            _ = try await world.post([], source: "nowhere")
                        }
                    }
                }
                group.addTask {
                    var former: [Substring: Int] = [:]
                    var scrapes = 0
                    func isOver() -> Bool {
                        former[#"source="fivetran""#] == senders * rounds * 4
                            && former[#"source="""#] == senders * rounds
                    }
                    while !isOver() {
                        let page = try await page(world)
                        let received = samples("reloader_deliveries_received_total", page)
                        let outcomes = samples("reloader_deliveries_total", page)
                        #expect(received.count == 2)
                        for (source, count) in received {
                            let own = outcomes.filter { $0.labels.hasPrefix(source + ",") }
                            #expect(own.reduce(0) { $0 + $1.value } == count)
                        }
                        for (labels, value) in received + outcomes {
                            #expect(value >= former[labels, default: 0])
                            former[labels] = value
                        }
                        scrapes += 1
                    }
                    #expect(scrapes > 1)
                    #expect(former[#"source="fivetran",outcome="accepted""#] == senders * rounds)
                    #expect(former[#"source="fivetran",outcome="duplicate""#] == senders * rounds)
                    #expect(former[#"source="fivetran",outcome="unmatched""#] == senders * rounds)
                    #expect(former[#"source="fivetran",outcome="unauthorized""#] == senders * rounds)
                }
                try await group.waitForAll()
            }
            _ = try await world.stop()
        }
    }
}
