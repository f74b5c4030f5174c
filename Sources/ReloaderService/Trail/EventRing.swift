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
        /// What the matching rules named, the first of it where the event named much; empty for an unmatched event.
        var changes: [Change]
        var jobs: EventJobs
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

    /// Bytes that all kept bodies, with the header fields beside them, may take together.
    static let bodyBudget = 4 * 1024 * 1024

    /// Grows up to the capacity, and is then used round and round.
    private var entries: [Entry] = []
    /// The position of the oldest entry, and of the next one once the ring is full.
    private var oldest = 0
    private var capacity: Int
    /// Of the oldest entries so many have lost their evidence; all newer ones have theirs.
    private var forgotten = 0
    private var bodyBytes = 0

    /// At least one event is kept.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Keeps the newest.
    mutating func resize(to capacity: Int) {
        let capacity = max(1, capacity)
        if capacity == self.capacity { return }
        let leaving = max(0, entries.count - capacity)
        for age in 0..<leaving { bodyBytes -= entries[position(ofAge: age)].bodyBytes }
        entries = (leaving..<entries.count).map { entries[position(ofAge: $0)] }
        oldest = 0
        forgotten = max(0, forgotten - leaving)
        self.capacity = capacity
    }

    mutating func append(_ entry: consuming Entry) {
        bodyBytes += entry.bodyBytes
        if entries.count < capacity {
            entries.append(entry)
        } else {
            bodyBytes -= entries[oldest].bodyBytes
            forgotten = max(0, forgotten - 1)
            entries[oldest] = entry
            oldest = oldest + 1 == capacity ? 0 : oldest + 1
        }
        sortIn()
        while bodyBytes > Self.bodyBudget, forgotten < entries.count {
            forget(at: position(ofAge: forgotten))
            forgotten += 1
        }
    }

    /// Puts the last entry in its place by id. Ids count up and events come in that order, so it is there already,
    /// unless another event loop has overtaken this one's.
    private mutating func sortIn() {
        var age = entries.count - 1
        while age > 0 {
            let (position, older) = (position(ofAge: age), position(ofAge: age - 1))
            guard entries[position].id < entries[older].id else { break }
            entries.swapAt(position, older)
            age -= 1
        }
        // Among those that are forgotten it is one of them.
        guard age < forgotten else { return }
        forget(at: position(ofAge: age))
        forgotten += 1
    }

    private mutating func forget(at position: Int) {
        bodyBytes -= entries[position].bodyBytes
        entries[position].evidence = nil
    }

    /// Where the entry is that so many older ones precede.
    private func position(ofAge age: Int) -> Int {
        let position = oldest + age
        return position < entries.count ? position : position - entries.count
    }

    /// By halves: the entries are sorted by id, so that nothing more need be kept of them to find one.
    private func position(of id: EventID) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[position(ofAge: middle)].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count else { return nil }
        let position = position(ofAge: low)
        return entries[position].id == id ? position : nil
    }

    /// The same event was delivered again.
    mutating func noteDuplicate(of id: EventID, at time: WallTime) {
        guard let position = position(of: id) else { return }
        entries[position].duplicates += 1
        entries[position].lastDuplicateAt = time
    }

    subscript(id: EventID) -> Entry? { position(of: id).map { entries[$0] } }

    /// When something changed which model since then, newest first; and since when that is all there was, where older
    /// events have left the ring.
    func activity(since from: WallTime) -> (models: [Activity], completeSince: WallTime?) {
        let recent = newestFirst.prefix { $0.receivedAt >= from }
        let models = recent.map { Activity(at: $0.receivedAt, models: Set($0.changes.map(\.model))) }
        let oldest = entries.count == capacity ? entries[position(ofAge: 0)].receivedAt : nil
        return (Array(models), oldest.flatMap { $0 > from ? $0 : nil })
    }

    private var newestFirst: some Sequence<Entry> & LazySequenceProtocol {
        entries.indices.reversed().lazy.map { entries[position(ofAge: $0)] }
    }

    /// Newest first.
    func newest(source: String?, status: EventStatus?, limit: Int) -> [Entry] {
        let found = newestFirst.filter { entry in
            (source == nil || entry.source == source) && (status.map(entry.passes) ?? true)
        }
        return Array(found.prefix(limit))
    }
}

extension EventRing.Entry {
    /// What its evidence takes, room that was made for more of the body included.
    fileprivate var bodyBytes: Int {
        evidence.map { $0.body.capacity + $0.headers.valueBytes } ?? 0
    }

    fileprivate func passes(_ filter: EventStatus) -> Bool {
        switch filter {
        case .duplicate: duplicates > 0
        case .accepted, .unmatched: status == filter
        }
    }
}
