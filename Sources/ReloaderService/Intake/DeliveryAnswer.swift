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

    /// One rule's part of one job.
    struct Entry {
        var job: JobID
        var model: String
        var rule: String
        var tables: [String]
        /// The earliest start if nothing else arrives; nil while that is not known.
        var loadAt: WallTime?
    }

    var event: EventID
    var status: Status
    var entries: [Entry] = []

    /// As UTF-8. Written by hand: an encoder would cost more than all the rest of a delivery.
    var json: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(64 + 192 * entries.count)
        text.append(#"{"event":""#)
        event.append(to: &text)
        text.append(#"","status":""#)
        text.append(status.text)
        text.append(#"","jobs":["#)
        for (index, entry) in entries.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            entry.append(to: &text)
        }
        text.append("]}")
        return text
    }
}

extension DeliveryAnswer.Entry {
    fileprivate func append(to text: inout [UInt8]) {
        text.append(#"{"id":""#)
        job.append(to: &text)
        text.append(#"","model":"#)
        JSONText.append(model, to: &text)
        text.append(#","rule":"#)
        JSONText.append(rule, to: &text)
        text.append(#","tables":["#)
        for (position, table) in tables.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            JSONText.append(table, to: &text)
        }
        text.append(#"],"load_at":"#)
        if let loadAt {
            text.append(UInt8(ascii: "\""))
            loadAt.appendRFC3339(to: &text)
            text.append(#""}"#)
        } else {
            text.append("null}")
        }
    }
}
