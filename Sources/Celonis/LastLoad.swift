import FoundationEssentials
import Vocabulary

/// What last-load said. Its body is undocumented: every field may be missing, dates are text or numbers, and an
/// unknown status is unknown, not a failure (celonis-api.md, last-load).
package enum LastLoadAnswer: Hashable, Sendable {
    /// 204, 404, `null` or an empty body.
    case neverLoaded
    case inProgress(LoadIdentity)
    case ended(LoadIdentity, EndedLoad)
    /// With what could be read of the load's identity.
    case notUnderstood(String, LoadIdentity?)
    /// No usable answer came.
    case failed(LoadFailure)

    /// Reads the body of an answer with a 2xx status. Texts for people go through `text`.
    package init(status: Int, body: [UInt8], text: AnswerText) {
        if status == 204 || body.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            self = .neverLoaded
            return
        }
        let decoded: LastLoadBody?
        do {
            decoded = try JSONDecoder().decode(LastLoadBody?.self, from: Data(body))
        } catch {
            self = .notUnderstood("last-load is not a JSON object", nil)
            return
        }
        guard let load = decoded else {
            self = .neverLoaded
            return
        }
        let message = load.message?.text.map(text.clean)
        let identity = LoadIdentity(id: load.dataLoadId?.text, start: load.startDate?.text)
        switch load.loadStatus?.text {
        case "RUNNING", "LOST_CONNECTION", "CANCELLING": self = .inProgress(identity)
        case "SUCCESS": self = .ended(identity, .succeeded)
        case "WARNING": self = .ended(identity, .warning(message))
        case "ERROR": self = .ended(identity, .failed(message))
        case "CANCELED": self = .ended(identity, .canceled(message))
        case let status?:
            self = .notUnderstood(text.clean("last-load shows the unknown status \"\(status)\""), identity)
        case nil: self = .notUnderstood("last-load shows no status", identity)
        }
    }
}

extension LastLoadAnswer {
    /// Why no usable answer came.
    var failure: LoadFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

/// How a load ended, with Celonis's message.
package enum EndedLoad: Hashable, Sendable {
    case succeeded
    case warning(String?)
    case failed(String?)
    case canceled(String?)
}

/// What tells one load from another.
package struct LoadIdentity: Hashable, Sendable {
    package var id: String?
    package var start: String?

    package init(id: String?, start: String?) {
        self.id = id
        self.start = start
    }

    /// The identity that a baseline's mark may stand for.
    package init(mark: String) { self.init(id: mark, start: mark) }

    /// When the load began by the server's clock; nil where it does not say so plainly.
    package var startTime: WallTime? { start.flatMap { WallTime(loadDate: $0) } }

    package var baseline: LoadBaseline { LoadBaseline(mark: id ?? start) }

    /// nil: the answers have no field in common, so that it cannot be told.
    package func isSame(as other: Self) -> Bool? {
        if let id, let otherID = other.id { return id == otherID }
        if let start, let otherStart = other.start { return start == otherStart }
        return nil
    }
}

private struct LastLoadBody: Decodable {
    var dataLoadId: LooseText?
    var loadStatus: LooseText?
    var startDate: LooseText?
    var message: LooseText?
}

/// A JSON scalar as text; anything else as no text. For fields whose type nobody promised.
struct LooseText: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
        guard let value = try? decoder.singleValueContainer() else { return }
        if let string = try? value.decode(String.self) {
            text = string
        } else if let integer = try? value.decode(Int64.self) {
            text = String(integer)
        } else if let number = try? value.decode(Double.self) {
            text = String(number)
        }
    }
}
