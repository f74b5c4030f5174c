import Admin
import FoundationEssentials
import Testing
import Vocabulary

/// A snapshot of a service with one model; tests change what they are about.
func sampleSnapshot() -> ServiceSnapshot {
    let now = Now(monotonic: MonotonicTime(nanoseconds: 5_000_000_000), wall: WallTime(milliseconds: 1_000_000))
    let model = ModelSnapshot(
        model: ModelReference(name: "orders", poolID: "p", dataModelID: "d"),
        state: .waiting,
        held: false,
        pendingChanges: [PendingChange(table: "EKKO", since: WallTime(milliseconds: 987_700))],
        pendingSince: WallTime(milliseconds: 987_700),
        oldestChangeAge: .milliseconds(12_300),
        maxWait: .seconds(600),
        loadAt: WallTime(milliseconds: 1_017_700),
        loading: nil,
        lastLoad: nil,
        failedJobs: 0,
        attempts: 0,
        changes: 3,
        loads: [LoadCount(kind: .partial, outcome: .succeeded, count: 2)],
        loadDuration: Histogram(),
        freshness: Histogram()
    )
    let source = SourceSnapshot(
        name: "fivetran",
        lastDeliveryAt: WallTime(milliseconds: 999_000),
        outcomes: [.accepted: 10, .duplicate: 1, .unauthorized: 2, .tooLarge: 1],
        secretLastUsed: [WallTime(milliseconds: 999_000), nil]
    )
    return ServiceSnapshot(
        version: "0.1.0",
        startedAt: WallTime(milliseconds: 0),
        configuration: ConfigurationSnapshot(loadedAt: WallTime(milliseconds: 0)),
        queue: QueueSnapshot(at: now, models: [model], jobs: [.waiting: 1], breakers: [], draining: false),
        sources: [source],
        unknownPaths: 4,
        openConnections: 1
    )
}

@Suite("Health")
struct HealthReportTests {
    @Test("the JSON has every key of product.md §4, nulls included")
    func shape() throws {
        let json = String(decoding: try AdminJSON.encode(HealthReport(sampleSnapshot())), as: UTF8.self)
        #expect(
            json == """
                {"configuration":{"error":null,"loaded_at":"1970-01-01T00:00:00.000Z"},\
                "journal":{"enabled":false,"recovered_changes":0,"writable":false},\
                "models":{"orders":{"failed_jobs":0,"held":false,"last_load":null,\
                "load_at":"1970-01-01T00:16:57.700Z","loading":null,"pending_since":"1970-01-01T00:16:27.700Z",\
                "pending_tables":["EKKO"],"state":"waiting"}},\
                "queue":{"failed":0,"held":0,"loading":0,"oldest_change_seconds":12.3,"pending_tables":1,\
                "ready":0,"retrying":0,"waiting":1},"reasons":[],\
                "sources":{"fivetran":{"accepted":10,"duplicates":1,"last_delivery_at":"1970-01-01T00:16:39.000Z",\
                "rejected":3,"rejections":{"too_large":1,"unauthorized":2},"silent":false,"unmatched":0}},\
                "started_at":"1970-01-01T00:00:00.000Z","status":"ok","version":"0.1.0"}
                """
        )
    }

    @Test("what was written can be read again")
    func roundTrip() throws {
        let written = try AdminJSON.encode(HealthReport(sampleSnapshot()))
        #expect(try AdminJSON.encode(HealthReport(json: written)) == written)
    }

    @Test(
        "each trouble degrades and is told in a sentence",
        arguments: [
            ("failed", "model orders has 1 failed job"), ("attempts", "job past three attempts"),
            ("held", "model orders is on hold"), ("old", "older than twice its max_wait"),
            ("pool", "pool p refuses"), ("configuration", "the former one stays in force: line 3"),
        ]
    )
    func degraded(trouble: String, sentence: String) {
        var snapshot = sampleSnapshot()
        switch trouble {
        case "failed": snapshot.queue.models[0].failedJobs = 1
        case "attempts": snapshot.queue.models[0].attempts = 4
        case "held": snapshot.queue.models[0].held = true
        case "old": snapshot.queue.models[0].oldestChangeAge = .seconds(1201)
        case "pool":
            snapshot.queue.breakers = [
                BreakerSnapshot(poolID: "p", since: WallTime(milliseconds: 0), message: "403")
            ]
        default: snapshot.configuration.error = "line 3"
        }
        let report = HealthReport(snapshot)
        #expect(report.status == .degraded)
        #expect(report.reasons.count == 1)
        #expect(report.reasons[0].contains(sentence))
    }

    @Test("refused credentials are failing, whatever else is wrong")
    func failing() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].held = true
        snapshot.queue.breakers = [BreakerSnapshot(poolID: nil, since: WallTime(milliseconds: 0), message: "401")]
        let report = HealthReport(snapshot)
        #expect(report.status == .failing)
        #expect(report.reasons.count == 2)
        #expect(report.reasons[0].contains("celonis.auth"))
    }

    @Test("two models of one name, while the older one empties, do not end the report")
    func sameName() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models.append(snapshot.queue.models[0])
        #expect(HealthReport(snapshot).models.count == 1)
    }

    @Test("Q22: a load whose end was not seen is told, although it is no reason for another status")
    func unconfirmed() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].lastLoad = JobSnapshot(
            id: JobID(rawValue: 1),
            model: snapshot.queue.models[0].model,
            state: .ended,
            outcome: .unconfirmed,
            tables: ["EKKO"],
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0)
        )
        let report = HealthReport(snapshot)
        #expect(report.status == .ok)
        #expect(report.reasons.count == 1)
        #expect(report.reasons.first?.contains("model orders's last load (job_0000000000001) was not seen") == true)
    }

    @Test("what went wrong is told from the first time on, with the next try, and degrades nothing yet")
    func trouble() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].trouble = WaitingTrouble(
            job: JobID(rawValue: 7),
            message: "GET last-load: connection refused",
            nextTry: WallTime(milliseconds: 1_017_700)
        )
        let report = HealthReport(snapshot)
        #expect(report.status == .ok)
        #expect(
            report.reasons == [
                """
                model orders cannot be loaded at present: GET last-load: connection refused (job_0000000000007); \
                the next try is at 1970-01-01T00:16:57.700Z; nothing is lost
                """
            ]
        )
        snapshot.queue.models[0].attempts = 4
        let degraded = HealthReport(snapshot)
        #expect(degraded.status == .degraded)
        #expect(degraded.reasons.count == 1)
        #expect(degraded.reasons.first?.contains("(4 so far): GET last-load: connection refused") == true)
    }

    @Test("a failed job is told with its tables, its error and what to do")
    func failedJob() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].failedJobs = 2
        snapshot.queue.models[0].lastFailed = JobSnapshot(
            id: JobID(rawValue: 7),
            model: snapshot.queue.models[0].model,
            state: .failed,
            outcome: .failed,
            tables: ["A", "B", "C", "D", "E", "F"],
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0),
            error: "400: table B is locked"
        )
        #expect(
            HealthReport(snapshot).reasons == [
                """
                model orders has 2 failed jobs; the newest is job_0000000000007 (A, B, C, D, E, …): 400: table B is \
                locked. Mend the cause, then run: reloader retry job_0000000000007, or: reloader discard \
                job_0000000000007
                """
            ]
        )
    }

    @Test("an old change is told with what it waits for")
    func old() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].oldestChangeAge = .seconds(1201)
        snapshot.queue.models[0].waitingFor = "a load that somebody else started to end"
        #expect(
            HealthReport(snapshot).reasons == [
                """
                model orders has a change older than twice its max_wait (1201.0 s, max_wait 600.0 s); it waits for a \
                load that somebody else started to end
                """
            ]
        )
    }

    @Test("an old change that is being loaded waits for nothing, whatever has come since")
    func oldAndLoading() {
        var snapshot = sampleSnapshot()
        snapshot.queue.models[0].oldestChangeAge = .seconds(1201)
        snapshot.queue.models[0].waitingFor = "the quiet period (debounce)"
        snapshot.queue.models[0].loading = JobSnapshot(
            id: JobID(rawValue: 7),
            model: snapshot.queue.models[0].model,
            state: .loading,
            outcome: nil,
            tables: ["A"],
            events: [],
            eventCount: 0,
            createdAt: WallTime(milliseconds: 0)
        )
        #expect(HealthReport(snapshot).reasons.map { $0.hasSuffix("; it is in the load that runs") } == [true])
    }

    @Test("a source that is silent for longer than its expect_every is degraded, and says for how long")
    func silence() {
        var snapshot = sampleSnapshot()
        snapshot.sources[0].quietFor = .seconds(21_601)
        #expect(HealthReport(snapshot).status == .ok)
        snapshot.sources[0].expectEvery = .seconds(21_600)
        let report = HealthReport(snapshot)
        #expect(report.status == .degraded)
        #expect(report.reasons.contains { $0.contains("fivetran is silent") && $0.contains("21601.0 s") })
    }
}
