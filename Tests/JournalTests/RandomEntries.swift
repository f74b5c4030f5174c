import Vocabulary

extension SeededGenerator {
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// Entries as a queue could tell them, and some that it must not: about jobs that have ended or never were.
struct RandomEntries {
    private var generator: SeededGenerator
    private var jobs: [JobID] = []
    private var lastID: UInt64 = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func group() -> [JournalEntry] { (0..<1 + generator.below(6)).map { _ in entry() } }

    private mutating func entry() -> JournalEntry {
        switch generator.below(14) {
        case 0, 1: .job(newJob())
        case 2: .job(job(anyJob()))
        case 3, 4, 5: .changed(anyJob(), changes())
        case 6: .moved(changes().map(\.selector), from: anyJob(), to: anyJob())
        case 7: .merged(anyJob(), into: anyJob())
        case 8: .ended(anyJob())
        case 9: generator.below(2) == 0 ? .held(model()) : .released(model())
        case 10: .remembered(event(), oldest: EventID(rawValue: UInt64(generator.below(20))))
        case 11: .forgottenWith(anyJob())
        case 12: .settled(anyJob())
        default: .forgotten(EventID(rawValue: UInt64(generator.below(40))))
        }
    }

    private mutating func newJob() -> JournaledJob {
        lastID += 1
        jobs.append(JobID(rawValue: lastID))
        return job(JobID(rawValue: lastID))
    }

    /// Mostly one of the last, which are likely to be open.
    private mutating func anyJob() -> JobID {
        guard !jobs.isEmpty else { return JobID(rawValue: 0) }
        return generator.below(10) == 0 ? generator.pick(jobs) : generator.pick(jobs.suffix(4))
    }

    private mutating func job(_ id: JobID) -> JournaledJob {
        let events = (0..<generator.pick([0, 1, 3, 100])).map { _ in EventID(rawValue: generator.next() >> 1) }
        return JournaledJob(
            id: id,
            model: model(),
            phase: phase(),
            createdAt: time(),
            events: events,
            eventCount: events.count + generator.below(3),
            attempts: generator.below(5),
            failures: generator.below(5),
            failingSince: generator.below(2) == 0 ? nil : time(),
            retryAt: generator.below(2) == 0 ? nil : time(),
            notBefore: generator.below(2) == 0 ? nil : time(),
            waitsSince: generator.below(2) == 0 ? nil : time(),
            endedAt: generator.below(2) == 0 ? nil : time(),
            error: generator.below(2) == 0 ? nil : text()
        )
    }

    private mutating func phase() -> JournaledPhase {
        let baseline = LoadBaseline(
            mark: generator.below(3) == 0 ? nil : text(),
            sentAt: generator.below(3) == 0 ? nil : time()
        )
        return switch generator.below(6) {
        case 0: .loading(baseline)
        case 1: .sending(baseline)
        case 2: .answered(baseline)
        case 3: .failed(culprits: changes().map(\.selector))
        default: .pending
        }
    }

    private mutating func changes() -> [JournaledChange] {
        (0..<generator.below(5)).map { _ in
            JournaledChange(
                selector: Selector(text()),
                unknown: generator.below(2) == 0 ? .fail : .ignore,
                since: time()
            )
        }
    }

    private mutating func event() -> RememberedEvent {
        RememberedEvent(
            source: generator.pick(["fivetran", "dbt"]),
            key: Example.key(generator.pick([[], [1], [1, 2], [255, 0, 255], Array("key".utf8)])),
            event: EventID(rawValue: UInt64(generator.below(40))),
            jobs: EventJobs((0..<generator.below(4)).map { _ in anyJob() }),
            expiresAt: time()
        )
    }

    private mutating func model() -> ModelReference {
        ModelReference(
            name: generator.pick(["a", "b", "ä", "B"]),
            poolID: generator.pick(["p", "q"]),
            dataModelID: "m"
        )
    }

    private mutating func time() -> WallTime {
        WallTime(milliseconds: generator.pick([0, 1, -1, 1_700_000_000_123, 1_700_000_000_124, .max, .min]))
    }

    /// Few enough to meet again; among them what a careless store would cut, fold or mistake for something else.
    private mutating func text() -> String {
        generator.pick([
            "EKKO", "ekko", "EKPO", "VBAK", "*", "data_source:7f1a", "", " ", "nul\u{0}in the middle", "nul\u{0}",
            "'; DROP TABLE jobs; --", "Straße", "表🧾", "12", "1e3", "NULL", String(repeating: "long ", count: 2000),
        ])
    }
}
