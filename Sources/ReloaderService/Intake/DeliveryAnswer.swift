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

    var json: String {
        var text = "{\"event\":\"\(event)\",\"status\":\"\(status.rawValue)\",\"jobs\":["
        for (index, entry) in entries.enumerated() {
            if index > 0 { text.append(",") }
            text.append("{\"id\":\"\(entry.job)\",\"model\":")
            JSONText.append(entry.model, to: &text)
            text.append(",\"rule\":")
            JSONText.append(entry.rule, to: &text)
            text.append(",\"tables\":[")
            for (position, table) in entry.tables.enumerated() {
                if position > 0 { text.append(",") }
                JSONText.append(table, to: &text)
            }
            text.append("],\"load_at\":")
            if let loadAt = entry.loadAt { text.append("\"\(loadAt.rfc3339)\"") } else { text.append("null") }
            text.append("}")
        }
        text.append("]}")
        return text
    }
}
