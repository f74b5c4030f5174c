import Foundation
import Journal
import Testing
import Vocabulary

extension EndToEndTests {
    /// `reloader journal` on files in every state that a service may leave them in.
    @Suite("Journal commands")
    struct JournalCommandTests {
        private static let model = ModelReference(name: "order-to-cash", poolID: "p-1", dataModelID: "m-1")
        private static let hourAgo = WallTime(milliseconds: SystemClock().now().wall.milliseconds - 3_600_000)

        /// A job that failed, one whose load is watched, a hold and a remembered event.
        private static let entries: [JournalEntry] = [
            .job(
                JournaledJob(
                    id: JobID(rawValue: 1),
                    model: model,
                    phase: .failed(culprits: [.table("EKPP")]),
                    createdAt: hourAgo,
                    events: [EventID(rawValue: 7)],
                    eventCount: 3,
                    attempts: 2,
                    failures: 2,
                    error: "no such table"
                )
            ),
            .job(
                JournaledJob(
                    id: JobID(rawValue: 2),
                    model: model,
                    phase: .answered(LoadBaseline(mark: "load-9")),
                    createdAt: hourAgo
                )
            ),
            .changed(
                JobID(rawValue: 2),
                [
                    JournaledChange(selector: .table("EKKO"), unknown: .fail, since: hourAgo),
                    JournaledChange(selector: .table("evil\u{1b}[2J\n"), unknown: .ignore, since: hourAgo),
                ]
            ),
            .held(model),
            .remembered(
                RememberedEvent(
                    source: "fivetran",
                    key: DuplicateKey(bytes: Array("key-canary, thirty-two bytes lon".utf8))!,
                    event: EventID(rawValue: 7),
                    jobs: [JobID(rawValue: 1)],
                    expiresAt: hourAgo
                )
            ),
        ]

        private func run(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
            try await Program("reloader", ["journal"] + arguments).ended()
        }

        private func expectAll(_ path: String) async throws {
            let check = try await run("check", path)
            #expect(check.status == 0, "\(check.errors)")
            #expect(
                check.output == "\(path): ok, schema 2, 2 jobs, 2 changes, 1 model on hold, 1 remembered event\n",
                "\(check.errors)"
            )
            let export = try await run("export", path)
            #expect(export.status == 0)
            for words in [
                "\(JobID(rawValue: 1))  order-to-cash (pool p-1, data model m-1)  failed", "error: no such table",
                "could not be loaded: EKPP",
                "\(JobID(rawValue: 2))  order-to-cash (pool p-1, data model m-1)  answered",
                "EKKO  changed \(Self.hourAgo.rfc3339) (1 h ", "evil\\u001b[2J\\n", "on hold: order-to-cash",
            ] {
                #expect(export.output.contains(words), "\(words) in \(export.output)")
            }
            #expect(!export.output.contains("key-canary"))
            let json = try await run("export", path, "--format", "json")
            let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let jobs = try #require(document?["jobs"] as? [[String: Any]])
            #expect(jobs.map { $0["phase"] as? String } == ["failed", "answered"])
            #expect(jobs[1]["baseline"] as? String == "load-9")
            #expect((jobs[1]["tables"] as? [[String: String]])?.first?["table"] == "EKKO")
            #expect(document?["remembered"] as? Int == 1)
            #expect(document?["valid"] as? Bool == true)
            #expect(!json.output.contains("key-canary"))
        }

        @Test(
            "they read a journal in use, one that was closed, and one whose owner was killed, and change none of them"
        )
        func states() async throws {
            let folder = try TemporaryFolder()
            let path = folder.url.path + "/journal.sqlite"
            let journal = try SQLiteJournal(path: path)
            try journal.commit(Self.entries)
            try await expectAll(path)
            // The owner goes on as if nothing had been.
            try journal.commit([.released(Self.model), .held(Self.model)])
            // What the kill of its owner leaves: the files as they are now, and no lock.
            let crashed = folder.url.path + "/crashed.sqlite"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: crashed + suffix)
            }
            let before = try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: crashed + $0)) }
            try await expectAll(crashed)
            #expect(try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: crashed + $0)) } == before)
            let image = try journal.recover()
            journal.close()
            let closed = try Data(contentsOf: URL(fileURLWithPath: path))
            try await expectAll(path)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == closed)
            let again = try SQLiteJournal(path: path)
            #expect(try again.recover() == image)
            again.close()
        }

        @Test("check warns of a journal that could not be opened here, at its line, and is content")
        func place() async throws {
            let folder = try TemporaryFolder()
            for (path, words) in [
                (folder.url.path + "/missing/journal.sqlite", "\(folder.url.path)/missing/ does not exist here"),
                (folder.url.path, "is to be a file, and \(folder.url.path) is something else"),
                (folder.url.path + "/journal.sqlite", nil),
            ] as [(String, String?)] {
                let text = World.configuration(
                    celonis: "http://127.0.0.1:1",
                    debounce: "9m",
                    model: "",
                    sections: "journal: { path: \(path) }"
                )
                let file = try folder.file("reloader.yaml", text)
                let end = try await Program(
                    "reloader",
                    ["check", "--config", file],
                    environment: ["SENDER_SECRET": "s", "CLIENT_ID": "c", "CLIENT_SECRET": "s"]
                ).ended()
                #expect(end.status == 0, "\(end.output)\(end.errors)")
                let line = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
                    $0.hasPrefix("journal:")
                }
                let place = "\(file):\((line ?? 0) + 1):18: warning: "
                #expect(end.output.contains(place) == (words != nil), "\(end.output)")
                if let words { #expect(end.output.contains(words), "\(end.output)") }
            }
        }

        @Test("what is no journal is named, with exit code 1; wrong usage is 64")
        func refused() async throws {
            let folder = try TemporaryFolder()
            let text = try folder.file("notes.txt", "not a journal, and long enough to be read as one")
            for (path, words) in [
                (text, "is a file of another program"), (folder.url.path + "/missing", "there is no such file"),
                (folder.url.path, "is not a file"),
            ] {
                for command in ["check", "export"] {
                    let end = try await run(command, path)
                    #expect(end.status == 1)
                    #expect(end.output == "")
                    #expect(end.errors.contains(words), "\(end.errors)")
                }
            }
            #expect(try await run("check").status == 64)
            #expect(try await run("check", text, "--format", "xml").status == 64)
            #expect(try await Program("reloader", ["journal", "mend", text]).ended().status == 64)
        }

        @Test("an empty file is no journal yet, which is not called whole")
        func empty() async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("journal.sqlite", "")
            let check = try await run("check", path)
            #expect(check.status == 1)
            #expect(check.output.hasPrefix("\(path): empty, so no journal yet"), "\(check.output)\(check.errors)")
            #expect(try await run("check", path, "--format", "json").output.contains(#""valid":false"#))
        }

        @Test("of a damaged journal export prints what can still be read, and both end with 1")
        func damaged() async throws {
            let folder = try TemporaryFolder()
            let path = folder.url.path + "/journal.sqlite"
            let journal = try SQLiteJournal(path: path)
            try journal.commit(Self.entries)
            let many = (0..<5000).map {
                JournaledChange(selector: .table("TABLE_\($0)"), unknown: .fail, since: Self.hourAgo)
            }
            try journal.commit([.changed(JobID(rawValue: 2), many)])
            journal.close()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let last = try #require(bytes.lastRange(of: Data("TABLE_4999".utf8))).lowerBound / 4096 * 4096
            for index in last..<last + 64 { bytes[index] ^= 0xff }
            try bytes.write(to: URL(fileURLWithPath: path))

            let check = try await run("check", path)
            #expect(check.status == 1)
            #expect(check.output.hasPrefix("\(path): damaged, schema 2, 2 jobs, "), "\(check.output)\(check.errors)")
            #expect(check.output.contains("  damage: "))
            let export = try await run("export", path)
            #expect(export.status == 1)
            for words in ["error: no such table", "EKKO  changed", "on hold: order-to-cash"] {
                #expect(export.output.contains(words))
            }
        }
    }
}
