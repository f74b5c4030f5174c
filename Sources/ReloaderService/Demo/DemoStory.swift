import ReloadQueue
import Synchronization
import Vocabulary

/// Tells what happens as it happens, one line each, and keeps what the closing table needs.
final class DemoStory: Sendable {
    private struct Facts {
        var deliveries: [String: Int] = [:]
        var acceptedAt: [EventID: MonotonicTime] = [:]
        var loads = 0
        var freshness: [Duration] = []
        /// Jobs that are known and have not ended.
        var openJobs: Set<JobID> = []
        /// What happened while a delivery was on its way: told after the delivery's own line, which caused it.
        var held: [String]?
    }

    private let facts = Mutex(Facts())
    private let clock: any TimeSource
    private let start: MonotonicTime
    private let write: @Sendable (String) -> Void

    init(clock: any TimeSource, write: @escaping @Sendable (String) -> Void) {
        self.clock = clock
        self.write = write
        start = clock.now().monotonic
    }

    func tell(_ actor: String, _ text: String) {
        let line = line(actor, text)
        facts.withLock { if $0.held?.append(line) == nil { write(line) } }
    }

    private func line(_ actor: String, _ text: String) -> String {
        let seconds = (clock.now().monotonic - start).inSeconds
        return "\(Self.fixed(seconds, width: 6)) s  \(actor.padded(to: 10))\(text.printable)\n"
    }

    /// A delivery leaves now.
    func sends() -> MonotonicTime {
        facts.withLock { $0.held = [] }
        return clock.now().monotonic
    }

    /// A delivery was answered. `sentAt` is when it left, so that freshness counts from the arrival at the latest.
    func answered(_ what: String, status: Int, _ answer: DemoSender.Answer?, sentAt: MonotonicTime) {
        let outcome = answer?.status ?? (status == 401 ? "refused" : "status \(status)")
        facts.withLock { facts in
            facts.deliveries[outcome, default: 0] += 1
            if outcome == "accepted", let event = answer?.event.flatMap({ EventID($0) }) {
                facts.acceptedAt[event] = sentAt
            }
        }
        let jobs = (answer?.jobs ?? []).map { "rule \($0.rule) → \($0.model) [\($0.tables.joined(separator: ", "))]" }
        let line = line("delivery", ([what, "\(status) \(outcome)"] + jobs).joined(separator: " → "))
        facts.withLock { facts in
            for line in [line] + (facts.held ?? []) { write(line) }
            facts.held = nil
        }
    }

    func happened(_ transition: Transition, at now: Now) {
        guard case .job(let job, let reason) = transition else { return }
        let tables = job.tables.joined(separator: ", ")
        switch job.state {
        case .waiting:
            tell("waiting", "\(job.model.name): until 1 s has passed without a change, 10 s at the most")
        case .ready: break
        case .loading where job.kind == nil: tell("loading", "\(job.model.name) [\(tables)]: one load")
        case .loading: break
        case .retrying, .held: tell(job.state.rawValue, "\(job.model.name) [\(tables)]: \(reason)")
        case .failed, .ended:
            tell(
                "ended",
                "\(job.model.name) [\(tables)]: \(job.outcome?.rawValue ?? "") (\(job.eventCount) "
                    + "\(job.eventCount == 1 ? "event" : "events"))"
            )
        }
        facts.withLock { facts in
            guard job.state == .ended || job.state == .failed else {
                facts.openJobs.insert(job.id)
                return
            }
            facts.openJobs.remove(job.id)
            guard job.outcome == .succeeded else { return }
            facts.loads += 1
            for event in job.events {
                if let accepted = facts.acceptedAt.removeValue(forKey: event) {
                    facts.freshness.append(now.monotonic - accepted)
                }
            }
        }
    }

    /// Whether every accepted delivery has been loaded.
    var isQuiet: Bool { facts.withLock { $0.openJobs.isEmpty && $0.acceptedAt.isEmpty } }

    /// The closing table.
    func summary(violations: Int) -> String {
        let facts = facts.withLock { $0 }
        let deliveries = facts.deliveries.values.reduce(0, +)
        let kinds = facts.deliveries.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let sorted = facts.freshness.sorted()
        return """

              \(deliveries) deliveries became \(facts.loads) loads
              deliveries   \(kinds)
              freshness    p50 \(Self.percentile(sorted, 0.5))   p95 \(Self.percentile(sorted, 0.95))   \
            (from a change's arrival to the end of its load)
              overlaps and other mistakes seen by the simulator: \(violations)

            """
    }

    private static func percentile(_ sorted: [Duration], _ share: Double) -> String {
        guard !sorted.isEmpty else { return "-" }
        let rank = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return fixed(sorted[max(0, rank)].inSeconds, width: 0) + " s"
    }

    private static func fixed(_ seconds: Double, width: Int) -> String {
        let hundredths = Int((seconds * 100).rounded())
        let fraction = hundredths % 100
        let text = "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
