import CelonisSimulator
import FoundationEssentials
import Testing

@Suite("The simulator's configuration")
struct SimulatorConfigurationTests {
    private func read(_ text: String) throws -> SimulatorConfiguration {
        try JSONDecoder().decode(SimulatorConfiguration.self, from: Data(text.utf8))
    }

    @Test("Without any key it is the demo")
    func defaults() throws {
        #expect(try read("{}") == SimulatorConfiguration())
        #expect(try read("{}").models.map(\.tables.count) == [12])
    }

    @Test("What is written replaces its default and nothing else")
    func written() throws {
        let configuration = try read(
            """
            {"models":[{"pool_id":"p","load_seconds":null,"outcomes":[{"status":"ERROR"}],
              "tables":[{"id":"1","name":"A","alias":"B","data_source_id":"s"}]}],
             "behaviour":{"second_trigger":"queued","stale_seconds":0.5,"dates":"epoch",
              "accepted":"json","errors":"html","expires_in":"untold","without_cache":"rejected",
              "running_status":"LOST_CONNECTION"},
             "credentials":{"token_seconds":5,"client_authentication":"form"},
             "faults":[{"endpoint":"partial_sync","effect":"hang","count":null,"share":0.2}],"seed":9,
             "tls":{"certificate":"c","private_key":"k"}}
            """
        )
        var expected = SimulatorConfiguration()
        expected.models[0].poolID = "p"
        expected.models[0].loadTime = nil
        expected.models[0].outcomes = [SimulatedOutcome("ERROR")]
        expected.models[0].tables = [SimulatedTable(id: "1", name: "A", alias: "B", dataSourceID: "s")]
        expected.behaviour.secondTrigger = .queued
        expected.behaviour.staleTime = .milliseconds(500)
        expected.behaviour.dates = .epoch
        expected.behaviour.accepted = .json
        expected.behaviour.errors = .html
        expected.behaviour.lifetime = .untold
        expected.behaviour.withoutCache = .rejected
        expected.behaviour.runningStatus = "LOST_CONNECTION"
        expected.tls = SimulatedTLS(certificate: "c", privateKey: "k")
        expected.credentials.tokenLifetime = .seconds(5)
        expected.credentials.clientAuthentication = .form
        expected.faults = [Fault(.hang, endpoint: .partialSync, count: nil, share: 0.2)]
        expected.seed = 9
        #expect(configuration == expected)
    }

    @Test(
        "What no clock and no memory can hold is an error, and does not end the program",
        arguments: [
            #"{"models":[{"load_seconds":10000000000}]}"#, #"{"models":[{"load_seconds":-1e300}]}"#,
            #"{"models":[{"data_job":{"run_seconds":1e300}}]}"#, #"{"behaviour":{"stale_seconds":1e19}}"#,
            #"{"faults":[{"padding":-1}]}"#, #"{"faults":[{"delay_seconds":1e300}]}"#,
        ]
    )
    func extremes(_ text: String) {
        #expect(throws: DecodingError.self) { try read(text) }
    }

    @Test(
        "An unknown key is named, also beside another mistake",
        arguments: [
            (#"{"modells":[],"seed":"x"}"#, "modells"), (#"{"models":[{"load":1,"pool_id":[]}]}"#, "load"),
            (#"{"models":[{"tables":[{"id":"1","nam":"A"}]}]}"#, "nam"), (#"{"faults":[{"efect":"x"}]}"#, "efect"),
            (#"{"models":[{"outcomes":[{"state":"x"}]}]}"#, "state"), (#"{"behaviour":{"x":1}}"#, "x"),
        ]
    )
    func unknownKeys(_ text: String, _ key: String) throws {
        let error = #expect(throws: DecodingError.self) { try read(text) }
        #expect("\(try #require(error))".contains("unknown key \"\(key)\""), "\(error as Any)")
    }
}
