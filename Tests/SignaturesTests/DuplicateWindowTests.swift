import Testing
import Vocabulary

@testable import Signatures

@Suite struct DuplicateWindowTests {
    private func key(_ number: Int) -> DuplicateKey {
        DuplicateKey(source: "fivetran", event: Array(String(number).utf8))
    }
    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }
    private func job(_ number: UInt64) -> JobID { JobID(rawValue: number) }
    private func job(_ number: Int) -> JobID { JobID(rawValue: UInt64(number)) }
    private func event(_ number: UInt64) -> EventID { EventID(rawValue: number) }

    @Test("Q16: an event is a duplicate only once it was remembered, and names the first delivery")
    func remembers() {
        var window = DuplicateWindow(capacity: 10)
        #expect(window.event(for: key(1), now: at(0)) == nil)
        #expect(window.event(for: key(1), now: at(0)) == nil)
        window.remember(key(1), event: event(7), jobs: [], now: at(0), for: .seconds(60))
        #expect(window.event(for: key(1), now: at(1)) == event(7))
        #expect(window.event(for: key(2), now: at(1)) == nil)
    }

    @Test("Q16: of n copies at once one is admitted")
    func copies() {
        var window = DuplicateWindow(capacity: 10)
        var admitted = 0
        for copy in 0..<100 where window.event(for: key(1), now: at(0)) == nil {
            window.remember(key(1), event: event(UInt64(copy)), jobs: [], now: at(0), for: .seconds(60))
            admitted += 1
        }
        #expect(admitted == 1)
    }

    @Test("Q16: all events of a job that ended badly are new again, and the others are not")
    func forgets() {
        var window = DuplicateWindow(capacity: 1000)
        for number in 1...300 {
            let jobs = EventJobs.one(job(number.isMultiple(of: 3) ? 1 : 2))
            window.remember(key(number), event: event(UInt64(number)), jobs: jobs, now: at(0), for: .seconds(60))
        }
        window.forget(job: job(1))
        window.forget(job: job(99))
        for number in 1...300 {
            let expected = number.isMultiple(of: 3) ? nil : event(UInt64(number))
            #expect(window.event(for: key(number), now: at(1)) == expected)
        }
        #expect(window.count == 200)
    }

    @Test("Q16: events follow their job when it is merged, and belong to both parts when it is split")
    func followsJobs() {
        var window = DuplicateWindow(capacity: 10)
        for number in 1...3 {
            window.remember(
                key(number),
                event: event(UInt64(number)),
                jobs: [job(UInt64(number))],
                now: at(0),
                for: .seconds(60)
            )
        }
        window.move(job: job(1), into: job(2))
        window.share(job: job(3), with: job(4))
        window.forget(job: job(1))
        #expect(window.count == 3)
        window.forget(job: job(2))
        #expect(window.event(for: key(1), now: at(1)) == nil)
        #expect(window.event(for: key(2), now: at(1)) == nil)
        window.forget(job: job(4))
        #expect(window.count == 0)
    }

    @Test("Q23: a job that is split again and again leaves no trail of jobs that ended well")
    func settles() {
        var window = DuplicateWindow(capacity: 10)
        for number in 1...1000 {
            window.remember(key(1), event: event(1), jobs: [job(1)], now: at(0), for: .seconds(60))
            if number > 1 { window.share(job: job(number - 1), with: job(number)) }
            if number > 1 { window.settle(job: job(number - 1)) }
            window.remember(
                key(number + 1),
                event: event(UInt64(number + 1)),
                jobs: [job(number)],
                now: at(0),
                for: .seconds(60)
            )
        }
        #expect(window.slots.allSatisfy { $0.jobs.all.count <= 1 })
        window.settle(job: job(7))
        #expect(window.count == 10)
        window.forget(job: job(1000))
        #expect(window.count < 10)
        window.remember(key(1), event: event(1), jobs: [job(5), job(6)], now: at(0), for: .seconds(60))
        window.move(job: job(5), into: job(6))
        #expect(window.slots.allSatisfy { $0.jobs.all.count <= 1 }, "the same job twice is one")
    }

    @Test("An event is remembered for the window and no longer")
    func ages() {
        var window = DuplicateWindow(capacity: 10)
        window.remember(key(1), event: event(1), jobs: [job(1)], now: at(0), for: .seconds(60))
        #expect(window.event(for: key(1), now: at(59)) == event(1))
        #expect(window.event(for: key(1), now: at(60)) == nil)
        window.remember(key(1), event: event(2), jobs: [job(2)], now: at(60), for: .seconds(60))
        #expect(window.event(for: key(1), now: at(61)) == event(2))
        window.forget(job: job(1))
        #expect(window.event(for: key(1), now: at(61)) == event(2))
    }

    @Test("Q23: at its capacity the oldest goes, and what it takes does not grow")
    func bounded() {
        var window = DuplicateWindow(capacity: 3)
        for number in 1...1000 {
            window.remember(
                key(number),
                event: event(UInt64(number)),
                jobs: [job(number)],
                now: at(0),
                for: .seconds(60)
            )
            if number.isMultiple(of: 7) { window.forget(job: job(number)) }
            #expect(window.count <= 3)
        }
        #expect(window.event(for: key(997), now: at(0)) == nil)
        #expect((998...1000).allSatisfy { window.event(for: key($0), now: at(0)) != nil })
        #expect(window.slots.count <= 4)
        window.capacity = 1
        #expect(window.event(for: key(999), now: at(0)) == nil)
        #expect(window.event(for: key(1000), now: at(0)) == event(1000))
    }

    @Test("With a capacity of 0 nothing is remembered")
    func none() {
        var window = DuplicateWindow(capacity: 0)
        window.remember(key(1), event: event(1), jobs: [], now: at(0), for: .seconds(60))
        #expect(window.event(for: key(1), now: at(0)) == nil)
    }

    @Test("Whatever happens, it answers as a plain list does", arguments: UInt64(0)..<200)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 0...8, using: &random)
        var window = DuplicateWindow(capacity: capacity)
        var list: [(key: Int, event: EventID, jobs: [JobID], expiry: MonotonicTime)] = []
        var now: Int64 = 0
        for step in 0..<300 {
            now += Int64.random(in: 0...4, using: &random)
            let number = Int.random(in: 0...12, using: &random)
            switch Int.random(in: 0...5, using: &random) {
            case 0:
                let ended = job(UInt64.random(in: 0...9, using: &random))
                window.forget(job: ended)
                list.removeAll { $0.jobs.contains(ended) }
            case 1, 2:
                let length = Int64.random(in: 1...40, using: &random)
                let jobs = (0...1).map { _ in job(UInt64.random(in: 0...9, using: &random)) }
                window.remember(
                    key(number),
                    event: event(UInt64(step)),
                    jobs: EventJobs(jobs),
                    now: at(now),
                    for: .seconds(length)
                )
                list.removeAll { $0.key == number }
                if let alive = list.firstIndex(where: { $0.expiry > at(now) }) {
                    list.removeFirst(alive)
                } else {
                    list = []
                }
                list.append((number, event(UInt64(step)), jobs, at(now + length)))
                list.removeFirst(max(0, list.count - capacity))
            case 3:
                let (from, into) = (job(UInt64.random(in: 0...9, using: &random)), job(10))
                window.move(job: from, into: into)
                for index in list.indices { list[index].jobs = list[index].jobs.map { $0 == from ? into : $0 } }
            default:
                let expected = list.first { $0.key == number && $0.expiry > at(now) }?.event
                #expect(window.event(for: key(number), now: at(now)) == expected, "seed \(seed), step \(step)")
            }
            #expect(window.oldestEvent == list.first?.event, "seed \(seed), step \(step)")
            #expect(window.count == list.count, "seed \(seed), step \(step)")
        }
    }
}
