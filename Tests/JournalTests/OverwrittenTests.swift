import Foundation
import Journal
import OffThePool
import Testing
import Vocabulary

/// What other programs can do to the files of a journal that is open.
@Suite("A journal that others write to while it is open", .offThePool)
struct OverwrittenTests {
    private static func entries(_ number: UInt64) -> [JournalEntry] {
        let names = (0..<20).map { Example.change("TABLE_\(number)_\($0)") }
        return [.job(Example.job(number)), .changed(Example.id(number), names)]
    }

    /// What is done, to which of the journal's files.
    enum Harm: CaseIterable, Sendable {
        case emptied, cut, another, header
        case logEmptied, logCut, logHeader

        var file: Int {
            switch self {
            case .emptied, .cut, .another, .header: 0
            case .logEmptied, .logCut, .logHeader: 1
            }
        }

        func apply(to path: String) throws {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let size = try file.seekToEnd()
            switch self {
            case .emptied, .logEmptied: try file.truncate(atOffset: 0)
            case .cut, .logCut: try file.truncate(atOffset: size / 2)
            case .another:
                try file.truncate(atOffset: 0)
                try file.write(contentsOf: Data(repeating: 65, count: Int(size)))
            case .header, .logHeader:
                try file.seek(toOffset: 16)
                try file.write(contentsOf: Data(repeating: 65, count: 16))
            }
        }
    }

    @Test(
        "nothing is called safe, nor is the other's file touched; once it is as it was, on it goes",
        arguments: Harm.allCases
    )
    func overwritten(_ harm: Harm) throws {
        let place = Place()
        try place.fill(2000)
        let journal = try place.open()
        for number in UInt64(2)...4 { try journal.commit(Self.entries(number)) }
        let path = place.files[harm.file]
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        try harm.apply(to: path)
        let harmed = try Data(contentsOf: URL(fileURLWithPath: path))
        for entries in [Self.entries(5), [], Self.entries(5)] {
            #expect { try journal.commit(entries) } throws: { error in
                guard case .lost(let text) = error as? JournalError else { return false }
                return text.contains("another program wrote to")
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == harmed)

        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: before)
        try file.close()
        try journal.commit(Self.entries(5))
        #expect(try place.imageAfterCrash().jobs.count == 5)

        try harm.apply(to: path)
        journal.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == harmed || harm.file == 1)
    }

    @Test("no file of it is in this process's memory, where a cut would end the process")
    func unmapped() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.entries(1))
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        #expect(!maps.contains(place.directory.path))
        let names = try FileManager.default.contentsOfDirectory(atPath: place.directory.path)
        #expect(names.sorted() == ["journal.sqlite", "journal.sqlite-wal"])
    }

    @Test("another program that opens it is told that it is in use, and disturbs nothing")
    func intruder() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.entries(1))
        for sql in ["SELECT * FROM held", "DELETE FROM jobs", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            #expect(throws: (any Error).self) { try place.run(sql) }
        }
        try journal.commit(Self.entries(2))
        #expect(try place.imageAfterCrash().jobs.count == 2)
    }

    @Test("damage that a commit meets: what was committed may be gone, too")
    func damaged() throws {
        let place = Place()
        try place.fill(100_000)
        let journal = try place.open()
        defer { journal.close() }
        try place.damageAllButTheFirstPage()
        #expect {
            for number in 0..<100_000 {
                try journal.commit([.changed(Example.id(1), [Example.change("TABLE_\(number)")])])
            }
        } throws: { error in
            guard case .lost(let text) = error as? JournalError else { return false }
            return text.contains("is damaged")
        }
    }

    @Test("an empty file with a log beside it is no new journal: the log would be thrown away")
    func emptiedBeforeTheStart() throws {
        let place = Place()
        let path = place.path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(FileManager.default.createFile(atPath: path + "-wal", contents: Data(repeating: 1, count: 4096)))
        let words = "is empty, and its log \(path)-wal is not (4096 bytes)"
        func isNamed(_ error: any Error) -> Bool { (error as? JournalError)?.message.contains(words) == true }
        #expect { try place.open() } throws: { isNamed($0) }
        #expect { try JournalContents(of: path) } throws: { isNamed($0) }
        try FileManager.default.removeItem(atPath: path + "-wal")
        try place.open().close()
    }
}
