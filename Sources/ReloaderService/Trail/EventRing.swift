import Rules
import Vocabulary

/// The last events, for the why-trail: fixed in number and in the memory that their bodies take, oldest out first.
///
/// Why the other rules did not match is worked out when somebody asks, from the event itself: to work it out for each
/// delivery would cost more than matching does.
struct EventRing {
    /// One event as it was taken in.
    struct Entry {
        var id: EventID
        var source: String
        var receivedAt: WallTime
        var secretPosition: Int?
        /// What the matching rules named; empty for an unmatched event.
        var changes: [Change]
        var jobs: [JobID]
        /// nil once it was dropped.
        var evidence: Evidence?
        var duplicates = 0
        var lastDuplicateAt: WallTime?

        var status: EventStatus { changes.isEmpty ? .unmatched : .accepted }
    }

    /// What the rules saw: the event, the header fields that any of them names, and the rules themselves.
    struct Evidence {
        var body: [UInt8]
        var headers: HeaderList
        var rules: RuleSet
    }

    /// Bytes that all kept bodies may take together.
    static let bodyBudget = 4 * 1024 * 1024

    private let capacity: Int
    private var entries: [Entry] = []
    /// Where the next one goes once the ring is full: the oldest.
    private var next = 0
    private var positions: [EventID: Int] = [:]
    private var bodyBytes = 0
    /// The number of the entry whose evidence goes first; counts entries ever appended.
    private var oldestEvidence = 0
    private var appended = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    mutating func append(_ entry: Entry) {
        if entries.count < capacity {
            positions[entry.id] = entries.count
            entries.append(entry)
        } else {
            drop(evidenceAt: next)
            positions[entries[next].id] = nil
            positions[entry.id] = next
            entries[next] = entry
            next = (next + 1) % capacity
            oldestEvidence = max(oldestEvidence, appended + 1 - capacity)
        }
        appended += 1
        bodyBytes += entry.evidence?.body.capacity ?? 0
        while bodyBytes > Self.bodyBudget, oldestEvidence < appended {
            drop(evidenceAt: oldestEvidence % capacity)
            oldestEvidence += 1
        }
    }

    /// The same event was delivered again.
    mutating func noteDuplicate(of id: EventID, at time: WallTime) {
        guard let position = positions[id] else { return }
        entries[position].duplicates += 1
        entries[position].lastDuplicateAt = time
    }

    subscript(id: EventID) -> Entry? { positions[id].map { entries[$0] } }

    /// Newest first.
    func newest(source: String?, status: EventStatus?, limit: Int) -> [Entry] {
        var found: [Entry] = []
        for offset in 1...max(1, entries.count) where found.count < limit && !entries.isEmpty {
            let entry = entries[(next + entries.count - offset) % entries.count]
            guard source == nil || entry.source == source else { continue }
            switch status {
            case nil: break
            case .duplicate: if entry.duplicates == 0 { continue }
            case .accepted, .unmatched: if entry.status != status { continue }
            }
            found.append(entry)
        }
        return found
    }

    private mutating func drop(evidenceAt position: Int) {
        bodyBytes -= entries[position].evidence?.body.capacity ?? 0
        entries[position].evidence = nil
    }
}
