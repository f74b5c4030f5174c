import JSONPath
import Vocabulary

/// All rules of a configuration, ready to be asked from any thread. Every function that takes a node must be called
/// inside the `parse` that gave it.
package struct RuleSet: Sendable {
    /// In the file's order.
    package let rules: [Rule]
    private let bySource: [String: SourceRules]

    /// - Parameters:
    ///   - rules: in the file's order.
    ///   - testDeliveries: by source, for those whose preset has one.
    ///   - secretHeaders: by source, the header fields whose values no reason and no explanation shows.
    ///   - stepsPerEvent: how much work one event may ask for, see `StepBudget`.
    package init(
        _ rules: [Rule],
        testDeliveries: [String: TestDelivery] = [:],
        secretHeaders: [String: [String]] = [:],
        stepsPerEvent: Int = StepBudget.standard
    ) {
        self.rules = rules
        var grouped: [String: [Rule]] = [:]
        for rule in rules {
            for source in Set(rule.sources) { grouped[source, default: []].append(rule) }
        }
        bySource = Dictionary(
            uniqueKeysWithValues: grouped.map {
                ($0, SourceRules($1, testDeliveries[$0] ?? .none, secretHeaders[$0] ?? [], steps: stepsPerEvent))
            }
        )
    }

    /// The rules of one source, to be kept by who asks them for every event; nil if it has none.
    package func rules(of source: String) -> SourceRules? { bySource[source] }

    /// What an event changes. The time depends on the rules that it nearly matches, not on how many there are.
    package func match(source: String, root: JSONNode, headers: any HeaderFields) -> Matching {
        bySource[source]?.match(root, headers) ?? .nothing
    }

    /// What an event changes, per model the union over all rules.
    ///
    /// - Throws: `StepsExceeded` where the service refuses the event for the work that it asks for (`Matching.isStopped`).
    package func tables(
        source: String,
        root: JSONNode,
        headers: any HeaderFields
    ) throws(StepsExceeded) -> [String: SelectorSet] {
        let matching = match(source: source, root: root, headers: headers)
        if matching.isStopped { throw StepsExceeded() }
        var sets: [String: SelectorSet] = [:]
        for change in matching.changes {
            sets[change.model, default: SelectorSet()].formUnion(change.selectors)
        }
        return sets
    }

    /// For the why-trail: the verdict of the source's rules in the file's order, at most `limit` of them. Looks at every
    /// one, so it costs more than `match`, and where that was stopped (`Matching.isStopped`) may be stopped earlier.
    package func verdicts(source: String, root: JSONNode, headers: any HeaderFields, limit: Int = .max) -> [RuleVerdict]
    {
        bySource[source]?.verdicts(root, headers, limit: limit) ?? []
    }

    /// Every rule of the source with each of its conditions, what it selected and whether it held, and the tables.
    package func explain(source: String, root: JSONNode, headers: any HeaderFields) -> [RuleExplanation] {
        bySource[source]?.explain(root, headers) ?? []
    }

    /// The header fields that decide anything for events of the source, sorted: what a recorded event must keep.
    package func headerNames(source: String) -> [String] { bySource[source]?.headerNames ?? [] }
}

/// The rules of one source. A class, so that none of them is copied for an event.
package final class SourceRules: Sendable {
    let headerNames: [String]
    private let rules: [CompiledRule]
    private let index: RuleIndex
    private let slotCount: Int
    private let testDelivery: TestDelivery
    private let secretHeaders: [String]
    private let steps: Int

    init(_ rules: [Rule], _ testDelivery: TestDelivery, _ secretHeaders: [String], steps: Int) {
        let slots = Slots(for: rules)
        self.rules = rules.map { CompiledRule($0, slots) }
        index = RuleIndex(rules, slots)
        slotCount = slots.count
        self.testDelivery = testDelivery
        self.secretHeaders = secretHeaders
        self.steps = steps
        let named = rules.lazy.flatMap(\.subjects).compactMap {
            switch $0 {
            case .header(let name): name
            case .path: nil
            }
        }
        // Each once, however rules write it (RFC 9110 §5.1).
        let names = (named + testDelivery.headerNames).map { ($0.lowercased(), $0) }
        headerNames = Dictionary(names) { _, last in last }.values.sorted()
    }

    /// What an event of the source changes.
    package func match(_ root: JSONNode, _ headers: any HeaderFields) -> Matching {
        guard !testDelivery.matches(root, headers) else { return .nothing }
        var evaluation = Evaluation(root, headers, slots: slotCount, steps: steps)
        var changes: [Change] = []
        for position in index.candidates(&evaluation) where evaluation.holds(rules[position].condition) {
            let made = rules[position].changes(&evaluation)
            // Most events match one rule, whose changes are then the answer as they are.
            if changes.isEmpty { changes = made } else { changes += made }
        }
        return Matching(changes: changes, isStopped: evaluation.isStopped)
    }

    func verdicts(_ root: JSONNode, _ headers: any HeaderFields, limit: Int) -> [RuleVerdict] {
        let isTest = testDelivery.matches(root, headers)
        var evaluation = Evaluation(root, headers, hiding: secretHeaders, slots: slotCount, steps: steps)
        return rules.prefix(limit).map { rule in
            RuleVerdict(rule: rule.name, miss: isTest ? .testDelivery : rule.miss(&evaluation))
        }
    }

    func explain(_ root: JSONNode, _ headers: any HeaderFields) -> [RuleExplanation] {
        let isTest = testDelivery.matches(root, headers)
        return rules.map { rule in
            // Each anew: explaining looks at everything, several times, and shall not use up what the event is granted.
            var evaluation = Evaluation(root, headers, hiding: secretHeaders, slots: slotCount, steps: steps)
            return RuleExplanation(
                rule: rule.name,
                miss: isTest ? .testDelivery : rule.miss(&evaluation),
                condition: rule.condition.explain(&evaluation),
                reloads: rule.reloads.map { $0.explain(&evaluation) }
            )
        }
    }
}
