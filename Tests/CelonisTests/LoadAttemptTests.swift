import Celonis
import CelonisSimulator
import Testing
import Vocabulary

@Suite("Loads over real sockets")
struct LoadAttemptTests {
    @Test("A partial load sends exactly the ids of the named tables and is seen to end")
    func partial() async throws {
        try await withBench { bench in
            let result = await bench.run(["EKPO", "table-ekko", "EKKO"])
            #expect(result == LoadResult(end: .succeeded, kind: .partial, tables: ["EKKO", "EKPO"]))
            #expect(bench.loads == [["EKKO", "EKPO"]])
            #expect(bench.progress.dropLast() == [.resolved(kind: .partial, tables: ["EKKO", "EKPO"]), .sending])
            guard case .answered(let baseline?)? = bench.progress.last else {
                Issue.record("\(bench.progress)")
                return
            }
            // A model that was never loaded has no mark, and needs none to know a load of its own.
            #expect(baseline.mark == nil && baseline.sentAt != nil)
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("`*` becomes a complete load without asking for the table list")
    func complete() async throws {
        try await withBench { bench in
            let result = await bench.run(["*"])
            #expect(result == LoadResult(end: .succeeded, kind: .complete, tables: ["*"]))
            #expect(bench.simulator.report.callCounts[.load] == 1)
            #expect(bench.simulator.report.callCounts[.tables] == nil)
        }
    }

    @Test("A share of `complete_load_above` becomes a complete load")
    func completeLoadAbove() async throws {
        try await withBench { bench in
            var options = LoadOptions()
            options.completeLoadAbove = 0.25
            #expect(await bench.run(["EKKO", "EKPO", "VBAK"], options: options).kind == .complete)
            #expect(await bench.run(["EKKO", "EKPO"], options: options).kind == .partial)
        }
    }

    @Test("Q22: the load before ours still shows after the trigger and is not taken for it")
    func stale() async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.staleTime = .seconds(20)
        simulated.models[0].loadTime = .seconds(100)
        try await withBench(simulated) { bench in
            bench.simulator.startExternalLoad(loadTime: .seconds(1))
            bench.clock.advance(by: .seconds(5))
            bench.simulator.setOutcomes([SimulatedOutcome("ERROR", message: "disk full")])
            let result = await bench.run(["EKKO"])
            #expect(result.end == .failed(.transient("the load ended with ERROR: disk full", retryAfter: nil)))
        }
    }

    @Test(
        "Every shape of dates and fields that last-load may have is enough",
        arguments: [
            [], ["dataLoadId"], ["startDate"],
            ["dataLoadId", "startDate", "endDate", "message", "dataModelId", "loadType"],
        ],
        SimulatedBehaviour.Dates.allCases
    )
    func shapes(omitted: [String], dates: SimulatedBehaviour.Dates) async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.omittedFields = omitted
        simulated.behaviour.dates = dates
        simulated.models[0].loadTime = .seconds(30)
        try await withBench(simulated) { bench in
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.simulator.report.loadCount == 2)
        }
    }

    @Test("Every way to say \"never loaded\" is a free model", arguments: SimulatedBehaviour.NeverLoaded.allCases)
    func neverLoaded(_ shape: SimulatedBehaviour.NeverLoaded) async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.neverLoaded = shape
        try await withBench(simulated) { bench in
            #expect(await bench.client.look(at: Bench.model) == .free(LoadBaseline(mark: nil)))
            #expect(await bench.run(["EKKO"]).end == .succeeded)
        }
    }

    @Test(
        "Q22: how a load ended is how the attempt ended",
        arguments: [
            (SimulatedOutcome("WARNING", message: "2 rows skipped"), LoadEnd.succeededWithWarnings("2 rows skipped")),
            (SimulatedOutcome("CANCELED"), .failed(.canceled("the load was canceled in Celonis"))),
            (
                SimulatedOutcome("ERROR"),
                .failed(.transient("the load ended with ERROR: Celonis gave no reason", retryAfter: nil))
            ),
            (SimulatedOutcome("PUZZLED"), .unconfirmed("last-load shows the unknown status \"PUZZLED\"")),
        ]
    )
    func outcomes(_ outcome: SimulatedOutcome, _ end: LoadEnd) async throws {
        try await withBench { bench in
            bench.simulator.setOutcomes([outcome])
            #expect(await bench.run(["EKKO"]).end == end)
        }
    }

    @Test("Q22: a load that never ends is unconfirmed after load_timeout")
    func timeout() async throws {
        var simulated = SimulatorConfiguration()
        simulated.models[0].loadTime = nil
        try await withBench(simulated) { bench in
            let result = await bench.run(["EKKO"], options: LoadOptions(timeout: .seconds(600)))
            #expect(result.end == .unconfirmed("the load was not seen to end within 10 min"))
            #expect(bench.clock.now().monotonic == MonotonicTime(nanoseconds: 600_000_000_000))
        }
    }

    @Test("Q22: a POST that was ignored is unconfirmed after start_within")
    func ignored() async throws {
        try await withBench { bench in
            bench.simulator.inject(Fault(.answer, endpoint: .partialSync, status: 200))
            let result = await bench.run(["EKKO"])
            #expect(result.end == .unconfirmed("no new load showed within 120 s of the request"))
        }
    }

    @Test("Q18: failing polls are no failed attempt")
    func failingPolls() async throws {
        try await withBench { bench in
            bench.simulator.inject(Fault(.answer, endpoint: .lastLoad, skip: 1, count: 6, status: 503))
            bench.simulator.inject(Fault(.reset, endpoint: .lastLoad, skip: 1, count: 2))
            #expect(await bench.run(["EKKO"]).end == .succeeded)
            #expect(bench.loads == [["EKKO"]])
        }
    }

    @Test("Q20: unknown names are reported with a guess while the rest loads")
    func unknown() async throws {
        try await withBench { bench in
            let result = await bench.run(["EKKO", "EKKP"])
            #expect(result.end == .succeeded)
            #expect(result.tables == ["EKKO"])
            #expect(result.unknown.map(\.selector) == [.table("EKKP")])
            #expect(result.unknown[0].reason.hasPrefix("the model has no table \"EKKP\"; did you mean \"EKKO\""))
            #expect(await bench.run(["nowhere"]).end == .nothingToLoad)
            #expect(bench.loads == [["EKKO"]])
        }
    }

    @Test("An unknown name refreshes the table list at once; a known one does not")
    func refresh() async throws {
        try await withBench { bench in
            _ = await bench.run(["EKKO"])
            _ = await bench.run(["EKPO"])
            #expect(bench.simulator.report.callCounts[.tables] == 1)
            bench.simulator.setTables(SimulatedTable.sap + [SimulatedTable(id: "table-mara", name: "MARA")])
            #expect(await bench.run(["MARA"]) == LoadResult(end: .succeeded, tables: ["MARA"]))
            #expect(bench.simulator.report.callCounts[.tables] == 2)
            bench.clock.advance(by: .seconds(601))
            _ = await bench.run(["EKKO"])
            #expect(bench.simulator.report.callCounts[.tables] == 3)
        }
    }

    @Test("Q14: new tables of a connection are included")
    func connection() async throws {
        try await withBench { bench in
            #expect(await bench.run(["data_source:sap-masterdata"]).tables == ["KNA1", "LFA1"])
            let mara = SimulatedTable(id: "table-mara", name: "MARA", dataSourceID: "sap-masterdata")
            bench.simulator.setTables(SimulatedTable.sap + [mara])
            #expect(await bench.run(["data_source:sap-masterdata"]).tables == ["KNA1", "LFA1", "MARA"])
        }
    }

    @Test("A table that was removed and added again is loaded by its new id")
    func newID() async throws {
        try await withBench { bench in
            _ = await bench.run(["EKKO"])
            bench.simulator.setTables([SimulatedTable(id: "other", name: "EKKO"), SimulatedTable(id: "b", name: "B")])
            #expect(await bench.run(["EKKO"]) == LoadResult(end: .succeeded, tables: ["EKKO"]))
            #expect(bench.loads == [["EKKO"], ["EKKO"]])
        }
    }

    @Test("Q20: a rejected table is found by halving, named, and the rest loads")
    func poison() async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.rejectedTables = ["table-ekpo"]
        try await withBench(simulated) { bench in
            let result = await bench.run(["EKKO", "EKPO", "VBAK", "VBAP", "LIKP"])
            #expect(result.end == .succeeded)
            #expect(result.tables == ["EKKO", "LIKP", "VBAK", "VBAP"])
            #expect(result.unknown.map(\.selector) == [.table("EKPO")])
            #expect(result.unknown[0].reason.contains("A table cannot be loaded"))
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("Q20: when every part is rejected the whole set fails, and says so once")
    func allRejected() async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.rejectedTables = SimulatedTable.sap.map(\.id)
        try await withBench(simulated) { bench in
            let result = await bench.run(["EKKO", "EKPO", "VBAK"])
            guard case .failed(.permanent(let text)) = result.end else {
                Issue.record("\(result)")
                return
            }
            #expect(text.hasSuffix("load/partial-sync: A table cannot be loaded"))
            #expect(result.unknown == [])
            #expect(bench.loads == [])
        }
    }

    @Test("Q21: a load of somebody else that shows before the POST is busy, and nothing is sent")
    func busyBefore() async throws {
        try await withBench { bench in
            bench.simulator.startExternalLoad()
            #expect(await bench.client.look(at: Bench.model) == .busy)
            guard case .failed(.busy) = await bench.run(["EKKO"]).end else {
                Issue.record("not busy")
                return
            }
            #expect(bench.simulator.report.callCounts[.partialSync] == nil)
        }
    }

    @Test("Q21: 409, or 400 while a load shows, is busy", arguments: [409, 400])
    func busyAtPost(status: Int) async throws {
        try await withBench { bench in
            // The load of somebody else starts between our look and our POST.
            bench.simulator.inject(Fault(.answer, endpoint: .lastLoad, status: 204))
            bench.simulator.startExternalLoad()
            bench.simulator.setBehaviour { $0.secondTrigger = status == 409 ? .conflict : .badRequest }
            guard case .failed(.busy(let text, retryAfter: _)) = await bench.run(["EKKO"]).end else {
                Issue.record("not busy")
                return
            }
            #expect(text.contains("answered \(status)"))
            #expect(bench.loads == [])
        }
    }

    @Test(
        "Q22: a load that somebody else starts between our look and our POST is not taken for ours",
        arguments: SimulatedBehaviour.Dates.allCases.filter { $0 != .local },
        [SimulatedBehaviour.SecondTrigger.ignored, .queued]
    )
    func overtaken(dates: SimulatedBehaviour.Dates, second: SimulatedBehaviour.SecondTrigger) async throws {
        try await withBench { bench in
            bench.simulator.setBehaviour { behaviour in
                behaviour.dates = dates
                behaviour.secondTrigger = second
            }
            bench.simulator.startExternalLoad(loadTime: .seconds(100))
            bench.clock.advance(by: .seconds(5))
            bench.simulator.inject(Fault(endpoint: .lastLoad, status: 204))
            let end = await bench.run(["EKKO"]).end
            switch second {
            case .queued:
                #expect(end == .succeeded)
            default:
                guard case .failed(.unanswered(let text)) = end else {
                    Issue.record("taken for ours: \(end)")
                    return
                }
                #expect(text.contains("somebody else"))
                #expect(await bench.run(["EKKO"]).end == .succeeded)
            }
            #expect(bench.loads == [["EKKO"]])
            #expect(bench.simulator.report.violations == [])
        }
    }

    @Test("Q22: nor after a restart: the journal says when the POST was sent")
    func overtakenBeforeRestart() async throws {
        try await withBench { bench in
            bench.simulator.startExternalLoad(loadTime: .seconds(100))
            bench.clock.advance(by: .seconds(5))
            let order = LoadOrder(
                job: JobID(rawValue: 7),
                model: Bench.model,
                selectors: SelectorSet([Selector("EKKO")]),
                attempt: 1,
                baseline: LoadBaseline(mark: nil, sentAt: bench.clock.now().wall),
                options: LoadOptions()
            )
            let end = await bench.client.resume(order, .answered, progress: { _ in }).end
            guard case .failed(.unanswered(let text)) = end else {
                Issue.record("taken for ours")
                return
            }
            #expect(text.contains("somebody else"))
        }
    }

    @Test("Starts by a clock that disagrees with the answers' own cost two repeated loads, and then nothing")
    func disagreeingClocks() async throws {
        var simulated = SimulatorConfiguration()
        simulated.behaviour.dateLead = .seconds(-7)
        try await withBench(simulated) { bench in
            var ends: [Bool] = []
            for _ in 1...4 { ends.append(await bench.run(["EKKO"]).end == .succeeded) }
            #expect(ends == [false, false, true, true])
            #expect(bench.logs.lines.count { $0.hasPrefix("warning loads of this model seem to start before") } == 1)
        }
        for lead in [3600, -3600, 7] {
            simulated.behaviour.dateLead = .seconds(lead)
            try await withBench(simulated) { bench in #expect(await bench.run(["EKKO"]).end == .succeeded) }
        }
    }

    @Test("`dry_run` does everything but the POST")
    func dryRun() async throws {
        try await withBench(dryRun: true) { bench in
            #expect(await bench.run(["EKKO"]) == LoadResult(end: .dryRun, tables: ["EKKO"]))
            #expect(bench.simulator.report.callCounts == [.token: 1, .tables: 1, .lastLoad: 1])
        }
    }

    @Test("The usual time of a model's loads shapes the polls: about ten")
    func learns() async throws {
        var simulated = SimulatorConfiguration()
        simulated.models[0].loadTime = .seconds(300)
        try await withBench(simulated) { bench in
            _ = await bench.run(["EKKO"])
            let before = bench.simulator.report.callCounts[.lastLoad] ?? 0
            _ = await bench.run(["EKKO"])
            let polls = (bench.simulator.report.callCounts[.lastLoad] ?? 0) - before - 1
            #expect((8...12).contains(polls), "\(polls) polls")
        }
    }

    @Test("A cancelled run that has sent its POST is not taken for a load")
    func cancelled() async throws {
        var simulated = SimulatorConfiguration()
        simulated.models[0].loadTime = nil
        try await withBench(simulated) { bench in
            let task = Task { await bench.run(["EKKO"], options: LoadOptions(timeout: .seconds(1_000_000_000))) }
            bench.clock.at(.seconds(100)) { task.cancel() }
            #expect(await task.value.end == .failed(.unanswered("the load was no longer watched")))
        }
    }
}
