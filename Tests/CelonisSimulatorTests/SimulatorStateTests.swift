import CelonisSimulator
import Testing
import Vocabulary

/// A state that is asked as over HTTP, with a hand clock.
struct Caller {
    static let base = "/integration/api/v1/data-pools/demo-pool/data-models/demo-model"

    var state: SimulatorState
    var seconds = 0

    init(_ configuration: SimulatorConfiguration = SimulatorConfiguration()) { state = SimulatorState(configuration) }

    var now: Now {
        Now(
            monotonic: MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000),
            wall: WallTime(milliseconds: 1_800_000_000_000 + Int64(seconds) * 1000)
        )
    }

    mutating func call(
        _ method: String,
        _ target: String,
        _ body: String = "",
        authorization: String? = "AppKey demo-application-key"
    ) -> SimulatorReply {
        let headers = HeaderList(authorization.map { [("Authorization", $0)] } ?? [])
        let path = target.hasPrefix("/") ? target : Self.base + "/" + target
        return state.handle(
            SimulatorRequest(method: method, target: path, headers: headers, body: Array(body.utf8)),
            at: now
        )
    }

    mutating func load(_ ids: String...) -> Int {
        call("POST", "load/partial-sync", "[" + ids.map { "\"\($0)\"" }.joined(separator: ",") + "]").status
    }

    /// The body of last-load, or its status when it has none.
    mutating func lastLoad() -> String {
        let reply = call("GET", "last-load")
        return reply.body.isEmpty ? "\(reply.status)" : String(decoding: reply.body, as: UTF8.self)
    }

    mutating func report() -> String {
        String(decoding: call("GET", "/simulator/report").body, as: UTF8.self)
    }

    /// The kinds of violations since the last time.
    mutating func violations() -> [Violation.Kind] {
        state.takeEvents().compactMap { event in
            if case .violated(let violation) = event { violation.kind } else { nil }
        }
    }
}

@Suite("The simulator's state")
struct SimulatorStateTests {
    @Test("A load takes its time, shows as RUNNING and then as SUCCESS, and tells its events")
    func load() {
        var caller = Caller()
        #expect(caller.lastLoad() == "204")
        #expect(caller.load("table-ekko", "table-ekpo") == 200)
        #expect(
            caller.lastLoad().contains(#""loadStatus":"RUNNING","startDate":"2027-01-15T08:00:00.000Z","endDate":null"#)
        )
        caller.seconds = 3
        #expect(caller.lastLoad().contains(#""loadStatus":"SUCCESS""#))
        let told = caller.state.takeEvents().compactMap { event -> String? in
            switch event {
            case .called, .violated: nil
            case .loadStarted(let load): "started \(load.tables)"
            case .loadEnded(let load): "ended \(load.status)"
            }
        }
        #expect(told == [#"started ["EKKO", "EKPO"]"#, "ended SUCCESS"])
        #expect(caller.report().contains(#""load_count":1"#))
    }

    @Test("After a trigger the load before shows for a while")
    func stale() {
        var configuration = SimulatorConfiguration()
        configuration.behaviour.staleTime = .seconds(2)
        var caller = Caller(configuration)
        _ = caller.call("POST", "load")
        caller.seconds = 1
        #expect(caller.lastLoad() == "204")
        caller.seconds = 2
        #expect(caller.lastLoad().contains("RUNNING"))
    }

    @Test("A second trigger of ours during a load is a violation under every guess")
    func overlap() {
        for guess in SimulatedBehaviour.SecondTrigger.allCases {
            var configuration = SimulatorConfiguration()
            configuration.behaviour.secondTrigger = guess
            var caller = Caller(configuration)
            _ = caller.load("table-ekko")
            let status = caller.load("table-ekko")
            #expect(status == [.conflict: 409, .badRequest: 400][guess] ?? 200)
            #expect(caller.violations() == [.overlap])
            caller.seconds = 100
            _ = caller.lastLoad()
            #expect(caller.report().contains(#""load_count":\#([.queued, .replaced].contains(guess) ? 2 : 1)"#))
        }
    }

    @Test("A trigger during somebody else's load is no violation; two behind it are")
    func external() {
        var configuration = SimulatorConfiguration()
        configuration.behaviour.secondTrigger = .queued
        var caller = Caller(configuration)
        #expect(caller.call("POST", "/simulator/external-load", #"{"seconds":5}"#).status == 204)
        #expect(caller.call("POST", "/simulator/external-load").status == 409)
        #expect(caller.load("table-ekko") == 200)
        #expect(caller.violations() == [])
        #expect(caller.load("table-ekko") == 200)
        #expect(caller.violations() == [.overlap])
        caller.seconds = 6
        #expect(caller.lastLoad().contains("RUNNING"))
    }

    @Test("Sets that a good client never sends are violations")
    func badSets() {
        var caller = Caller()
        #expect(caller.load() == 400)
        #expect(caller.load("table-ekko", "table-ekko") == 400)
        #expect(caller.load("nothing") == 400)
        #expect(caller.call("POST", "load/partial-sync", "{").status == 400)
        #expect(caller.call("GET", "elsewhere").status == 404)
        #expect(caller.violations() == [.emptySet, .repeatedID, .unknownID, .emptySet, .unknownCall])
    }

    @Test("An id that was listed once is refused without blame")
    func formerID() {
        var caller = Caller()
        #expect(caller.call("POST", "/simulator/tables", #"{"tables":[{"id":"a","name":"A"}]}"#).status == 204)
        #expect(caller.load("table-ekko") == 400)
        #expect(caller.violations() == [])
        #expect(caller.load("a") == 200)
    }

    @Test("Keys, tokens and their ends are checked, and a forbidden pool refuses")
    func credentials() {
        var caller = Caller()
        func status(_ authorization: String?) -> Int {
            caller.call("GET", "tables", authorization: authorization).status
        }
        #expect(status("Bearer demo-api-key") == 200)
        for wrong in [nil, "Bearer demo-application-key", "AppKey demo-api-key", "Bearer token-1"] {
            #expect(status(wrong) == 401)
        }
        #expect(caller.violations() == Array(repeating: .badCredentials, count: 4))
        let form =
            "grant_type=client_credentials&scope=integration.data-pools&client_id=demo-client&client_secret=demo-secret"
        let token = caller.call("POST", "/oauth2/token", form, authorization: nil)
        #expect(String(decoding: token.body, as: UTF8.self).contains(#""access_token":"token-1""#))
        #expect(status("Bearer token-1") == 200)
        caller.seconds = 900
        #expect(status("Bearer token-1") == 401)
        #expect(caller.violations() == [])

        var configuration = SimulatorConfiguration()
        configuration.credentials.forbiddenPools = ["demo-pool"]
        caller = Caller(configuration)
        #expect(status("Bearer demo-api-key") == 403)
    }

    @Test("A fault meets the calls that it names, so often as it says")
    func faults() {
        var caller = Caller()
        let fault =
            #"{"endpoint":"last_load","skip":1,"count":2,"status":503,"body":"x","headers":{"retry-after":"1"}}"#
        #expect(caller.call("POST", "/simulator/fault", fault).status == 204)
        #expect((1...5).map { _ in caller.call("GET", "last-load").status } == [204, 503, 503, 204, 204])
        #expect(caller.call("GET", "tables").status == 200)
        #expect(caller.call("POST", "/simulator/fault", #"{"effect":"bad"}"#).status == 400)

        _ = caller.call("POST", "/simulator/fault", #"{"effect":"reset","processed":true,"count":null}"#)
        #expect(caller.call("POST", "load").delivery == .reset)
        #expect(caller.call("POST", "/simulator/clear-faults").status == 204)
        #expect(caller.lastLoad().contains("RUNNING"))
    }

    @Test("A share of calls is chosen by the seed alone")
    func share() {
        func statuses(seed: UInt64) -> [Int] {
            let fault = Fault(count: nil, share: 0.2)
            var caller = Caller(SimulatorConfiguration(faults: [fault], seed: seed))
            return (0..<500).map { _ in caller.call("GET", "tables").status }
        }
        let first = statuses(seed: 1)
        #expect((70...130).contains(first.count { $0 == 500 }))
        #expect(first == statuses(seed: 1))
        #expect(first != statuses(seed: 2))
    }

    @Test("A load is ended from outside, as the tester says")
    func finish() {
        var configuration = SimulatorConfiguration()
        configuration.models[0].loadTime = nil
        var caller = Caller(configuration)
        #expect(caller.call("POST", "/simulator/finish-load").status == 409)
        _ = caller.load("table-ekko")
        caller.seconds = 10_000
        #expect(caller.lastLoad().contains("RUNNING"))
        let outcome = #"{"status":"WARNING","message":"a \"quoted\"\nline"}"#
        #expect(caller.call("POST", "/simulator/finish-load", outcome).status == 204)
        #expect(caller.lastLoad().contains(#""message":"a \"quoted\"\nline""#))
    }
}
