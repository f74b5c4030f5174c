import Logging
import ReloadQueue
import Synchronization
import Testing
import Vocabulary

@testable import ReloaderService
@testable import Settings

@Suite("Log lines")
struct ServiceLogTests {
    private final class Lines: Sendable {
        let text = Mutex("")
    }

    private final class FixedClock: TimeSource {
        func now() -> Now { Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 0)) }
    }

    private func line(_ format: LogStyle.Format, _ write: (Logger) -> Void) -> String {
        line(LogStyle(level: .info, format: format), write)
    }

    private func line(_ style: LogStyle, _ write: (Logger) -> Void) -> String {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in
            ServiceLog(style: style, clock: FixedClock()) { line in lines.text.withLock { $0 += line } }
        }
        write(logger)
        return lines.text.withLock { $0 }
    }

    @Test("text: time, level, message, sorted fields, and one line whatever is in them")
    func text() {
        let line = line(.text) { $0.info("job changed", metadata: ["b": "two words", "a": "x\nforged line"]) }
        #expect(
            line == "1970-01-01T00:00:00.000Z info     job changed a=\"x\\nforged line\" b=\"two words\"\n"
        )
    }

    @Test("a job of thousands of tables is a line that can be read")
    func manyTables() {
        let job = JobSnapshot(
            id: JobID(rawValue: 1),
            model: ModelReference(name: "m", poolID: "p", dataModelID: "d"),
            state: .waiting,
            tables: TableNames(unordered: (1000..<4000).map { "T\($0)" }.shuffled()),
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0)
        )
        let line = line(.text) { $0.log(.job(job, reason: "changed tables wait")) }
        #expect(line.contains("tables=\"T1000,T1001,"))
        #expect(line.contains(",T1099 and 2900 more\""), "\(line)")
        #expect(!line.contains("T1100"))
    }

    @Test("json: one object a line")
    func json() {
        let line = line(.json) { $0.error("m", metadata: ["k": "\"\n"]) }
        #expect(
            line == #"{"time":"1970-01-01T00:00:00.000Z","level":"error","message":"m","k":"\"\n"}"# + "\n"
        )
    }

    @Test("what is below the level is not written")
    func level() {
        #expect(line(.text) { $0.debug("m") } == "")
    }

    @Test("what a terminal could obey is escaped, in both forms")
    func unprintable() {
        let name = "a\u{1B}[2J\u{7F}\u{9B}\u{85}\u{2028}\u{202E}\u{2066}\u{200F}é"
        let escaped = #"a\u001b[2J\u007f\u009b\u0085\u2028\u202e\u2066\u200fé"#
        #expect(line(.text) { $0.info("m", metadata: ["k": "\(name)"]) }.hasSuffix("m k=\"\(escaped)\"\n"))
        #expect(line(.json) { $0.info("m", metadata: ["k": "\(name)"]) }.hasSuffix(#""k":"\#(escaped)"}"# + "\n"))
        #expect(line(.text) { $0.info("m", metadata: ["k": "\u{9B}"]) }.hasSuffix(#"m k="\u009b""# + "\n"))
    }

    @Test("a new configuration changes level and format of loggers that are in use, but not a level set on one of them")
    func newConfiguration() {
        let style = LogStyle(level: .info, format: .text)
        let written = line(style) { logger in
            var quiet = logger
            quiet.logLevel = .critical
            style.set(LogSettings(level: .debug, format: .json))
            logger.debug("m")
            quiet.error("not written")
        }
        #expect(written == #"{"time":"1970-01-01T00:00:00.000Z","level":"debug","message":"m"}"# + "\n")
    }
}
