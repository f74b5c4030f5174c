import Foundation
import Journal
import OffThePool
import Synchronization
import Testing
import Vocabulary

@Suite("Reading a journal beside its owner", .offThePool)
struct ReaderTests {
    /// The job `number` takes the place of the one before it, with as many changes as ever.
    private static func turn(_ number: UInt64) -> [JournalEntry] {
        let changes = (0..<300).map { Example.change("TABLE_\(number)_\($0)") }
        return [.ended(Example.id(number - 1)), .job(Example.job(number)), .changed(Example.id(number), changes)]
    }

    @Test("what is read is one moment of it, however busy its owner is")
    func busy() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.turn(1))
        let isOver = Atomic(false)
        let ended = DispatchSemaphore(value: 0)
        let owner = Thread {
            var number: UInt64 = 1
            while !isOver.load(ordering: .relaxed) {
                number += 1
                do { try journal.commit(Self.turn(number)) } catch { Issue.record(error) }
            }
            ended.signal()
        }
        owner.start()
        // Before the journal is closed.
        defer {
            isOver.store(true, ordering: .relaxed)
            ended.wait()
        }
        var last: UInt64 = 0
        for _ in 0..<40 {
            let contents = try JournalContents(of: place.path)
            #expect(contents.damage.isEmpty)
            let job = try #require(contents.image.jobs.first)
            #expect(contents.image.jobs.count == 1)
            #expect(job.changes.count == 300)
            #expect(job.changes.allSatisfy { $0.selector.description.hasPrefix("TABLE_\(job.job.id.rawValue)_") })
            #expect(job.job.id.rawValue >= last)
            last = job.job.id.rawValue
        }
        #expect(last > 1)
    }

    @Test("it leaves nothing behind beside the journal")
    func tidy() throws {
        let place = Place()
        try place.fill(10)
        _ = try JournalContents(of: place.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.directory.path) == ["journal.sqlite"])
    }

    @Test("a file that nothing was written to is no journal yet")
    func empty() throws {
        let place = Place()
        try Data().write(to: URL(fileURLWithPath: place.path))
        #expect(try JournalContents(of: place.path).isEmpty)
        try place.run("PRAGMA journal_mode = WAL")
        #expect(try JournalContents(of: place.path).isEmpty)
        try place.open().close()
        #expect(try !JournalContents(of: place.path).isEmpty)
    }

    @Test("of a file that is damaged from its first page on it is not said to ask the command that was asked")
    func hopeless() throws {
        let place = Place()
        try place.fill(2000)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: place.path))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data(repeating: 0xff, count: 3996))
        try file.close()
        #expect { try JournalContents(of: place.path) } throws: { error in
            guard let text = (error as? JournalError)?.message else { return false }
            return text.contains("is damaged") && !text.contains("journal export")
        }
        #expect(refusal(place)?.message.contains("`reloader journal export \(place.path)`") == true)
    }
}
