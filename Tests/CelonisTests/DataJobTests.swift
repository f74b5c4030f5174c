import Celonis
import CelonisSimulator
import Testing
import Vocabulary

@Suite("A data job before the load")
struct DataJobTests {
    private static let job = DataJob(id: "demo-job")
    private static let options = LoadOptions(before: job)

    private static func simulated(
        runTime: Duration? = .seconds(40),
        outcomes: [String] = []
    ) -> SimulatorConfiguration {
        let job = SimulatedDataJob(runTime: runTime, outcomes: outcomes)
        return SimulatorConfiguration(models: [SimulatedModel(dataJob: job)])
    }

    @Test(
        "The load is asked for after the job's success, in the mode that is written",
        arguments: DataJob.Mode.allCases
    )
    func chain(mode: DataJob.Mode) async throws {
        try await withBench(Self.simulated()) { bench in
            let options = LoadOptions(before: DataJob(id: "demo-job", mode: mode))
            let result = await bench.run(["EKKO"], options: options)
            #expect(result == LoadResult(end: .succeeded, tables: ["EKKO"]))
            let report = bench.simulator.report
            #expect(report.violations == [])
            #expect(report.callCounts[.executeDataJob] == 1)
            let trigger = try #require(report.calls.firstIndex { $0.endpoint == .partialSync })
            let lastLook = try #require(report.calls.lastIndex { $0.endpoint == .dataJob })
            #expect(lastLook < trigger)
            #expect(bench.progress.first == .dataJobStarted("demo-job"))
            guard case .answered(let baseline?)? = bench.progress.last else {
                Issue.record("\(bench.progress)")
                return
            }
            #expect(baseline.mark == nil)
            let path = "/data-jobs/demo-job/execute?mode=\(mode.rawValue.uppercased())"
            #expect(bench.logs.lines.contains { $0.contains(path) && $0.contains("status=200") })
        }
    }

    @Test("The simulator notices a load without the job's success")
    func violation() async throws {
        try await withBench(Self.simulated()) { bench in
            _ = await bench.run(["EKKO"])
            #expect(bench.simulator.report.violations.map(\.kind) == [.loadBeforeDataJob])
        }
    }

    @Test(
        "Nothing is loaded after a run that did not succeed, and the failure is of the same classes as a load's",
        arguments: [
            (
                "FAIL",
                LoadFailure.transient("the data job ended with FAIL: see its log in Celonis", retryAfter: nil)
            ),
            ("SKIPPED", .transient("Celonis skipped the data job: see its log in Celonis", retryAfter: nil)),
            ("CANCEL", .canceled("the data job was canceled in Celonis")),
            ("PUZZLED", .transient("the data job shows the unknown status \"PUZZLED\"", retryAfter: nil)),
        ]
    )
    func outcomes(_ status: String, _ failure: LoadFailure) async throws {
        try await withBench(Self.simulated(outcomes: [status])) { bench in
            #expect(await bench.run(["EKKO"], options: Self.options).end == .failed(failure))
            #expect(bench.loads == [])
        }
    }

    @Test(
        "The run before still shows after the request and is not taken for ours",
        arguments: [[], ["currentExecutionId"]]
    )
    func stale(omitted: [String]) async throws {
        var simulated = Self.simulated(outcomes: ["SUCCESS", "FAIL"])
        simulated.behaviour.staleTime = .seconds(20)
        simulated.behaviour.omittedFields = omitted
        try await withBench(simulated) { bench in
            #expect(await bench.run(["EKKO"], options: Self.options).end == .succeeded)
            guard case .failed(.transient) = await bench.run(["EKPO"], options: Self.options).end else {
                Issue.record("the earlier success was believed")
                return
            }
            #expect(bench.loads == [["EKKO"]])
        }
    }

    @Test("A run that is over before it shows is believed after start_within")
    func quick() async throws {
        var simulated = Self.simulated(runTime: .zero)
        simulated.behaviour.omittedFields = ["currentExecutionId"]
        try await withBench(simulated) { bench in
            #expect(await bench.run(["EKKO"], options: Self.options).end == .succeeded)
            let start = bench.clock.now().monotonic
            #expect(await bench.run(["EKPO"], options: Self.options).end == .succeeded)
            #expect(bench.clock.now().monotonic - start >= .seconds(120))
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("A run of somebody else's is waited for, and then ours begins")
    func external() async throws {
        try await withBench(Self.simulated()) { bench in
            bench.simulator.startExternalDataJob(runTime: .seconds(300))
            #expect(await bench.run(["EKKO"], options: Self.options).end == .succeeded)
            #expect(bench.clock.now().monotonic >= MonotonicTime(nanoseconds: 340_000_000_000))
            #expect(bench.simulator.report.callCounts[.executeDataJob] == 1)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test(
        "A refusal because the job runs uses up no attempt",
        arguments: [SimulatedBehaviour.SecondTrigger.conflict, .badRequest]
    )
    func refusedWhileRunning(second: SimulatedBehaviour.SecondTrigger) async throws {
        var simulated = Self.simulated()
        simulated.behaviour.secondTrigger = second
        try await withBench(simulated) { bench in
            bench.simulator.startExternalDataJob(runTime: .seconds(60))
            bench.simulator.inject(Fault(endpoint: .dataJob, status: 200, body: #"{"status":"SUCCESS"}"#))
            #expect(await bench.run(["EKKO"], options: Self.options).end == .succeeded)
            #expect(bench.simulator.report.callCounts[.executeDataJob] == 2)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("Q28: a request without an answer is never taken for a run: the next attempt waits, then asks again")
    func unanswered() async throws {
        try await withBench(Self.simulated()) { bench in
            bench.simulator.inject(Fault(.reset, endpoint: .executeDataJob, processed: true))
            guard case .failed(.unanswered) = await bench.run(["EKKO"], options: Self.options).end else {
                Issue.record("taken for answered")
                return
            }
            #expect(bench.loads == [])
            #expect(await bench.run(["EKKO"], options: Self.options).end == .succeeded)
            #expect(bench.simulator.report.callCounts[.executeDataJob] == 2)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("A job that does not exist is permanent and named; a refused pool waits")
    func refused() async throws {
        try await withBench(Self.simulated()) { bench in
            let end = await bench.run(["EKKO"], options: LoadOptions(before: DataJob(id: "other"))).end
            guard case .failed(.permanent(let text)) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(text.contains("Data job other not found"))
            bench.simulator.inject(Fault(endpoint: .executeDataJob, status: 403))
            guard case .failed(.poolForbidden) = await bench.run(["EKKO"], options: Self.options).end else {
                Issue.record("not a refusal of the pool")
                return
            }
            #expect(bench.loads == [])
        }
    }

    @Test("A look that fails is no failed attempt; a run that never ends is one after load_timeout")
    func endless() async throws {
        try await withBench(Self.simulated(runTime: nil)) { bench in
            bench.simulator.inject(Fault(endpoint: .dataJob, skip: 2, count: 3, status: 503))
            let end = await bench.run(["EKKO"], options: LoadOptions(timeout: .seconds(600), before: Self.job)).end
            #expect(end == .failed(.transient("the data job was not seen to end within 10 min", retryAfter: nil)))
            #expect(bench.clock.now().monotonic == MonotonicTime(nanoseconds: 600_000_000_000))
        }
    }

    @Test("A dry run, and a set that names nothing, run no job")
    func noRun() async throws {
        try await withBench(Self.simulated(), dryRun: true) { bench in
            #expect(await bench.run(["EKKO"], options: Self.options).end == .dryRun)
            #expect(bench.simulator.report.callCounts[.executeDataJob] == nil)
        }
        try await withBench(Self.simulated()) { bench in
            #expect(await bench.run(["NONE"], options: Self.options).end == .nothingToLoad)
            #expect(bench.simulator.report.callCounts[.executeDataJob] == nil)
        }
    }
}
