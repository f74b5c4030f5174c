import Admin
import Settings
import Vocabulary

/// One message about the service, for other tools (product.md §2, `notify`). Its body has the form that Standard Webhooks
/// recommends: `{"type":"job.failed","timestamp":"…","data":{…}}`.
struct Notification: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        case jobFailed(JobSnapshot)
        case degraded(HealthReport.Status, reasons: [String])
        case recovered
    }

    /// The same at every attempt, so that the receiver can tell a repetition.
    let id: String
    /// When it happened.
    let at: Now
    let content: Content

    /// Which entry of `notify.on` asks for it.
    var occasion: NotifySettings.Occasion {
        switch content {
        case .jobFailed: .failed
        case .degraded: .degraded
        case .recovered: .recovered
        }
    }

    /// The body's `type`.
    var type: String {
        switch content {
        case .jobFailed: "job.failed"
        case .degraded: "service.degraded"
        case .recovered: "service.recovered"
        }
    }

    /// The body's JSON: `data` is the job as the API shows it, or the status and the reasons of health.
    func body() throws -> [UInt8] {
        switch content {
        case .jobFailed(let job): try encode(JobDocument(job))
        case .degraded(let status, let reasons): try encode(StatusDocument(status: status, reasons: reasons))
        case .recovered: try encode(StatusDocument(status: .ok, reasons: []))
        }
    }

    private func encode(_ data: some Encodable) throws -> [UInt8] {
        try AdminJSON.encode(Envelope(type: type, timestamp: at.wall.rfc3339, data: data))
    }
}

private struct Envelope<Payload: Encodable>: Encodable {
    var type: String
    var timestamp: String
    var data: Payload
}

private struct StatusDocument: Encodable {
    var status: HealthReport.Status
    var reasons: [String]
}
