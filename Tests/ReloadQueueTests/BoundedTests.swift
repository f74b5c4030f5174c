import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Bounded")
struct BoundedTests {
    /// Everything that a value holds, down to characters.
    private static func size(_ value: Any) -> Int {
        if let text = value as? String { return 1 + text.utf8.count }
        return Mirror(reflecting: value).children.reduce(1) { $0 + size($1.value) }
    }

    /// 150 events in one job, an attempt that fails, a failed job, and a load that supersedes it.
    private static func cycle(_ bench: inout Bench) {
        for number in 0..<150 { bench.event(.a, "T\(number % 20)") }
        bench.pass(.seconds(1))
        bench.end(.a, .failed(.transient("502", retryAfter: .seconds(5))))
        bench.pass(.seconds(600))
        bench.end(.a, .failed(.permanent("400")))
        bench.event(.a, "T0")
        bench.pass(.seconds(1))
        bench.end(.a)
        bench.transitions = []
        bench.starts = []
        bench.lookTimes = []
    }

    @Test("Q23: what the machine holds depends on models, tables and rings, not on the number of events")
    func memory() {
        var bench = Bench([.a: .quiet(.seconds(1)), .b: .quiet(.seconds(1))], history: 10)
        for _ in 0..<10 { Self.cycle(&bench) }
        let size = Self.size(bench.machine)
        for _ in 0..<60 { Self.cycle(&bench) }
        #expect(Self.size(bench.machine) == size)
        #expect(bench.model(.a)?.changes == 70 * 151)
        #expect(bench.model(.a)?.events == 70 * 151)
    }

    @Test("Q23: of the names that events made up the history keeps the first of each job, and how many there were")
    func namesInHistory() throws {
        var bench = Bench([.a: .quiet(.zero)])
        let names = (100_000..<110_000).map { "T\($0)" }
        let job = try #require(bench.event(.a, SelectorSet(names.map(Selector.table), unknown: .ignore)).jobs.first)
        bench.end(.a, .nothingToLoad)
        let ended = try #require(bench.machine.job(job, at: bench.now))
        #expect(ended.outcome == .discarded && ended.tables.count == 16 * 1024 / 7)
        #expect(ended.tables == Array(names.prefix(ended.tables.count)) && ended.unknownTables == ended.tables)
        #expect(ended.omittedTables == 10_000 - ended.tables.count)
    }

    @Test("Q23: the history is a ring, and a job names its first 100 events and their number")
    func bounded() {
        var bench = Bench([.a: .quiet(.seconds(1))], history: 10)
        for _ in 0..<250 { bench.event(.a, "T") }
        #expect(bench.jobs().first?.events.count == 100)
        #expect(bench.jobs().first?.eventCount == 250)
        for _ in 0..<50 {
            bench.event(.a, "T")
            bench.pass(.seconds(1))
            bench.end(.a)
        }
        #expect(bench.jobs().count == 10)
        #expect(bench.jobs().map(\.id) == bench.jobs().map(\.id).sorted(by: >))
        #expect(bench.model(.a)?.changes == 300)
        #expect(bench.model(.a)?.events == 300)
        bench.take(
            bench.machine.configure(QueueSettings(models: [.a: .quiet(.seconds(1))], history: 3), at: bench.now)
        )
        #expect(bench.jobs().count == 3)
    }

    @Test("Q25: accepted changes are those that are pending, in a load and ended, at every moment")
    func accounting() {
        var bench = Bench([.a: .quiet(.seconds(1))])
        var ended = 0
        func inFlight(_ bench: Bench) -> Int {
            let jobs = bench.jobs().filter { $0.state != .ended }
            return jobs.reduce(0) { $0 + $1.eventCount }
        }
        for number in 0..<30 {
            bench.event(.a, "T\(number)")
            #expect(bench.model(.a).map { Int($0.changes) } == ended + inFlight(bench))
            bench.pass(.milliseconds(400 * (number % 4)))
            if number % 5 == 4, let order = bench.loading[.a] {
                let count = bench.machine.job(order.job, at: bench.now)?.eventCount ?? 0
                bench.end(.a)
                ended += count
            }
            #expect(bench.model(.a).map { Int($0.changes) } == ended + inFlight(bench))
        }
        #expect(ended > 0)
    }

    @Test("Q16: a job that ends failed or discarded is told with its events, so that their copies are new")
    func forgottenEvents() throws {
        var bench = Bench([.a: .quiet(.zero)])
        bench.event(.a, "T1")
        bench.event(.a, "T2")
        bench.end(.a, .failed(.permanent("400")))
        bench.end(.a, .nothingToLoad)
        let failed = try #require(bench.jobs(.failed).last)
        bench.take(try bench.machine.discard(failed.id, at: bench.now))
        let told = bench.transitions.compactMap { transition -> [EventID]? in
            guard case .job(let job, reason: _) = transition else { return nil }
            return job.outcome == .failed || job.outcome == .discarded ? job.events : nil
        }
        #expect(told.map { $0.map(\.rawValue) } == [[1], [2], [1]])
    }

    @Test("Q18: a success ends the back-off: the next failure begins with the first delay again")
    func successResets() {
        var policy = ModelPolicy.quiet(.zero)
        policy.retry = ModelPolicy.Retry(giveUpAfter: .seconds(100), initial: .seconds(1), maximum: .seconds(600))
        var bench = Bench([.a: policy])
        bench.event(.a, "T")
        for _ in 0..<5 {
            bench.end(.a, .failed(.transient("502", retryAfter: nil)))
            bench.pass(.seconds(20))
        }
        bench.end(.a)
        bench.pass(.seconds(1000))
        bench.event(.a, "T")
        bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        #expect(bench.jobs(.retrying).count == 1, "give_up_after counts anew")
        let starts = bench.starts.count
        bench.pass(.seconds(1))
        #expect(bench.starts.count == starts + 1)
    }

    @Test("Q13: a sequence with jumps of the wall clock makes the same loads as one without", arguments: 0..<20)
    func wallClockJumps(seed: UInt64) {
        func starts(jumping: Bool) -> [Bench.Start] {
            var generator = SeededGenerator(seed: seed)
            var bench = Bench([.a: .quiet(.seconds(2), .seconds(7)), .b: ModelPolicy(start: .loadCost(.seconds(9)))])
            for _ in 0..<60 {
                bench.event(generator.below(2) == 0 ? .a : .b, "T\(generator.below(5))")
                bench.pass(.milliseconds(generator.below(4000)))
                let jump = (generator.below(3) - 1) * generator.below(100_000_000)
                if jumping { bench.now.wall = bench.now.wall + .seconds(jump) }
                bench.take(bench.machine.timeReached(at: bench.now))
                let ends: [LoadEnd] = [.succeeded, .failed(.transient("502", retryAfter: .seconds(3)))]
                for model in [ModelReference.a, .b] { bench.end(model, ends[generator.below(2)]) }
            }
            return bench.starts
        }
        #expect(starts(jumping: true) == starts(jumping: false))
    }
}
