import Vocabulary

/// What an event changes: the answer of all rules of its source.
package struct Matching: Hashable, Sendable {
    /// One entry per rule that matched and model, in the file's order; empty if no rule matched.
    package var changes: [Change]
    /// The event asked for more work than one event is granted: rules that were not decided by then count as not
    /// matching.
    package var isStopped: Bool

    /// What an event of a source without rules changes.
    package static let nothing = Matching(changes: [], isStopped: false)
}

/// What one rule changes in one model.
package struct Change: Hashable, Sendable {
    package let rule: String
    /// The model's name in the file.
    package let model: String
    /// Never empty.
    package private(set) var selectors: SelectorSet
    /// All three as the answer to a delivery shows them, the members of an object: `"model":…,"rule":…,"tables":[…]`
    /// (product.md §3). Kept, because a rule with written tables names the same to every event.
    package private(set) var json: [UInt8] = []
    /// The names stand in the rule, and all of its events share them.
    let isWritten: Bool
    /// How many names an abridged change has lost.
    private var omitted = 0

    package init(rule: String, model: String, selectors: SelectorSet, isWritten: Bool = false) {
        self.rule = rule
        self.model = model
        self.selectors = selectors
        self.isWritten = isWritten
        render()
    }

    /// The selectors as the contract renders them.
    package var tables: [String] { selectors.texts }

    /// The same, for a sentence.
    package var names: String {
        tables.joined(separator: ", ") + (omitted > 0 ? " and \(omitted) more" : "")
    }

    mutating func formUnion(_ other: SelectorSet) {
        selectors.formUnion(other)
        render()
    }

    /// More of an event than is kept of each of the last ones. Kept, because every delivery asks, of changes where they lie.
    package private(set) var isLong = false

    private static let kept = 1024

    /// Whether names are missing.
    package var isAbridged: Bool { omitted > 0 }

    /// With its first names, for a trail whose memory is bounded (queue.md Q23); a single longer name is cut.
    package var abridged: Change {
        let names = tables
        let first = names.lazy.map(\.shown).first(bytes: Self.kept)
        var change = Change(rule: rule, model: model, selectors: SelectorSet(first.map(Selector.table)))
        change.omitted = names.count - change.selectors.count
        return change
    }

    private mutating func render() {
        json.removeAll()
        json.append(#""model":"#)
        JSONText.append(model, to: &json)
        json.append(#","rule":"#)
        JSONText.append(rule, to: &json)
        json.append(#","tables":["#)
        for (position, table) in tables.enumerated() {
            if position > 0 { json.append(UInt8(ascii: ",")) }
            JSONText.append(table, to: &json)
        }
        json.append("]")
        isLong = !isWritten && json.count > Self.kept
    }
}

/// Whether a rule matched an event and, if not, why: one line of the why-trail.
package struct RuleVerdict: Hashable, Sendable {
    package var rule: String
    /// nil: the rule matched.
    package var miss: Miss?
}

/// Why a rule did not match.
package enum Miss: Hashable, Sendable, CustomStringConvertible {
    /// The delivery was the sender's test, which matches no rule.
    case testDelivery
    /// The first condition that does not hold.
    case condition(Reason)
    /// All conditions hold, but the event names no table.
    case noTables
    /// The event's step budget was used up before the rule was decided.
    case stopped

    /// The `reason` of product.md §4.
    package var description: String {
        switch self {
        case .testDelivery: "the sender's test delivery matches no rule"
        case .condition(let reason): reason.description
        case .noTables: "no_tables"
        case .stopped: "evaluating the event took more steps than one event is granted"
        }
    }
}
