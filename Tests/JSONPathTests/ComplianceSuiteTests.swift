import Foundation
import JSONPath
import Testing

/// The public compliance suite, read from where it lies beside the project; without it these tests are skipped.
@Suite("JSONPath compliance suite")
struct ComplianceSuiteTests {
    static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/vectors/jsonpath-compliance.json")

    static let isThere = FileManager.default.fileExists(atPath: file.path)

    @Test("every case of the compliance suite", .enabled(if: isThere))
    func everyCase() throws {
        var parser = JSONParser()
        let suite = [UInt8](try Data(contentsOf: Self.file))
        let count = try parser.parse(suite) { root in
            let tests = Array(root.member("tests")?.elements ?? root.elements)
            for test in tests { check(test) }
            return tests.count
        }
        #expect(count >= 422)
    }

    private func check(_ test: JSONNode) {
        let name = test.member("name")?.string ?? "?"
        guard let selector = test.member("selector")?.string else {
            Issue.record("\(name): the case has no selector")
            return
        }
        if test.member("invalid_selector")?.bool == true {
            #expect(throws: JSONPathError.self, "\(name): \(selector)") { try JSONPath(selector) }
            return
        }
        guard let document = test.member("document"), let path = try? JSONPath(selector),
            let nodes = try? path.nodes(in: document)
        else {
            Issue.record("\(name): \(selector) was refused")
            return
        }
        let values = nodes.map(\.json)
        #expect(
            alternatives(test, "result", "results").contains { $0.elements.map(\.json) == values },
            "\(name): \(selector)"
        )
        let paths = nodes.map { document.normalizedPath(to: $0) }
        let allowedPaths = alternatives(test, "result_paths", "results_paths").map { $0.elements.map(\.string) }
        #expect(allowedPaths.contains(paths), "\(name): \(selector)")
    }

    /// What a case allows: one result, or a list of results of which any will do.
    private func alternatives(_ test: JSONNode, _ one: String, _ several: String) -> [JSONNode] {
        if let result = test.member(one) { return [result] }
        return test.member(several).map { Array($0.elements) } ?? []
    }
}
