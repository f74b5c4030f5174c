import FoundationEssentials
import Testing
import Vocabulary

@testable import Admin

@Suite("What deploy/ shows of the metrics")
struct DeployTests {
    private func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appendingPathComponent("deploy/" + path)), as: UTF8.self)
    }

    /// Every name of a series that a page can hold.
    private var existing: Set<Substring> {
        var names: Set<Substring> = []
        for line in metricsText(sampleSnapshot()).split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            names.insert(words[2])
            if words[3] == "histogram" {
                for suffix in ["_bucket", "_sum", "_count"] { names.insert(words[2] + suffix) }
            }
        }
        return names
    }

    @Test(
        "only metrics that exist are used",
        arguments: ["prometheus/alerts.yaml", "prometheus/alerts.test.yaml", "grafana/reloader.json"]
    )
    func names(_ file: String) throws {
        let words = try text(file).split { !($0.isLetter || $0.isNumber || $0 == "_") }
        let used = Set(words.filter { $0.hasPrefix("reloader_") || $0.hasPrefix("process_") })
        #expect(used.count > 5)
        #expect(used.subtracting(existing) == [])
    }

    @Test("every metric of ours is on the Grafana dashboard or behind an alert, but for those that repeat others")
    func coverage() throws {
        let pages = try text("grafana/reloader.json") + text("prometheus/alerts.yaml")
        let used = Set(pages.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        let unused = existing.filter { name in
            !name.hasSuffix("_sum") && !name.hasSuffix("_count") && !used.contains(name)
                && !used.contains(name + "_bucket")
        }
        #expect(
            unused.sorted() == [
                "process_start_time_seconds", "reloader_changes_total", "reloader_deliveries_received_total",
            ]
        )
    }
}
