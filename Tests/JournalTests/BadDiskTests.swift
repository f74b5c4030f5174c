import Foundation
import GRDB
import Journal
import OffThePool
import Testing
import Vocabulary

@Suite("The journal on bad disks", .offThePool)
struct BadDiskTests {
    private static func entries(_ number: UInt64) -> [JournalEntry] {
        let names = (0..<20).map { Example.change("TABLE_\(number)_\($0)") }
        return [.job(Example.job(number)), .changed(Example.id(number), names)]
    }

    @Test(
        "a full disk: an error, nothing half-written, and on it goes once there is room",
        .enabled(if: SmallDisk.canBeMade)
    )
    func full() throws {
        let disk = try SmallDisk(kibibytes: 512)
        let journal = try SQLiteJournal(path: disk.path)
        defer { withExtendedLifetime(disk) { journal.close() } }
        var book = JournalBook()
        var refused: JournalError?
        var number: UInt64 = 0
        while refused == nil && number < 10_000 {
            number += 1
            do throws(JournalError) {
                try journal.commit(Self.entries(number))
                try book.apply(Self.entries(number))
            } catch { refused = error }
        }
        #expect(number > 10)
        #expect(try #require(refused).message.contains("is full; make room"))
        #expect(refused?.isUnusable == false)
        #expect(throws: JournalError.self) { try journal.commit(Self.entries(number)) }
        #expect(try journal.recover() == book.image)

        try disk.resize(kibibytes: 8192)
        for number in number..<number + 20 {
            try journal.commit(Self.entries(number))
            try book.apply(Self.entries(number))
        }
        journal.close()
        let again = try SQLiteJournal(path: disk.path)
        defer { again.close() }
        #expect(try again.recover() == book.image)
    }

    @Test(
        "a disk that is full at the start: nobody is told that it goes on by itself",
        .enabled(if: SmallDisk.canBeMade)
    )
    func fullAtStart() throws {
        let disk = try SmallDisk(kibibytes: 16)
        defer { withExtendedLifetime(disk) {} }
        #expect { try SQLiteJournal(path: disk.path) } throws: { error in
            guard let text = (error as? JournalError)?.message else { return false }
            return text.contains("is full; make room, then start the service again") && !text.contains("by itself")
        }
    }

    @Test("a disk that cannot read some pages is not called a damaged file")
    func unreadable() throws {
        let place = Place()
        try place.fill(2000)
        FailingReads.begin(place.path)
        defer { FailingReads.end(place.path) }
        #expect { try place.open() } throws: { error in
            guard case .unavailable(let text) = error as? JournalError else { return false }
            return text.contains("look after its disk") && !text.contains("damaged")
        }
        FailingReads.end(place.path)
        #expect(refusal(place) == nil)
    }

    @Test(
        "a disk that cannot be written: refused at the start, with who must be allowed what",
        .enabled(if: SmallDisk.canBeMade)
    )
    func readOnly() throws {
        let disk = try SmallDisk(kibibytes: 512)
        try disk.setWritable(false)
        for _ in 1...2 {
            #expect { try SQLiteJournal(path: disk.path) } throws: { error in
                (error as? JournalError)?.message.contains("must be allowed to write") == true
            }
        }
        try disk.setWritable(true)
        let journal = try SQLiteJournal(path: disk.path)
        try journal.commit(Self.entries(1))
        journal.close()
    }

    @Test("a directory that is not there, a directory in its place, no file at all")
    func noPlace() throws {
        let place = Place()
        for (path, words) in [
            (place.directory.path + "/missing/journal.sqlite", "directory does not exist; create it"),
            (place.directory.path, "is a directory"), ("/dev/null", "is not a file"),
        ] {
            #expect { try SQLiteJournal(path: path) } throws: { error in
                (error as? JournalError)?.message.contains(words) == true
            }
        }
    }

    @Test(
        "files that vanish under it are written anew before anything is called safe",
        arguments: [[0], [1], [0, 1]]
    )
    func vanished(_ which: [Int]) throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        var book = JournalBook()
        for number in UInt64(1)...5 {
            try journal.commit(Self.entries(number))
            try book.apply(Self.entries(number))
            if number.isMultiple(of: 2) {
                for index in which { try FileManager.default.removeItem(atPath: place.files[index]) }
            }
        }
        #expect(try place.imageAfterCrash() == book.image)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.directory.path).count == 2)
        #expect(refusal(place)?.message.contains("belongs to another process") == true)
    }

    @Test("a commit of nothing notices a loss as well")
    func probe() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.entries(1))
        let image = try journal.recover()
        for file in place.files { try FileManager.default.removeItem(atPath: file) }
        try journal.commit([])
        #expect(try place.imageAfterCrash() == image)
    }

    @Test("a directory that vanishes: an error until it is back, then everything is there")
    func vanishedDirectory() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.entries(1))
        try FileManager.default.removeItem(atPath: place.directory.path)
        for _ in 1...2 {
            #expect { try journal.commit(Self.entries(2)) } throws: { error in
                guard case .lost(let text) = error as? JournalError else { return false }
                return text.contains("directory does not exist; create it")
            }
        }
        try FileManager.default.createDirectory(atPath: place.directory.path, withIntermediateDirectories: true)
        try journal.commit(Self.entries(2))
        var book = JournalBook()
        try book.apply(Self.entries(1) + Self.entries(2))
        #expect(try place.imageAfterCrash() == book.image)
    }

    @Test("another file in its place is left alone, and nothing is called safe until it is gone")
    func taken() throws {
        let place = Place()
        let journal = try place.open()
        defer { journal.close() }
        try journal.commit(Self.entries(1))
        for file in place.files { try FileManager.default.removeItem(atPath: file) }
        let other = Data("somebody else's".utf8)
        try other.write(to: URL(fileURLWithPath: place.path))
        #expect { try journal.commit(Self.entries(2)) } throws: { error in
            guard case .lost(let text) = error as? JournalError else { return false }
            return text.contains("another file lies in the place of the journal")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == other)
        try FileManager.default.removeItem(atPath: place.path)
        try journal.commit(Self.entries(2))
        #expect(try place.imageAfterCrash().jobs.count == 2)
    }

    @Test("files of other programs and of newer releases are refused, and left as they are")
    func foreign() throws {
        for (sql, words) in [
            ("CREATE TABLE mail (id)", "a file of another program"),
            ("PRAGMA application_id = 7", "a file of another program"),
            ("PRAGMA user_version = 3", "a file of another program"),
            ("PRAGMA application_id = 1382835314; PRAGMA user_version = 99", "written by a newer release"),
        ] {
            let place = Place()
            try place.run(sql)
            let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
            #expect(refusal(place)?.isUnusable == true)
            #expect(refusal(place)?.message.contains(words) == true, "\(sql)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
        }
        let place = Place()
        try Data(repeating: 65, count: 9000).write(to: URL(fileURLWithPath: place.path))
        #expect(refusal(place)?.message.contains("a file of another program") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == Data(repeating: 65, count: 9000))
    }

    @Test("an empty file is a new journal: a process may have died between its creation and the first write")
    func empty() throws {
        let place = Place()
        try Data().write(to: URL(fileURLWithPath: place.path))
        let journal = try place.open()
        #expect(try journal.recover() == JournalImage())
        journal.close()
    }

    @Test("a page that was overwritten is noticed at the start, wherever it lies")
    func damagedPages() throws {
        let place = Place()
        try place.fill(2000)
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.path))
        let pages = whole.count / 4096
        try #require(pages > 15)
        for page in 0..<pages {
            var damaged = whole
            // The bytes that say what lies where in the page; the first page has the file's header before them.
            let start = page * 4096 + (page == 0 ? 100 : 0)
            for index in start..<start + 64 { damaged[index] ^= 0xff }
            try damaged.write(to: URL(fileURLWithPath: place.path))
            let error = refusal(place)
            #expect(error?.message.contains("is damaged") == true, "page \(page): \(error?.message ?? "opened")")
            #expect(error?.isUnusable == true)
        }
        try whole.write(to: URL(fileURLWithPath: place.path))
        #expect(refusal(place) == nil)
    }

    @Test("damage that comes while it runs is told apart from what passes")
    func damagedLater() throws {
        let place = Place()
        try place.fill(100_000)
        let journal = try place.open()
        defer { journal.close() }
        try place.damageAllButTheFirstPage()
        #expect { try journal.recover() } throws: { ($0 as? JournalError)?.isUnusable == true }
    }

    @Test("a closed journal says so")
    func closed() throws {
        let place = Place()
        let journal = try place.open()
        journal.close()
        journal.close()
        #expect(throws: JournalError.self) { try journal.commit([.held(Example.orders)]) }
    }
}
