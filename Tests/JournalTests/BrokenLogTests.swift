import Foundation
import Journal
import OffThePool
import Testing
import Vocabulary

/// Logs that break off before their end: where power was lost, or where somebody wrote to them.
@Suite("A journal whose log breaks off", .offThePool)
struct BrokenLogTests {
    private static let frame = 24 + 4096

    /// What a killed process leaves: the file and its log, and what was on disk after each of some commits.
    private struct Remains {
        let place = Place()
        /// The log's size after each commit, and what was recovered then.
        var commits: [(size: Int, image: JournalImage)] = []
        var log: Data

        /// Of a new journal, or of one whose log began anew.
        init(anew: Bool = false) throws {
            let owner = Place()
            let journal = try owner.open()
            defer { journal.close() }
            func commit(_ number: UInt64, _ changes: Int) throws {
                let names = (0..<changes).map { Example.change("TABLE_\(number)_\($0)") }
                try journal.commit([
                    .ended(Example.id(number - 1)), .job(Example.job(number)), .changed(Example.id(number), names),
                ])
            }
            let first = try owner.logHeader
            var number: UInt64 = 0
            while anew, number < 1000, try owner.logHeader == first {
                number += 1
                try commit(number, 1000)
            }
            for number in number...number + 5 {
                // At first what the schema took.
                if number > 0 { try commit(number + 10_000, 300) }
                commits.append((try Data(contentsOf: owner.log).count, try journal.recover()))
            }
            for (file, copy) in zip(owner.files, place.files) {
                try FileManager.default.copyItem(atPath: file, toPath: copy)
            }
            log = try Data(contentsOf: owner.log)
        }

        /// Opens it as a service does that starts after this was done to its log.
        func opened(after harm: (inout Data) -> Void) throws -> Result<JournalImage, JournalError> {
            let copy = Place()
            try FileManager.default.copyItem(atPath: place.path, toPath: copy.path)
            var log = log
            harm(&log)
            try log.write(to: copy.log)
            do throws(JournalError) {
                let journal = try SQLiteJournal(path: copy.path, sync: .full)
                defer { journal.close() }
                return .success(try journal.recover())
            } catch {
                #expect(try Data(contentsOf: copy.log) == log, "what is refused is left as it is")
                return .failure(error)
            }
        }
    }

    @Test("overwritten where later commits show that more was there: refused, whichever byte it was")
    func overwritten() throws {
        let remains = try Remains()
        let sizes = remains.commits.map(\.size)
        try #require(sizes.last == remains.log.count && remains.commits[1].size > sizes[0] + 2 * Self.frame)
        for start in stride(from: 32, to: remains.log.count, by: Self.frame) {
            // The page's number, the checksum, and the page.
            for byte in [0, 16, 24 + 2000] {
                let outcome = try remains.opened { $0[start + byte] ^= 0xff }
                let broken = try #require(sizes.firstIndex { $0 > start })
                let kept = broken == 0 ? 32 : sizes[broken - 1]
                // Without its last frame, nothing shows that a commit was one; without what comes after it, neither.
                let isLastFrame = start + Self.frame == sizes[broken]
                let isShown = broken < sizes.count - (isLastFrame && byte == 16 ? 2 : 1)
                switch outcome {
                case .failure(let error):
                    #expect(isShown)
                    #expect(error.isUnusable)
                    #expect(error.message.contains("can be read up to byte \(kept), and "), "\(error.message)")
                    #expect(error.message.contains("`truncate -s \(kept) "), "\(error.message)")
                case .success(let image):
                    #expect(!isShown, "\(byte) of the frame at \(start)")
                    #expect(broken == 0 ? image.jobs.isEmpty : image == remains.commits[broken - 1].image)
                }
            }
        }
    }

    @Test("a log without its own header is not taken for none")
    func withoutHeader() throws {
        let remains = try Remains()
        for byte in [0, 5, 10, 17, 25] {
            guard case .failure(let error) = try remains.opened(after: { $0[byte] ^= 0xff }) else {
                Issue.record("opened")
                continue
            }
            #expect(
                error.message.contains("can be read up to byte 0, and \(remains.log.count) bytes"),
                "\(error.message)"
            )
        }
    }

    @Test("the end of a commit that power cut short is left out, wherever it was cut")
    func torn() throws {
        let remains = try Remains()
        let sizes = remains.commits.map(\.size)
        let before = remains.commits[sizes.count - 2]
        for start in stride(from: before.size, to: remains.log.count, by: Self.frame) {
            for cut in [start, start + 10, start + 24, start + 3000] {
                let image = try remains.opened { $0.removeSubrange(cut...) }.get()
                #expect(image == before.image)
            }
            // The disk may have written what comes later first.
            let image = try remains.opened {
                $0.replaceSubrange(start..<start + Self.frame, with: Data(count: Self.frame))
            }
            #expect(try image.get() == before.image)
        }
    }

    @Test("a log that began anew: what is left of the round before is no loss, what is overwritten in this one is")
    func anew() throws {
        let remains = try Remains(anew: true)
        let end = try #require(remains.commits.last)
        try #require(end.size == remains.log.count, "a log that stays as long as it was")
        #expect(try remains.opened { _ in }.get() == end.image)
        let first = remains.log[40..<48]
        let used = stride(from: 32, to: remains.log.count, by: Self.frame).prefix {
            remains.log[$0 + 8..<$0 + 16] == first
        }
        try #require(used.count > 10 && 32 + used.count * Self.frame < remains.log.count)
        for start in used.dropLast(used.count / 2) {
            guard case .failure = try remains.opened(after: { $0[start + 100] ^= 0xff }) else {
                Issue.record("the frame at \(start) of \(used.count) is missed by nobody")
                continue
            }
        }
    }

    @Test("cut off where the refusal says, it opens with all that was before")
    func goOn() throws {
        let remains = try Remains()
        let image = try remains.opened { $0.removeSubrange(remains.commits[2].size...) }.get()
        #expect(image == remains.commits[2].image)
    }

    @Test("commits that do not wait for the disk may be lost with its power: what is left opens, and says so")
    func normal() throws {
        let remains = try Remains()
        let log = remains.place.log
        var bytes = remains.log
        bytes[remains.commits[2].size + 100] ^= 0xff
        try bytes.write(to: log)

        let contents = try JournalContents(of: remains.place.path)
        let lost = bytes.count - remains.commits[2].size
        let words = "can be read up to byte \(remains.commits[2].size), and \(lost) bytes of what was committed"
        #expect(contents.image == remains.commits[2].image)
        #expect(contents.damage.count == 1 && contents.damage[0].contains(words), "\(contents.damage)")

        let journal = try SQLiteJournal(path: remains.place.path, sync: .normal)
        defer { journal.close() }
        #expect(journal.loss?.contains(words) == true)
        #expect(try journal.recover() == remains.commits[2].image)
    }
}

extension Place {
    fileprivate var log: URL { URL(fileURLWithPath: files[1]) }

    /// Another one for each round.
    fileprivate var logHeader: Data { get throws { try Data(contentsOf: log).prefix(32) } }
}
