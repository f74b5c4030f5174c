/// What became of an event (product.md §3).
package enum EventStatus: String, Hashable, Sendable, CaseIterable {
    case accepted, unmatched
    /// A filter only: an event that was delivered again. The copies themselves are no events.
    case duplicate
}

/// Everything that is told about an event. Field by field the `event` of product.md §4, and its copies.
package struct EventSnapshot: Hashable, Sendable {
    package var id: EventID
    package var source: String
    package var receivedAt: WallTime
    package var status: EventStatus
    /// Which of the source's secrets verified it, from 0; nil for an unsigned source.
    package var secretPosition: Int?
    /// In the file's order; where `rulesAreComplete` is false, those that matched and what else is still known.
    package var rules: [RuleSnapshot]
    /// False once the event itself was forgotten to bound the memory: why other rules did not match is then gone.
    package var rulesAreComplete: Bool
    package var jobs: [JobID]
    /// How often the same event came again, and when last; each copy changed nothing (queue.md Q16).
    package var duplicates: Int
    package var lastDuplicateAt: WallTime?

    package init(
        id: EventID,
        source: String,
        receivedAt: WallTime,
        status: EventStatus,
        secretPosition: Int?,
        rules: [RuleSnapshot],
        rulesAreComplete: Bool,
        jobs: [JobID],
        duplicates: Int,
        lastDuplicateAt: WallTime?
    ) {
        self.id = id
        self.source = source
        self.receivedAt = receivedAt
        self.status = status
        self.secretPosition = secretPosition
        self.rules = rules
        self.rulesAreComplete = rulesAreComplete
        self.jobs = jobs
        self.duplicates = duplicates
        self.lastDuplicateAt = lastDuplicateAt
    }
}

/// One rule's answer to one event.
package struct RuleSnapshot: Hashable, Sendable {
    package var rule: String
    package var matched: Bool
    /// Why it did not match, or the tables that it named.
    package var reason: String

    package init(rule: String, matched: Bool, reason: String) {
        self.rule = rule
        self.matched = matched
        self.reason = reason
    }
}

/// One step of a job's trail.
package struct TrailStep: Hashable, Sendable {
    package var at: WallTime
    /// A state, or an outcome once it ended.
    package var step: String
    /// A sentence for people.
    package var reason: String

    package init(at: WallTime, step: String, reason: String) {
        self.at = at
        self.step = step
        self.reason = reason
    }
}
