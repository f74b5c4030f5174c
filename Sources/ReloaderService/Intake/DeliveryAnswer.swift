import Vocabulary

/// The body of a 202 or 200 answer to a delivery (product.md §3).
struct DeliveryAnswer {
    enum Status: String {
        case accepted, unmatched, duplicate
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
        text += #"{"event":""#.utf8
        event.append(to: &text)
        text += #"","status":""#.utf8
        text += status.rawValue.utf8
        text += #"","jobs":["#.utf8
        for (index, entry) in entries.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            entry.append(to: &text)
        }
        text += "]}".utf8
        return text
    }
}

extension DeliveryAnswer.Entry {
    fileprivate func append(to text: inout [UInt8]) {
        text += #"{"id":""#.utf8
        job.append(to: &text)
        text += #"","model":"#.utf8
        JSONText.append(model, to: &text)
        text += #","rule":"#.utf8
        JSONText.append(rule, to: &text)
        text += #","tables":["#.utf8
        for (position, table) in tables.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            JSONText.append(table, to: &text)
        }
        text += #"],"load_at":"#.utf8
        if let loadAt {
            text.append(UInt8(ascii: "\""))
            loadAt.appendRFC3339(to: &text)
            text += #""}"#.utf8
        } else {
            text += "null}".utf8
        }
    }
}
