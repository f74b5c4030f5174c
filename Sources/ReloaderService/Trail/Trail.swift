import Admin
import JSONPath
import ReloadQueue
import Rules
import Synchronization
import Vocabulary

/// Why things happened: the last events and the steps of the last jobs, in memory, bounded by `limits.history`. It can
/// be off, for `make bench-admission` to say what it costs.
final class Trail: Sendable {
    private let events: Mutex<EventRing>
    private let jobs: Mutex<JobTrails>

    let isOn: Bool

    /// nil: off.
    init(history: Int?) {
        isOn = history != nil
        let history = history ?? 0
        events = Mutex(EventRing(capacity: history))
        jobs = Mutex(JobTrails(capacity: history))
    }

    /// From now on so many are kept; the newest stay.
    func resize(to history: Int) {
        guard isOn else { return }
        events.withLock { $0.resize(to: history) }
        jobs.withLock { $0.resize(to: history) }
    }

    /// Made where it is kept: a copy would be counted for all that it holds.
    func append(_ entry: @autoclosure () -> EventRing.Entry) { events.withLock { $0.append(entry()) } }

    func noteDuplicate(of id: EventID, at time: WallTime) {
        guard isOn else { return }
        events.withLock { $0.noteDuplicate(of: id, at: time) }
    }

    func note(_ transition: Transition, at time: WallTime) {
        guard isOn else { return }
        jobs.withLock { $0.note(transition, at: time) }
    }

    func steps(of job: JobID) -> [TrailStep] { jobs.withLock { $0[job] } }

    func event(_ id: EventID) -> EventSnapshot? { events.withLock { $0[id] }.map(snapshot) }

    /// With the jobs in which parts of its own went on.
    private func snapshot(_ entry: EventRing.Entry) -> EventSnapshot {
        var snapshot = EventSnapshot(entry)
        snapshot.jobs = jobs.withLock { $0.withParts(snapshot.jobs) { entry.mayName($0) } }
        return snapshot
    }

    /// See `EventRing.activity`.
    func activity(since from: WallTime) -> (models: [Activity], completeSince: WallTime?) {
        events.withLock { $0.activity(since: from) }
    }

    /// Newest first.
    func events(source: String?, status: EventStatus?, limit: Int) -> [EventSnapshot] {
        events.withLock { $0.newest(source: source, status: status, limit: limit) }.map(snapshot)
    }
}

extension EventSnapshot {
    init(_ entry: EventRing.Entry) {
        self.init(
            id: entry.id,
            source: entry.source,
            receivedAt: entry.receivedAt,
            status: entry.status,
            secretPosition: entry.secretPosition,
            rules: entry.matches,
            rulesAreComplete: false,
            jobs: entry.jobs.all,
            duplicates: entry.duplicates,
            lastDuplicateAt: entry.lastDuplicateAt
        )
        guard let verdicts = entry.verdicts else { return }
        let matched = Dictionary(rules.map { ($0.rule, $0) }) { first, _ in first }
        // To look at every rule takes more steps than to match the event took, and may be stopped where that was not: what
        // matched did so whatever comes out now, and of what stays undecided nothing is said.
        rules = verdicts.compactMap { verdict in
            if let matched = matched[verdict.rule] { return matched }
            return switch verdict.miss {
            case nil: RuleSnapshot(rule: verdict.rule, matched: true, reason: "matched")
            case .stopped: nil
            case .some(let miss): RuleSnapshot(rule: verdict.rule, matched: false, reason: "\(miss)")
            }
        }
        rulesAreComplete = rules.count == verdicts.count
    }
}

extension EventRing.Entry {
    /// Whether any of it may have brought these, which are nil where they are many.
    fileprivate func mayName(_ selectors: SelectorSet?) -> Bool {
        changes.contains { change in
            guard let selectors, !change.isAbridged, !selectors.isEverything, !change.selectors.isEverything else {
                return true
            }
            return change.selectors.members.keys.contains { selectors.members[$0] != nil }
        }
    }

    /// The rules that matched, each with all that it named.
    fileprivate var matches: [RuleSnapshot] {
        var matches: [RuleSnapshot] = []
        for change in changes {
            let named = "\(change.model): \(change.names)"
            if let index = matches.firstIndex(where: { $0.rule == change.rule }) {
                matches[index].reason += "; \(named)"
            } else {
                matches.append(RuleSnapshot(rule: change.rule, matched: true, reason: "changes \(named)"))
            }
        }
        return matches
    }

    /// What every rule of the source says to the event; nil once the event was forgotten.
    fileprivate var verdicts: [RuleVerdict]? {
        guard let evidence else { return nil }
        var parser = JSONParser()
        return try? parser.parse(evidence.body) { root in
            evidence.rules.verdicts(source: source, root: root, headers: evidence.headers)
        }
    }
}
