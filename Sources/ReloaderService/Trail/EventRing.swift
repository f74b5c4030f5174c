import Admin
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

    private var entries: Ring<EventID, Entry>
    /// Of the oldest entries so many have lost their evidence; all newer ones have theirs.
    private var forgotten = 0
    private var bodyBytes = 0

    init(capacity: Int) { entries = Ring(capacity: capacity) }

    mutating func append(_ entry: Entry) {
        if let gone = entries.append(entry, for: entry.id) {
            bodyBytes -= gone.bodyBytes
            forgotten = max(0, forgotten - 1)
        }
        bodyBytes += entry.bodyBytes
        while bodyBytes > Self.bodyBudget, forgotten < entries.count {
            var freed = 0
            entries.update(at: forgotten) { entry in
                freed = entry.bodyBytes
                entry.evidence = nil
            }
            bodyBytes -= freed
            forgotten += 1
        }
    }

    /// The same event was delivered again.
    mutating func noteDuplicate(of id: EventID, at time: WallTime) {
        entries.update(id) { entry in
            entry.duplicates += 1
            entry.lastDuplicateAt = time
        }
    }

    subscript(id: EventID) -> Entry? { entries[id] }

    /// When something changed which model since then, newest first; and since when that is all there was, where older
    /// events have left the ring.
    func activity(since from: WallTime) -> (models: [Activity], completeSince: WallTime?) {
        let recent = entries.newestFirst.lazy.prefix { $0.receivedAt >= from }
        let models = recent.map { Activity(at: $0.receivedAt, models: Set($0.changes.map(\.model))) }
        let oldest = entries.isFull ? entries.oldestValue?.receivedAt : nil
        return (Array(models), oldest.flatMap { $0 > from ? $0 : nil })
    }

    /// Newest first.
    func newest(source: String?, status: EventStatus?, limit: Int) -> [Entry] {
        let found = entries.newestFirst.lazy.filter { entry in
            (source == nil || entry.source == source) && (status.map(entry.passes) ?? true)
        }
        return Array(found.prefix(limit))
    }
}

extension EventRing.Entry {
    /// What its body takes, room that was made for more of it included.
    fileprivate var bodyBytes: Int { evidence?.body.capacity ?? 0 }

    fileprivate func passes(_ filter: EventStatus) -> Bool {
        switch filter {
        case .duplicate: duplicates > 0
        case .accepted, .unmatched: status == filter
        }
    }
}
