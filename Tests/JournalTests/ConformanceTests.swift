import Journal
import OffThePool
import Testing
import Vocabulary

/// What the queue relies on, whatever is behind the seam.
@Suite("What every journal promises")
struct ConformanceTests {
    @Test("a new journal holds nothing", arguments: Implementation.allCases)
    func empty(_ implementation: Implementation) throws {
        let store = implementation.makeStore()
        let journal = try store.open()
        defer { withExtendedLifetime(store) { journal.close() } }
        #expect(try journal.recover() == JournalImage())
    }

    @Test("each entry means what the seam says", arguments: Implementation.allCases, Meaning.all)
    func meaning(_ implementation: Implementation, _ meaning: Meaning) throws {
        let store = implementation.makeStore()
        let journal = try store.open()
        try journal.commit(meaning.entries)
        journal.close()
        let again = try store.open()
        defer { again.close() }
        #expect(try again.recover() == meaning.image)
    }

    @Test(
        "random entries leave the same image in every journal, and it is there after a restart",
        .offThePool,
        arguments: 0..<40 as Range<UInt64>
    )
    func random(seed: UInt64) throws {
        let stores = Implementation.allCases.map { $0.makeStore() }
        var journals = try stores.map { try $0.open() }
        defer { for journal in journals { journal.close() } }
        var entries = RandomEntries(seed: seed)
        var book = JournalBook()
        for round in 1...60 {
            let group = entries.group()
            let taken = Result { () throws(JournalError) in try book.apply(group) }
            for (index, store) in stores.enumerated() {
                let written = Result { () throws(JournalError) in try journals[index].commit(group) }
                #expect(taken.isSuccess == written.isSuccess, "seed \(seed), round \(round): \(group)")
                if round.isMultiple(of: 10) {
                    journals[index].close()
                    journals[index] = try store.open()
                }
                try #require(try journals[index].recover() == book.image, "seed \(seed), round \(round): \(group)")
            }
        }
    }

    @Test("a failed job with a hundred thousand culprits is read like any other", arguments: Implementation.allCases)
    func manyCulprits(_ implementation: Implementation) throws {
        let store = implementation.makeStore()
        let culprits = (100_000..<200_000).map { Selector("T\($0)") }
        var job = Example.job(1)
        job.phase = .failed(culprits: culprits)
        let journal = try store.open()
        try journal.commit([.job(job)])
        journal.close()
        let again = try store.open()
        defer { withExtendedLifetime(store) { again.close() } }
        #expect(try again.recover().jobs.map(\.job) == [job])
    }

    @Test("one entry that cannot be kept: nothing of its group is", arguments: Implementation.allCases, 0...3)
    func allOrNothing(_ implementation: Implementation, position: Int) throws {
        let store = implementation.makeStore()
        let journal = try store.open()
        defer { withExtendedLifetime(store) { journal.close() } }
        try journal.commit([.job(Example.job(1)), .changed(Example.id(1), [Example.change("EKKO")])])
        let before = try journal.recover()
        var group: [JournalEntry] = [
            .job(Example.job(2)), .merged(Example.id(1), into: Example.id(2)), .held(Example.orders),
        ]
        group.insert(.changed(Example.id(99), [Example.change("EKPO")]), at: position)
        #expect { try journal.commit(group) } throws: { error in
            guard case .unusable = error as? JournalError else { return false }
            return true
        }
        #expect(try journal.recover() == before)
        group.remove(at: position)
        try journal.commit(group)
        #expect(try journal.recover() != before)
    }

    @Test(
        "a commit that failed changed nothing, and the same entries go through later",
        arguments: Implementation.allCases
    )
    func failure(_ implementation: Implementation) throws {
        let store = implementation.makeStore()
        let journal = try store.open()
        defer { journal.close() }
        try journal.commit([.job(Example.job(1)), .remembered(Example.event(1))])
        let before = try journal.recover()
        let group: [JournalEntry] = [.changed(Example.id(1), [Example.change("EKKO")]), .remembered(Example.event(2))]
        try store.damage()
        for _ in 1...3 {
            #expect { try journal.commit(group) } throws: { error in
                switch error as? JournalError {
                case .unavailable(let text), .lost(let text): !text.isEmpty
                case .unusable, nil: false
                }
            }
        }
        try store.mend()
        #expect(try journal.recover() == before)
        try journal.commit(group)
        var book = JournalBook()
        try book.apply([.job(Example.job(1)), .remembered(Example.event(1))] + group)
        #expect(try journal.recover() == book.image)
    }

    @Test(
        "what several processes write at once is in the one journal",
        arguments: Implementation.allCases.filter(\.isShared)
    )
    func shared(_ implementation: Implementation) async throws {
        let store = implementation.makeStore()
        let journals = try (0..<4).map { _ in try store.open() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, journal) in journals.enumerated() {
                group.addTask {
                    for number in 0..<50 {
                        let id = UInt64(index * 1000 + number)
                        try journal.commit([.job(Example.job(id)), .changed(Example.id(id), [Example.change("EKKO")])])
                        if number.isMultiple(of: 2) { try journal.commit([.ended(Example.id(id))]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        for journal in journals {
            #expect(try journal.recover().jobs.count == 100)
            journal.close()
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        switch self {
        case .success: true
        case .failure: false
        }
    }
}
