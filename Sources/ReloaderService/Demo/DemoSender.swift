import FoundationEssentials
import Settings
import Vocabulary

/// A sender such as Fivetran: one signed delivery a finished sync.
struct DemoSender: Sendable {
    let source: SourceSettings
    let base: String
    let clock: any TimeSource

    /// A sync that ended.
    struct Sync {
        var table: String
        var id: String
        var status = "SUCCESSFUL"

        var connector: String { "sap_" + table.lowercased() }

        var body: [UInt8] {
            Array(
                """
                {"event":"sync_end","created":"2026-01-01T00:00:00Z","connector_type":"sap_erp",\
                "connector_id":"\(connector)_id","connector_name":"\(connector)","sync_id":"\(id)",\
                "destination_group_id":"demo","data":{"status":"\(status)"}}
                """.utf8
            )
        }
    }

    /// What the service answered.
    struct Answer: Decodable {
        var event: String?
        var status: String?
        var jobs: [Job]?

        struct Job: Decodable {
            var id: String
            var model: String
            var rule: String
            var tables: [String]
        }
    }

    /// Posts a delivery; `forged` signs it with a secret that is not the source's.
    func send(_ sync: Sync, forged: Bool = false) async throws -> (status: Int, answer: Answer?) {
        var signer = source
        if forged, let secret = source.secrets.first {
            signer.secrets = [Secret(reference: secret.reference, bytes: Array("somebody-else".utf8))]
        }
        let delivery = try SampleDelivery(
            source: signer,
            base: base,
            body: sync.body,
            now: clock.now().wall,
            messageID: sync.id
        )
        let answer = try await delivery.post()
        return (answer.status, try? JSONDecoder().decode(Answer.self, from: Data(answer.body)))
    }
}
