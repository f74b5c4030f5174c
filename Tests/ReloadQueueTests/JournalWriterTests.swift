import Dispatch
import Journal
import Synchronization
import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("The one writer of the journal")
struct JournalWriterTests {
    private let disk = MemoryJournal.Disk()
    /// However busy the machine is, no commit is slow, and none is made to look at the journal.
    private let patient = JournalWriter.Limits(lookAfter: .seconds(3600), slow: .seconds(3600))
    private let quick = JournalWriter.Limits(
        retryAfter: .milliseconds(1),
        lookAfter: .seconds(3600),
        slow: .seconds(3600)
    )

    private func write(_ number: UInt64) -> JournalWrite {
        JournalWrite(number: number, entries: [.held(.model("m\(number)"))])
    }

    @Test("what stands in line while a commit is under way becomes one group, in order")
    func groups() async {
        let gate = DispatchSemaphore(value: 0)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        disk.beforeCommit { _ in
            begin.yield()
            gate.wait()
        }
        let writer = JournalWriter(MemoryJournal(disk), limits: patient)
        writer.append(write(1))
        var begins = begun.makeAsyncIterator()
        await begins.next()
        for number in 2...100 as ClosedRange<UInt64> { writer.append(write(number)) }
        #expect(!writer.isWritten(1))
        gate.signal()
        #expect(await writer.settled(1))
        gate.signal()
        #expect(await writer.settled(100))
        #expect(disk.commits.map(\.count) == [1, 99])
        #expect(disk.commits[1].first == .held(.model("m2")))
        #expect(writer.status.commits == 2)
        #expect(writer.status.entries == 100)
    }

    @Test("Q6: who waits for a write that fails hears it; the write stays in line, and the writer recovers by itself")
    func failure() async {
        let (told, tell) = AsyncStream.makeStream(of: String?.self)
        disk.failure = .unavailable("no space left on device")
        let writer = JournalWriter(MemoryJournal(disk), limits: quick) { tell.yield($0) }
        writer.append(write(1))
        #expect(await writer.settled(1) == false)
        #expect(!writer.isAccepting)
        #expect(writer.status.failure == "no space left on device")
        writer.append(write(2))
        #expect(await writer.settled(2) == false)
        disk.failure = nil
        var news = told.makeAsyncIterator()
        #expect(await news.next() == "no space left on device")
        #expect(await news.next() == .some(nil))
        #expect(writer.isAccepting)
        #expect(await writer.settled(2))
        #expect(disk.image.held.map(\.name) == ["m1", "m2"])
    }

    @Test("a disk that takes too long counts as one that fails, until it answers")
    func slow() async {
        let gate = DispatchSemaphore(value: 0)
        let (told, tell) = AsyncStream.makeStream(of: String?.self)
        disk.beforeCommit { _ in gate.wait() }
        let limits = JournalWriter.Limits(lookAfter: .seconds(3600), slow: .milliseconds(1))
        let writer = JournalWriter(MemoryJournal(disk), limits: limits) { tell.yield($0) }
        writer.append(write(1))
        #expect(await writer.settled(1) == false)
        #expect(!writer.isAccepting)
        gate.signal()
        var news = told.makeAsyncIterator()
        #expect(await news.next() == "a write takes longer than 0.001 s")
        #expect(await news.next() == .some(nil))
        #expect(await writer.settled(1))
    }

    @Test("entries that are worth no commit go with the next, in front of it, and are bounded")
    func idle() async {
        var limits = patient
        limits.idle = 10
        let writer = JournalWriter(MemoryJournal(disk), limits: limits)
        for number in 0..<1000 { writer.appendIdle(.forgotten(EventID(rawValue: UInt64(number)))) }
        #expect(disk.commits.isEmpty)
        writer.append(write(1))
        #expect(await writer.settled(1))
        #expect(disk.commits.count == 1)
        #expect(disk.commits[0].count <= 11)
        #expect(disk.commits[0].dropLast().last == .forgotten(EventID(rawValue: 999)))
        #expect(disk.commits[0].last == .held(.model("m1")))
    }

    @Test("Q16: what is said of an event whose own entries could not be written comes after them")
    func idleBehindFailed() async {
        let (told, tell) = AsyncStream.makeStream(of: String?.self)
        disk.failure = .unavailable("full")
        let writer = JournalWriter(MemoryJournal(disk), limits: quick) { tell.yield($0) }
        writer.append(write(1))
        var news = told.makeAsyncIterator()
        #expect(await news.next() == "full")
        writer.appendIdle(.forgotten(EventID(rawValue: 7)))
        disk.failure = nil
        #expect(await news.next() == .some(nil))
        let entries = disk.commits.flatMap(\.self)
        #expect(entries.firstIndex(of: .forgotten(EventID(rawValue: 7))) == 1)
    }

    @Test("beyond the bound of the line nobody is taken in")
    func bounded() async {
        let gate = DispatchSemaphore(value: 0)
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        disk.beforeCommit { _ in
            begins.yield()
            gate.wait()
        }
        var limits = patient
        limits.line = 3
        let writer = JournalWriter(MemoryJournal(disk), limits: limits)
        writer.append(write(1))
        // A commit that began later would take more of them out of the line.
        var beginnings = begun.makeAsyncIterator()
        await beginnings.next()
        for number in 2...5 as ClosedRange<UInt64> { writer.append(write(number)) }
        #expect(!writer.isAccepting)
        for _ in 0..<5 { gate.signal() }
        #expect(await writer.settled(5))
        #expect(writer.isAccepting)
    }

    @Test("what happens to the file while nothing is written is noticed, and so is its end")
    func looks() async {
        let (told, tell) = AsyncStream.makeStream(of: String?.self)
        var limits = quick
        limits.lookAfter = .milliseconds(1)
        let writer = JournalWriter(MemoryJournal(disk), limits: limits) { tell.yield($0) }
        writer.append(write(1))
        #expect(await writer.settled(1))
        writer.appendIdle(.forgotten(EventID(rawValue: 1)))
        disk.failure = .lost("overwritten")
        var news = told.makeAsyncIterator()
        #expect(await news.next() == "overwritten")
        #expect(!writer.isAccepting)
        #expect(writer.status.isLost)
        disk.failure = nil
        #expect(await news.next() == .some(nil))
        #expect(writer.isAccepting)
        #expect(!writer.status.isLost)
        #expect(writer.status.commits == 1, "a look is no commit, and what can wait waits")
        #expect(writer.status.failedCommits == 0)
    }

    @Test("Q7: the end looks once more at a journal that nothing is written to")
    func looksAtTheEnd() async {
        let writer = JournalWriter(MemoryJournal(disk), limits: patient)
        writer.append(write(1))
        #expect(await writer.settled(1))
        disk.failure = .lost("overwritten")
        await writer.finish(within: .seconds(3600))
        #expect(writer.status.isLost)
    }

    @Test("Q7: at the end everything is on disk, or known not to be")
    func finish() async {
        let writer = JournalWriter(MemoryJournal(disk), limits: quick)
        writer.append(write(1))
        writer.appendIdle(.forgotten(EventID(rawValue: 1)))
        await writer.finish(within: .seconds(3600))
        #expect(writer.isWritten(1))
        #expect(disk.commits.flatMap(\.self).count == 2)
        disk.failure = .unavailable("gone")
        let other = JournalWriter(MemoryJournal(disk), limits: quick)
        other.append(write(1))
        await other.finish(within: .seconds(3600))
        #expect(!other.isWritten(1))
    }

    @Test("Q7: an end that comes while a commit is under way lets go of the file as well")
    func finishWhileWriting() async {
        let journal = SlowJournal()
        let writer = JournalWriter(journal, limits: patient)
        writer.append(write(1))
        var begins = journal.begun.stream.makeAsyncIterator()
        await begins.next()
        async let end: Void = writer.finish(within: .seconds(3600))
        while writer.waitsForTheEnd == 0 { await Task.yield() }
        journal.gate.signal()
        await end
        let isClosed = journal.isClosed.load(ordering: .relaxed)
        #expect(isClosed)
        journal.ended.signal()
    }

    @Test("what is not whole is known before the first commit")
    func check() async throws {
        let writer = JournalWriter(MemoryJournal(disk), limits: quick)
        try await writer.check()
        disk.failure = .unusable("damaged")
        await #expect(throws: JournalError.unusable("damaged")) { try await writer.check() }
    }
}

/// A journal whose first commit waits to be let go, and whose looks last for as long as they could be in the way.
private final class SlowJournal: QueueJournal {
    let gate = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    let isClosed = Atomic(false)
    let begun = AsyncStream.makeStream(of: Void.self)

    func recover() -> JournalImage { JournalImage() }

    func check() {}

    func commit(_ entries: [JournalEntry]) {
        if entries.isEmpty {
            _ = ended.wait(timeout: .now() + .milliseconds(200))
        } else {
            begun.continuation.yield()
            gate.wait()
        }
    }

    func close() { isClosed.store(true, ordering: .relaxed) }
}
