import Vocabulary

/// One message of `GET /api/v1/stream`, as server-sent events (HTML standard, §9.2.5).
package enum StreamMessage: Sendable {
    /// A job's state or outcome changed.
    case job(JobChange)
    /// Something else happened that is no change of a job.
    case change(OtherChange)
    /// A model is another than it was told of last: as `GET /api/v1/models/{model}` would show it.
    case model(ModelDocument)
    /// The service as a whole, as `GET /health` would show it, without its models.
    case status(HealthReport)
    /// What happened meanwhile cannot be told any more: read everything again.
    case reset(reason: String)

    package struct JobChange: Codable, Sendable {
        package var at: String
        package var reason: String
        package var job: JobDocument

        package init(at: WallTime, reason: String, job: JobSnapshot) {
            self.at = at.rfc3339
            self.reason = reason
            self.job = JobDocument(job)
        }
    }

    package struct OtherChange: Codable, Sendable {
        package var at: String
        package var what: String
        @ExplicitNull package var model: String?
        @ExplicitNull package var detail: String?

        package init(at: WallTime, what: String, model: String?, detail: String? = nil) {
            self.at = at.rfc3339
            self.what = what
            self.model = model
            self.detail = detail
        }
    }

    private struct Reset: Codable {
        var reason: String
    }

    /// The name under which a page listens for it.
    package var name: String {
        switch self {
        case .job: "job"
        case .change: "change"
        case .model: "model"
        case .status: "status"
        case .reset: "reset"
        }
    }

    /// The message's bytes. Its data is one line: JSON has no line breaks but escaped ones.
    package func encoded(id: String? = nil) throws -> [UInt8] {
        var bytes = Array("event: \(name)\n".utf8)
        if let id { bytes += "id: \(id)\n".utf8 }
        bytes += "data: ".utf8
        switch self {
        case .job(let change): bytes += try AdminJSON.encode(change)
        case .change(let change): bytes += try AdminJSON.encode(change)
        case .model(let model): bytes += try AdminJSON.encode(model)
        case .status(let report): bytes += try AdminJSON.encode(report)
        case .reset(let reason): bytes += try AdminJSON.encode(Reset(reason: reason))
        }
        bytes += "\n\n".utf8
        return bytes
    }

    /// How long a page waits before it comes again.
    package static let retry = Array("retry: 2000\n\n".utf8)
    /// Says nothing, and keeps what is in between from giving the connection up.
    package static let heartbeat = Array(": still here\n\n".utf8)
}
