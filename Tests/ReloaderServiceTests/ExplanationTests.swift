import Foundation
import ReloaderService
import Settings
import Testing
import Vocabulary

@Suite("explain")
struct ExplanationTests {
    private static let configuration = """
        celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: env:KEY } }
        models: { m: { pool_id: p, data_model_id: d } }
        sources:
          segment: { signature: segment, secrets: [env:S] }
          slack: { signature: slack, secrets: [env:S] }
          grid: { signature: none, allow_from: [127.0.0.1/32], handshake: event_grid }
        rules: [{ name: r, source: [segment, slack, grid], reload: { model: m, tables: [EKKO] } }]

        """
    private static let challenge = #"{"type":"url_verification","challenge":"c"}"#
    private static let validation =
        #"[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c"}}]"#

    private func configuration() throws -> Configuration {
        let loaded = SettingsLoader.load(text: Self.configuration, file: "f", secrets: nil)
        return try #require(loaded.configuration, "\(loaded.diagnostics)")
    }

    @Test(
        "what the service answers by itself reaches no rule, and says so",
        arguments: [
            ("segment", #"[{"a":1}]"#, "answered with 400"), ("segment", #"{"a":1}"#, "result: m [EKKO]"),
            ("slack", challenge, "is a handshake"), ("slack", #"{"type":"x"}"#, "result: m [EKKO]"),
            ("grid", validation, "is a handshake"), ("grid", challenge, "result: m [EKKO]"),
        ]
    )
    func intercepted(source: String, body: String, told: String) throws {
        let body = Array(body.utf8)
        let explanation = try Explanation(try configuration(), source: source, headers: [:], body: body)
        #expect(explanation.text.contains(told), "\(explanation.text)")
        let reaches = told.contains("EKKO")
        let json = try JSONSerialization.jsonObject(with: Data(try explanation.json().utf8)) as? [String: Any]
        #expect((json?["result"] as? [Any])?.isEmpty == !reaches)
        #expect((json?["error"] != nil) == told.contains("400"))
        let written = Result {
            try WrittenTest(try configuration(), source: source, headers: [:], body: body, event: "e.json")
        }
        if reaches {
            _ = try written.get()
        } else {
            #expect(throws: WrittenTest.NotMatched.self) { try written.get() }
        }
    }
}
