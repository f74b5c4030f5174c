import Foundation
import Testing
import Vocabulary

@testable import Admin

@Suite("The dashboard")
struct DashboardTests {
    private func text(_ file: DashboardFile) -> String { String(decoding: file.bytes, as: UTF8.self) }

    @Test("nothing is inline and nothing comes from elsewhere, so that the policy can forbid both")
    func policy() throws {
        let page = text(.page)
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(try Regex("<script(?![^>]* src=\"/)").firstMatch(in: page) == nil)
        #expect(try Regex("<style|\\sstyle=|\\son[a-z]+=|javascript:").firstMatch(in: page) == nil)
        for file in DashboardFile.allCases {
            for address in text(file).matches(of: /https?:\/\/[^\s'")]+/) {
                // The names of SVG, which nobody fetches.
                #expect(address.output == "http://www.w3.org/2000/svg", "\(file)")
            }
            #expect(file.headers.contains { $0 == ("content-security-policy", DashboardFile.policy) })
            #expect(!text(file).contains("@import"))
        }
        #expect(DashboardFile.policy.hasPrefix("default-src 'none';"))
        #expect(!DashboardFile.policy.contains("unsafe"))
    }

    @Test(
        "no script turns text into markup or code",
        arguments: DashboardFile.allCases.filter { $0.contentType.hasPrefix("text/javascript") }
    )
    func escaping(file: DashboardFile) throws {
        let ways =
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|Function\\(|setHTML|srcdoc|DOMParser"
        #expect(try Regex(ways).firstMatch(in: text(file)) == nil)
    }

    @Test("every reference of the page is one of its files")
    func references() {
        let names = text(.page).matches(of: /(?:src|href)="\/([^"]*)"/).map { String($0.output.1) }
        #expect(names.count { DashboardFile(rawValue: $0) != nil } == 2)
        for module in [DashboardFile.script, .cards, .charts] {
            let imports = text(module).matches(of: /from "\.\/([^"]+)"/).map { String($0.output.1) }
            #expect(!imports.isEmpty)
            #expect(imports.allSatisfy { DashboardFile(rawValue: $0) != nil }, "\(imports)")
        }
    }
}

@Suite("Messages of the stream")
struct StreamMessageTests {
    @Test("a message is one event, whatever stands in its texts")
    func hostile() throws {
        let change = StreamMessage.OtherChange(
            at: WallTime(milliseconds: 0),
            what: "look_failed",
            model: "a\n\nevent: job\ndata: {}\r\u{2028}",
            detail: "</script><img src=x onerror=alert(1)>\u{0}"
        )
        let text = String(decoding: try StreamMessage.change(change).encoded(id: "1-1"), as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        #expect(lines.count == 5)
        #expect(lines[0] == "event: change")
        #expect(lines[1] == "id: 1-1")
        #expect(lines[2].hasPrefix("data: {"))
        #expect(lines[3...] == ["", ""])
        let data = Array(lines[2].dropFirst(6).utf8)
        #expect(try AdminJSON.decode(StreamMessage.OtherChange.self, data).model == change.model)
    }
}

@Suite("The time line")
struct TimelineTests {
    private let from = WallTime(milliseconds: 0)
    private let to = WallTime(milliseconds: 3_600_000)

    private func job(_ id: UInt64, _ model: String, ended: Int64?, tables: Int = 1) -> JobSnapshot {
        JobSnapshot(
            id: JobID(rawValue: id),
            model: ModelReference(name: model, poolID: "p", dataModelID: "d"),
            state: ended == nil ? .waiting : .ended,
            tables: TableNames((0..<tables).map { "T\($0)" }),
            events: [],
            eventCount: 3,
            createdAt: WallTime(milliseconds: -10_000),
            endedAt: ended.map { WallTime(milliseconds: $0) }
        )
    }

    private func timeline(_ activity: [Activity], _ jobs: [JobSnapshot] = []) -> TimelineDocument {
        TimelineDocument(from: from, to: to, activity: activity, activityCompleteSince: nil, jobs: jobs)
    }

    @Test("events of a model that are close together are one tick, of two models they are two")
    func ticks() {
        // 3,600 s in 1,200 steps of 3 s.
        let times: [(Int64, Set<String>)] = [
            (0, ["a"]), (1000, ["a", "b"]), (2999, ["a"]), (3000, ["a"]), (9000, ["b"]),
        ]
        let activity = times.reversed().map { Activity(at: WallTime(milliseconds: $0.0), models: $0.1) }
        let models = timeline(activity).models
        #expect(models["a"]?.events.map(\.count) == [3, 1])
        #expect(models["a"]?.events.map(\.at) == ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:03.000Z"])
        #expect(models["b"]?.events.map(\.count) == [1, 1])
    }

    @Test("jobs that ended before are left out, and those that are open are not; many tables are cut")
    func jobs() {
        let models = timeline(
            [],
            [
                job(3, "a", ended: nil, tables: 30), job(2, "a", ended: 5), job(1, "a", ended: -1),
                job(0, "b", ended: -1),
            ]
        ).models
        #expect(models["a"]?.jobs.map(\.id) == [JobID(rawValue: 3), JobID(rawValue: 2)].map(\.description))
        #expect(models["a"]?.jobs[0].tables.count == 8)
        #expect(models["a"]?.jobs[0].tableCount == 30)
        #expect(models["b"] == nil)
    }

    @Test("what has left the history is said to have left")
    func gone() {
        #expect(timeline([]).jobsCompleteSince == nil)
        let many = (0..<UInt64(TimelineDocument.mostJobs)).map { job($0, "a", ended: 5) }
        #expect(timeline([], many).jobsCompleteSince == "1969-12-31T23:59:50.000Z")
    }
}
