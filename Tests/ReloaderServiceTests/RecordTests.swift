import Foundation
import JSONPath
import Logging
import Testing
import Vocabulary

@testable import ReloaderService
@testable import Settings

@Suite("The record of accepted events")
struct RecordTests {
    private static let at = WallTime(milliseconds: 1_790_000_000_123)

    private func event(_ body: String, headers: HeaderList = HeaderList()) -> RecordedEvent {
        RecordedEvent(at: Self.at, source: "etl", headers: headers, body: Array(body.utf8))
    }

    private func line(_ event: RecordedEvent) -> String {
        var text: [UInt8] = []
        event.append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("record-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test("one line an event, whatever line breaks the body has; it reads back as what it was")
    func roundTrip() throws {
        let headers = HeaderList([("x-kind", "a\"b"), ("x-more", "1"), ("x-more", "2")])
        let text = line(event("\u{FEFF}{\r\n  \"a\": [1,\n2], \"b\": \"x\\ny\"\n}", headers: headers))
        #expect(text.filter { $0 == "\n" }.count == 1)
        #expect(text.hasPrefix(#"{"at":"2026-09-21T14:13:20.123Z","source":"etl","headers":{"x-kind":"a\"b","#))
        #expect(text.contains(#""x-more":["1","2"]},"body":{"#))

        var parser = JSONParser(enclosingDepth: 1)
        let read = try parser.parse(Array(text.utf8)) { root -> (WallTime, String, [String], String)? in
            guard let line = try? RecordedLine(root) else { return nil }
            return (line.at, line.source, line.headers.values(named: "X-More"), line.body.json)
        }
        #expect(read?.0 == Self.at)
        #expect(read?.1 == "etl")
        #expect(read?.2 == ["1", "2"])
        #expect(read?.3 == #"{"a":[1,2],"b":"x\ny"}"#)
    }

    @Test("over its size it is rotated once, for its owner only, and holds whole lines")
    func rotation() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("e.jsonl").path
        // A line cut off by a power cut, readable by all.
        try Data("{\"at".utf8).write(to: URL(fileURLWithPath: path))
        let size = line(event("1")).utf8.count
        let settings = RecordSettings(path: path, maxSize: 3 * size)
        var output = RecordOutput()
        let events = (0..<8).map { event(String($0)) }
        #expect(output.write(Array(events[..<1]), to: settings).written == 1)
        #expect(output.write(Array(events[1...]), to: settings).written == 7)

        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let former = try String(contentsOfFile: path + ".1", encoding: .utf8).split(separator: "\n")
        #expect(former.map { $0.suffix(2) } == ["2}", "3}", "4}"])
        #expect(lines.map { $0.suffix(2) } == ["5}", "6}", "7}"])
        for file in [path, path + ".1"] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        // Moved away by somebody: a new one begins.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
        #expect(output.write([event("9")], to: settings).written == 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("9}\n"))
    }

    @Test("what is no plain file is refused")
    func plainFilesOnly() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let fifo = folder.appendingPathComponent("fifo").path
        #expect(mkfifo(fifo, 0o600) == 0)
        for path in [fifo, folder.path, "/dev/null", folder.path + "/missing/e.jsonl"] {
            var output = RecordOutput()
            let (written, error) = output.write([event("1")], to: RecordSettings(path: path, maxSize: 1000))
            #expect(written == 0)
            #expect(error?.description.hasPrefix(path + ": ") == true)
        }
    }

    @Test("the recorder follows its settings, and counts what it writes and loses")
    func recorder() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (one, two) = (folder.appendingPathComponent("1").path, folder.appendingPathComponent("2").path)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let recorder = Recorder(nil, clock: SystemClock(), logger: logger)
        #expect(!recorder.isOn)
        for path in [one, two, folder.path] {
            recorder.configure(RecordSettings(path: path, maxSize: 1 << 20))
            #expect(recorder.isOn)
            recorder.record(event("1"))
            recorder.record(event("2"))
            await recorder.finish(within: .seconds(60))
        }
        #expect(recorder.counts.written == 4)
        #expect(recorder.counts.lost == 2)
        for path in [one, two] {
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).filter { $0 == 10 }.count == 2)
        }
    }

    @Test("trouble is told at once, then once a minute with what was lost since, and its end once")
    func losses() {
        func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }
        var losses = RecordLosses()
        #expect(losses.wrote(lost: 0, trouble: nil, at: at(0)) == nil)
        #expect(losses.wrote(lost: 2, trouble: "full", at: at(1)) == .failing("full", lost: 2))
        #expect(losses.wrote(lost: 3, trouble: "full", at: at(60)) == nil)
        #expect(losses.wrote(lost: 1, trouble: "full", at: at(61)) == .failing("full", lost: 4))
        #expect(losses.wrote(lost: 5, trouble: "full", at: at(62)) == nil)
        #expect(losses.wrote(lost: 0, trouble: nil, at: at(63)) == .recovered(lost: 5))
        #expect(losses.wrote(lost: 0, trouble: nil, at: at(64)) == nil)
    }
}
