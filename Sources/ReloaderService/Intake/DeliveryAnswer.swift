import ReloadQueue
import Rules
import Vocabulary

/// The body of a 202 or 200 answer to a delivery (product.md §3).
struct DeliveryAnswer {
    enum Status {
        case accepted, unmatched, duplicate

        var text: StaticString {
            switch self {
            case .accepted: "accepted"
            case .unmatched: "unmatched"
            case .duplicate: "duplicate"
            }
        }
    }

    var event: EventID
    var status: Status
    /// What the rules named, and where it went: one rule's part of one job each.
    var changes: [Change] = []
    var admitted: [AdmittedChange] = []

    /// As UTF-8. Written by hand: an encoder would cost more than all the rest of a delivery.
    var json: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(64 + 192 * changes.count)
        text.append(#"{"event":""#)
        event.append(to: &text)
        text.append(#"","status":""#)
        text.append(status.text)
        text.append(#"","jobs":["#)
        var isFirst = true
        // By their positions: a copy of each would be counted for all that it holds.
        for change in changes.indices {
            guard let job = admitted.firstIndex(where: { $0.model.name == changes[change].model }) else { continue }
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            append(change, job, to: &text)
        }
        text.append("]}")
        return text
    }

    private func append(_ change: Int, _ job: Int, to text: inout [UInt8]) {
        text.append(#"{"id":""#)
        admitted[job].job.append(to: &text)
        text.append(#"","#)
        text += changes[change].json
        text.append(#","load_at":"#)
        if let loadAt = admitted[job].loadAt {
            text.append(UInt8(ascii: "\""))
            loadAt.appendRFC3339(to: &text)
            text.append(#""}"#)
        } else {
            text.append("null}")
        }
    }
}
