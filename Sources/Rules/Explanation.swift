import JSONPath
import Vocabulary

/// One rule's answer to one event, in full: what `explain` shows. Rendering it is the caller's.
package struct RuleExplanation: Hashable, Sendable {
    package var rule: String
    /// nil: the rule matched.
    package var miss: Miss?
    package var condition: ConditionExplanation
    /// What the rule would reload, also where it did not match.
    package var reloads: [ReloadExplanation]
}

/// One condition, held against one event.
package indirect enum ConditionExplanation: Hashable, Sendable {
    /// `all`, `any` or `none` of the inner conditions.
    case group(GroupKind, held: Bool, [ConditionExplanation])
    case test(TestExplanation)

    package enum GroupKind: String, Hashable, Sendable {
        case all, any, none
    }

    /// Whether it held.
    package var held: Bool {
        switch self {
        case .group(_, let held, _): held
        case .test(let test): test.held
        }
    }
}

/// One test, held against one event.
package struct TestExplanation: Hashable, Sendable {
    /// The path, or `header:NAME`.
    package var subject: String
    /// What was asked of it, e.g. `one of "a", "b"`.
    package var wanted: String
    package var selected: SelectedValues
    package var held: Bool
    /// nil where it held.
    package var reason: Reason?
}

/// What a rule reloads in one model for one event.
package struct ReloadExplanation: Hashable, Sendable {
    package var model: String
    /// Where the names came from; nil where they are written in the rule.
    package var from: String?
    /// The selectors after the mapping.
    package var selectors: SelectorSet
    /// Why there are none; nil where there are some.
    package var reason: String?
}

extension CompiledCondition {
    func explain(_ evaluation: inout Evaluation) -> ConditionExplanation {
        let held = evaluation.holds(self)
        switch self {
        case .all(let conditions):
            return .group(.all, held: held, conditions.map { $0.explain(&evaluation) })
        case .any(let conditions):
            return .group(.any, held: held, conditions.map { $0.explain(&evaluation) })
        case .none(let conditions):
            return .group(.none, held: held, conditions.map { $0.explain(&evaluation) })
        case .test(let lookup, let predicate):
            let selected = evaluation.selectedValues(lookup)
            return .test(
                TestExplanation(
                    subject: lookup.subject.description,
                    wanted: predicate.phrase,
                    selected: selected,
                    held: held,
                    reason: held ? nil : .test(lookup.subject, predicate, selected)
                )
            )
        }
    }
}

extension CompiledReload {
    func explain(_ evaluation: inout Evaluation) -> ReloadExplanation {
        let lookup: Lookup? =
            switch mapping {
            case .fixed: nil
            case .names(_, let lookup), .dataSource(let lookup): lookup
            }
        let selectors = selectors(&evaluation)
        return ReloadExplanation(
            model: model,
            from: lookup?.subject.description,
            selectors: selectors,
            reason: selectors.isEmpty ? lookup.flatMap { evaluation.reasonForNoName(in: $0) } : nil
        )
    }
}

extension Evaluation {
    /// Why nothing that was selected is a name; nil when the event's step budget is used up.
    fileprivate mutating func reasonForNoName(in lookup: Lookup) -> String? {
        let selection = select(lookup)
        if isStopped { return nil }
        let statement = selectedValues(lookup).statement(lookup.subject)
        if selection.isEmpty { return statement }
        if selection.contains({ $0.text != nil }) { return statement + ", of which no name is left" }
        let hasArray = selection.contains { if case .container(isArray: true) = $0 { true } else { false } }
        let hint = hasArray ? "; \(lookup.subject)[*] selects what is in an array" : ""
        return statement + ", and only strings are names" + hint
    }
}
