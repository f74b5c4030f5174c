import JSONPath
import ReloadQueue
import Testing
import Vocabulary

@testable import ReloaderService
@testable import Rules

@Suite("The jobs of an event")
struct JobPartsTests {
    private func job(_ number: UInt64) -> JobID { JobID(rawValue: number) }

    private func names(_ names: String...) -> SelectorSet { SelectorSet(names.map { Selector($0) }) }

    @Test("an event's jobs are its own and those in which parts of it went on, each once")
    func parts() {
        var trails = JobTrails(capacity: 10)
        let time = WallTime(milliseconds: 0)
        trails.note(.split(from: job(1), into: job(2), names("A", "B")), at: time)
        trails.note(.split(from: job(2), into: job(3), names("B")), at: time)
        trails.note(.split(from: job(1), into: job(4), nil), at: time)
        func jobs(_ own: [UInt64], of table: String) -> [JobID] {
            trails.withParts(own.map(job)) { $0?.contains(Selector(table)) ?? true }
        }
        #expect(jobs([1], of: "B") == [1, 2, 4, 3].map(job))
        #expect(jobs([1], of: "A") == [1, 2, 4].map(job))
        #expect(jobs([1], of: "C") == [1, 4].map(job))
        #expect(jobs([3, 1], of: "B") == [3, 1, 2, 4].map(job))
        #expect(jobs([5], of: "B") == [job(5)])
        #expect(jobs([], of: "B") == [])
    }

    @Test("Q23: it keeps no more than it may, however often a job is split")
    func bounded() {
        var trails = JobTrails(capacity: 2)
        for part in 1...1000 as ClosedRange<UInt64> {
            trails.note(.split(from: job(0), into: job(part), nil), at: WallTime(milliseconds: 0))
        }
        #expect(trails.withParts([job(0)]) { _ in true }.count == 101)
    }
}

@Suite("The trail of events")
struct EventRingTests {
    private func entry(
        _ id: UInt64,
        source: String = "s",
        matched: Bool = true,
        body: String? = nil,
        rules: RuleSet = RuleSet([])
    ) -> EventRing.Entry {
        EventRing.Entry(
            id: EventID(rawValue: id),
            source: source,
            receivedAt: WallTime(milliseconds: Int64(id)),
            secretPosition: 0,
            changes: matched ? [Change(rule: "r", model: "m", selectors: SelectorSet([Selector("EKKO")]))] : [],
            jobs: matched ? .one(JobID(rawValue: id)) : [],
            evidence: body.map {
                EventRing.Evidence(body: Array($0.utf8), headers: HeaderList(), rules: rules)
            }
        )
    }

    private func ids(_ ring: EventRing, source: String? = nil, status: EventStatus? = nil, limit: Int = 100) -> [UInt64]
    {
        ring.newest(source: source, status: status, limit: limit).map(\.id.rawValue)
    }

    @Test("Q23: it keeps the newest and forgets the rest, in every position of the ring")
    func bounded() {
        var ring = EventRing(capacity: 3)
        #expect(ids(ring).isEmpty)
        for id in 1...10 as ClosedRange<UInt64> {
            ring.append(entry(id))
            let kept = Array((max(1, Int64(id) - 2)...Int64(id)).map(UInt64.init).reversed())
            #expect(ids(ring) == kept)
            for other in 1...id {
                #expect((ring[EventID(rawValue: other)] != nil) == kept.contains(other))
            }
        }
    }

    @Test("Q24: of another size it keeps the newest, counts their bodies right and goes on", arguments: 1...9)
    func resized(capacity: Int) {
        let body = String(repeating: "x", count: EventRing.bodyBudget / 4)
        var ring = EventRing(capacity: 5)
        for id in 1...7 as ClosedRange<UInt64> { ring.append(entry(id, body: body)) }
        ring.resize(to: capacity)
        #expect(ids(ring) == Array([7, 6, 5, 4, 3].prefix(capacity)))
        for id in 8...30 as ClosedRange<UInt64> {
            ring.append(entry(id, body: body))
            #expect(ids(ring) == Array((3...id).reversed().prefix(capacity)))
            let kept = ids(ring).filter { ring[EventID(rawValue: $0)]?.evidence != nil }
            #expect(kept == Array(ids(ring).prefix(kept.count)) && kept.count >= min(3, ids(ring).count))
        }
    }

    @Test("Q23: the bodies take bounded memory; the oldest goes first, and what the rules named stays")
    func bodies() {
        var ring = EventRing(capacity: 100)
        let body = String(repeating: "x", count: EventRing.bodyBudget / 4)
        for id in 1...20 as ClosedRange<UInt64> { ring.append(entry(id, body: body)) }
        let kept = (1...20).filter { ring[EventID(rawValue: UInt64($0))]?.evidence != nil }
        #expect(kept == Array((20 - kept.count + 1)...20))
        #expect((1...4).contains(kept.count))
        #expect(ring[EventID(rawValue: 1)]?.changes.count == 1)
    }

    @Test("Q23: the header fields that are kept beside the bodies take bounded memory too")
    func headers() {
        var ring = EventRing(capacity: 100)
        for id in 1...20 as ClosedRange<UInt64> {
            var event = entry(id, body: "{}")
            let value = String(repeating: "x", count: EventRing.bodyBudget / 4)
            event.evidence?.headers = HeaderList([("x-of-a-rule", value)])
            ring.append(event)
        }
        let kept = (1...20).filter { ring[EventID(rawValue: UInt64($0))]?.evidence != nil }
        #expect((1...4).contains(kept.count) && kept.last == 20)
    }

    @Test("Q23: bodies are counted right while the ring wraps")
    func wrappedBodies() {
        var ring = EventRing(capacity: 5)
        let body = String(repeating: "x", count: EventRing.bodyBudget / 8)
        for id in 1...50 as ClosedRange<UInt64> {
            ring.append(entry(id, body: id % 3 == 0 ? nil : body))
            #expect(ring[EventID(rawValue: id)]?.evidence == nil ? id % 3 == 0 : true)
        }
        #expect(ids(ring) == [50, 49, 48, 47, 46])
    }

    @Test("event loops that overtake each other leave it sorted, and every event is found")
    func overtaking() {
        var ring = EventRing(capacity: 7)
        for first in stride(from: 1 as UInt64, to: 40, by: 4) {
            for id in [first + 2, first, first + 3, first + 1] { ring.append(entry(id, body: "{}")) }
            let newest = first + 3
            #expect(ids(ring) == (newest - min(newest, 7) + 1...newest).reversed())
            for id in ids(ring) {
                #expect(ring[EventID(rawValue: id)]?.receivedAt == WallTime(milliseconds: Int64(id)))
            }
        }
    }

    @Test("Q23: an event that comes late is forgotten where younger ones are, and bodies are counted right")
    func overtakenBodies() {
        var ring = EventRing(capacity: 6)
        let body = String(repeating: "x", count: EventRing.bodyBudget / 3)
        for id in [3, 4, 5, 6, 7, 1, 2] as [UInt64] { ring.append(entry(id, body: body)) }
        #expect(ring[EventID(rawValue: 1)]?.evidence == nil && ring[EventID(rawValue: 2)]?.evidence == nil)
        for id in 8...40 as ClosedRange<UInt64> {
            ring.append(entry(id, body: body))
            let kept = ids(ring).filter { ring[EventID(rawValue: $0)]?.evidence != nil }
            #expect(kept == [id, id - 1] || kept == [id, id - 1, id - 2])
        }
    }

    @Test("a rule that matched is told as one, also where looking at all the others takes too many steps")
    func stopped() throws {
        let hostile = Condition.test(try Subject("$..[?count($..*) > 1000000]"), .exists(true))
        let rules = RuleSet(
            [
                Rule(name: "first", sources: ["s"], condition: .none([]), reloads: []),
                Rule(name: "hostile", sources: ["s"], condition: hostile, reloads: []),
                Rule(name: "r", sources: ["s"], reloads: [Reload(model: "m", tables: .fixed([.table("EKKO")]))]),
            ],
            stepsPerEvent: 5000
        )
        let body = "[" + Array(repeating: "[1]", count: 500).joined(separator: ",") + "]"
        let event = EventSnapshot(entry(1, body: body, rules: rules))
        #expect(event.rules.map(\.rule) == ["first", "r"] && event.rules.map(\.matched) == [false, true])
        #expect(!event.rulesAreComplete)
    }

    @Test("filters by source and status; `duplicate` lists what came again")
    func filters() {
        var ring = EventRing(capacity: 10)
        ring.append(entry(1))
        ring.append(entry(2, matched: false))
        ring.append(entry(3, source: "t"))
        ring.noteDuplicate(of: EventID(rawValue: 1), at: WallTime(milliseconds: 9))
        ring.noteDuplicate(of: EventID(rawValue: 1), at: WallTime(milliseconds: 10))
        ring.noteDuplicate(of: EventID(rawValue: 77), at: WallTime(milliseconds: 10))
        #expect(ids(ring, source: "s") == [2, 1])
        #expect(ids(ring, status: .accepted) == [3, 1])
        #expect(ids(ring, status: .unmatched) == [2])
        #expect(ids(ring, status: .duplicate) == [1])
        #expect(ids(ring, limit: 1) == [3])
        #expect(ring[EventID(rawValue: 1)]?.duplicates == 2)
        #expect(ring[EventID(rawValue: 1)]?.lastDuplicateAt == WallTime(milliseconds: 10))
    }
}

@Suite("The trail of jobs")
struct JobTrailsTests {
    private let model = ModelReference(name: "m", poolID: "p", dataModelID: "d")

    private func change(_ id: UInt64, _ state: JobState, _ reason: String) -> Transition {
        let job = JobSnapshot(
            id: JobID(rawValue: id),
            model: model,
            state: state,
            tables: [],
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0)
        )
        return .job(job, reason: reason)
    }

    @Test("the steps of a job come in order, with time and reason")
    func steps() {
        var trails = JobTrails(capacity: 4)
        trails.note(change(1, .waiting, "changed tables wait"), at: WallTime(milliseconds: 1))
        trails.note(change(2, .waiting, "other"), at: WallTime(milliseconds: 2))
        trails.note(change(1, .loading, "started: quiet"), at: WallTime(milliseconds: 3))
        #expect(
            trails[JobID(rawValue: 1)] == [
                TrailStep(at: WallTime(milliseconds: 1), step: "waiting", reason: "changed tables wait"),
                TrailStep(at: WallTime(milliseconds: 3), step: "loading", reason: "started: quiet"),
            ]
        )
    }

    @Test("Q23: jobs and steps are bounded; of a long trail the beginning and the end stay")
    func bounded() {
        var trails = JobTrails(capacity: 2)
        for id in 1...5 as ClosedRange<UInt64> {
            trails.note(change(id, .waiting, ""), at: WallTime(milliseconds: 0))
        }
        #expect((1...5).map { trails[JobID(rawValue: $0)].count } == [0, 0, 0, 1, 1])
        for step in 1...1000 {
            trails.note(change(5, .retrying, "\(step)"), at: WallTime(milliseconds: Int64(step)))
        }
        let steps = trails[JobID(rawValue: 5)]
        #expect(steps.count == 60)
        #expect(steps[1].reason == "1")
        #expect(steps.last?.reason == "1000")
    }
}
