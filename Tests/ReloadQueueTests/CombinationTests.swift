import Testing
import Vocabulary

@testable import ReloadQueue

/// How the settings combine: every wait with everything that may end it. The random sequences run under pairwise
/// combinations of the settings besides.
@Suite("How the settings combine")
struct CombinationTests {
    /// Why a pending change is not loaded yet.
    enum Wait: String, CaseIterable {
        case quiet, cost, set, interval, backoff, retryAfter, busy, refused, hold, slot, load
    }

    /// What happens then.
    enum Ender: String, CaseIterable {
        case event, byHand, retry, flush, release, configure, maxWait, drain
    }

    /// The table in the documentation of `QueueMachine`: whether the load starts at once.
    private static let table = """
                   event  byHand retry  flush  release configure maxWait drain
        quiet      -      -      yes    yes    -       yes       yes     yes
        cost       -      -      yes    yes    -       yes       yes     yes
        set        -      -      -      yes    -       yes       -       yes
        interval   -      -      -      yes    -       yes       -       yes
        backoff    -      -      -      yes    -       -         -       yes
        retryAfter -      -      -      -      -       -         -       -
        busy       -      -      -      yes    -       -         -       yes
        refused    -      -      -      -      -       yes       -       -
        hold       -      -      -      -      yes     -         -       -
        slot       -      -      -      -      -       yes       -       -
        load       -      -      -      -      -       -         -       -
        """

    @Test(
        "Q9, Q10, Q18, Q21, Q26, Q27: what ends which wait, and what does not",
        arguments: Wait.allCases,
        Ender.allCases
    )
    func ends(wait: Wait, ender: Ender) throws {
        let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let row = try #require(rows.first { $0.first == wait.rawValue })
        let column = try #require(rows[0].firstIndex(of: ender.rawValue))
        var bench = try Self.waiting(wait)
        let starts = bench.starts.count
        let now = bench.elapsed
        try Self.apply(ender, to: &bench)
        let started = bench.starts[starts...].contains {
            $0.order.model == .a && $0.order.selectors.contains(.table("T1"))
                && (ender == .maxWait || $0.at == now)
        }
        #expect(started == (row[column + 1] == "yes"))
    }

    @Test("reload_together and complete_load_above travel in the order and change no start", arguments: Wait.allCases)
    func options(wait: Wait) throws {
        let options = LoadOptions(reloadTogether: [["T1", "T2"]], completeLoadAbove: 0.1)
        func starts(_ options: LoadOptions) throws -> [Bench.Start] {
            var bench = try Self.waiting(wait, options: options)
            bench.loadsEnd = .succeeded
            for model in Array(bench.loading.keys) { bench.end(model) }
            bench.pass(.seconds(5000))
            return bench.starts
        }
        let plain = try starts(LoadOptions())
        let shaped = try starts(options)
        #expect(plain.map(\.at) == shaped.map(\.at))
        #expect(plain.map(\.order.selectors) == shaped.map(\.order.selectors))
        #expect(shaped.filter { $0.order.model == .a }.allSatisfy { $0.order.options == options })
    }

    // Every wait but the one in question is nothing; max_wait is over after 100 s, the others after 1000 s.
    private static let long = Duration.seconds(1000)

    private static func policy(_ wait: Wait?, _ options: LoadOptions = LoadOptions()) -> ModelPolicy {
        var policy = ModelPolicy(start: .debounce(.zero), maxWait: .seconds(100), options: options)
        policy.retry = ModelPolicy.Retry(initial: long, maximum: long)
        policy.poll = ModelPolicy.Poll(initial: long, maximum: long)
        switch wait {
        case .quiet: policy.start = .debounce(long)
        case .cost: policy.start = .loadCost(long * 10)
        case .set: policy.waitForAll = [ModelPolicy.WaitForAll(tables: ["T1", "NEVER"], atMost: long)]
        case .interval: policy.minInterval = long
        default: break
        }
        return policy
    }

    /// A bench in which T1 of model a waits for that reason alone, beside a failed job of another table.
    private static func waiting(_ wait: Wait, options: LoadOptions = LoadOptions()) throws -> Bench {
        var bench = Bench([.a: policy(wait, options), .b: .quiet(.zero)], slots: 1)
        bench.event(.a, "FAILED")
        bench.take(try bench.machine.flush("a", at: bench.now))
        bench.end(.a, .failed(.permanent("400")))
        bench.pass(.seconds(1))
        switch wait {
        case .quiet, .cost, .set, .interval:
            bench.event(.a, "T1")
        case .backoff:
            // Full jitter may end a back-off at once; this generator's first does not.
            bench.event(.a, "T1")
            bench.end(.a, .failed(.transient("502", retryAfter: nil)))
        case .retryAfter:
            bench.event(.a, "T1")
            bench.end(.a, .failed(.transient("429", retryAfter: long * 2)))
        case .busy:
            bench.looksFind = .busy
            bench.event(.a, "T1")
            bench.looksFind = .free(LoadBaseline(mark: nil))
        case .refused:
            bench.looksFind = .failed(.credentialsRefused("401"))
            bench.event(.a, "T1")
            bench.looksFind = .free(LoadBaseline(mark: nil))
            bench.wakes = []
        case .hold:
            bench.take(try bench.machine.hold("a", at: bench.now))
            bench.event(.a, "T1")
        case .slot:
            bench.event(.b, "T")
            bench.event(.a, "T1")
        case .load:
            bench.event(.a, "T1")
            bench.event(.a, "T1")
        }
        return bench
    }

    private static func apply(_ ender: Ender, to bench: inout Bench) throws {
        switch ender {
        case .event: bench.event(.a, "T2")
        case .byHand: bench.take(try bench.machine.reload("a", SelectorSet("T2"), at: bench.now).1)
        case .retry:
            let job = try #require(bench.jobs(.failed).first { $0.tables == ["FAILED"] })
            bench.take(try bench.machine.retry(job.id, at: bench.now))
        case .flush:
            // A flush of a held model is refused.
            if let actions = try? bench.machine.flush("a", at: bench.now) { bench.take(actions) }
        case .release: bench.take(try bench.machine.release("a", at: bench.now))
        case .configure:
            let settings = QueueSettings(models: [.a: policy(nil), .b: .quiet(.zero)], maxConcurrentLoads: 4)
            bench.take(bench.machine.configure(settings, at: bench.now))
        case .maxWait: bench.pass(.seconds(101))
        case .drain: bench.take(bench.machine.beginDrain(timeout: long * 10, at: bench.now))
        }
    }
}
