import Foundation
import ReloaderService
import Testing
import Vocabulary

/// Where it is.
private let promtool: String? = {
    let given = ProcessInfo.processInfo.environment["RELOADER_PROMTOOL"]
    return given ?? ["/usr/bin/promtool"].first { FileManager.default.isExecutableFile(atPath: $0) }
}()

extension EndToEndTests {
    /// What Prometheus' own tool says. It runs where `make test-metrics` has put the tool, or the system has it.
    @Suite("Prometheus' promtool", .enabled(if: promtool != nil, "there is no promtool"))
    struct PrometheusTests {
        private static let rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy/prometheus")

        private func run(_ arguments: [String], input: String = "") async throws -> (status: Int32, text: String) {
            let end = try await Program(try #require(promtool), arguments, input: input).ended()
            return (end.status, end.output + end.errors)
        }

        @Test("promtool check metrics finds nothing to say about a page with everything on it")
        func metrics() async throws {
            let world = try await World(debounce: "10ms", loadTime: .milliseconds(10)) { text, _ in
                text.replacingOccurrences(of: "max_body: 2KiB", with: "max_body: 2KiB\n    expect_every: 1h")
            }
            _ = try await world.post(World.body("ekko", id: "1"))
            _ = try await world.post(World.body("nosuchtable", id: "2"))
            _ = try await world.post(World.body("ekko", id: "3"), signedWith: "another")
            _ = await world.service.line(with: "job changed", "outcome=succeeded")
            _ = await world.service.line(with: "job changed", "state=failed")
            let page = String(decoding: try await HTTPCaller.patient.get(world.admin + "/metrics").body, as: UTF8.self)
            #expect(page.contains("reloader_freshness_seconds_count{model=\"order-to-cash\"} 1\n"))
            let check = try await run(["check", "metrics"], input: page)
            #expect(check.status == 0 && check.text == "", "\(check.text)")
            // The check looks: it objects to a counter by another name.
            let wrong = page.replacingOccurrences(of: "reloader_changes_total", with: "reloader_changes")
            #expect(try await run(["check", "metrics"], input: wrong).status != 0)
            _ = try await world.stop()
        }

        @Test("the alert rules are valid, and fire for the trouble that they name and for nothing else")
        func alerts() async throws {
            for command in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
                let path = Self.rules.appendingPathComponent(command[2]).path
                let end = try await run([command[0], command[1], path])
                #expect(end.status == 0, "\(end.text)")
            }
        }
    }
}
