import Admin
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("The status in the terminal")
struct StatusTableTests {
    private func report(model name: String = "orders", table: String = "EKKO") -> HealthReport {
        let failed = JobSnapshot(
            id: JobID(rawValue: 1),
            model: ModelReference(name: name, poolID: "p", dataModelID: "d"),
            state: .ended,
            outcome: .failed,
            tables: ["EKKO"],
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0)
        )
        let model = ModelSnapshot(
            model: failed.model,
            state: .held,
            held: true,
            pendingChanges: [PendingChange(table: table, since: WallTime(milliseconds: 0))],
            pendingSince: nil,
            oldestChangeAge: nil,
            maxWait: .seconds(600),
            loadAt: nil,
            loading: nil,
            lastLoad: failed,
            failedJobs: 0,
            attempts: 0,
            changes: 0,
            loads: [],
            loadDuration: Histogram(),
            freshness: Histogram()
        )
        let now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 0))
        return HealthReport(
            ServiceSnapshot(
                version: "0.1.0",
                startedAt: WallTime(milliseconds: 0),
                configuration: ConfigurationSnapshot(loadedAt: WallTime(milliseconds: 0)),
                queue: QueueSnapshot(at: now, models: [model], jobs: [:], breakers: [], draining: false),
                sources: [],
                unknownPaths: 0,
                openConnections: 0
            )
        )
    }

    @Test("a table's name that an event made long is cut")
    func long() {
        let text = StatusTable(report(table: String(repeating: "x", count: 1_000_000)), style: .plain).text
        #expect(text.contains(String(repeating: "x", count: 128) + "… (1000000 bytes)  "))
        #expect(text.utf8.count < 2000)
        // To Swift this is one character.
        let accents = StatusTable(report(table: "e" + String(repeating: "\u{301}", count: 1_000_000)), style: .plain)
            .text
        #expect(accents.utf8.count < 3000)
    }

    @Test("colours stand around words and change nothing else; plain has none")
    func colours() {
        let plain = StatusTable(report(), style: .plain).text
        let coloured = StatusTable(report(), style: .coloured).text
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("status    \u{1B}[33mdegraded\u{1B}[0m   ("))
        #expect(coloured.contains("\u{1B}[33mheld\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[31mfailed "))
        #expect(coloured.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == plain)
    }

    @Test(
        "what comes from elsewhere cannot paint or move anything, coloured or not",
        arguments: [TextStyle.plain, .coloured]
    )
    func hostile(_ style: TextStyle) {
        let text = StatusTable(report(model: "a\u{1B}[2Jb"), style: style).text
        #expect(!text.contains("\u{1B}[2J"))
        #expect(text.contains("a\\u001b[2Jb"))
    }

    @Test("colour only on a terminal that can, and never with NO_COLOR")
    func style() {
        func style(_ isTerminal: Bool, _ noColor: String?, _ kind: String?) -> TextStyle {
            TextStyle(isTerminal: isTerminal, noColor: noColor, terminalKind: kind)
        }
        #expect(style(true, nil, "xterm") == .coloured)
        #expect(style(true, "", nil) == .coloured)
        #expect(style(true, "1", "xterm") == .plain)
        #expect(style(true, nil, "dumb") == .plain)
        #expect(style(false, nil, "xterm") == .plain)
    }
}
