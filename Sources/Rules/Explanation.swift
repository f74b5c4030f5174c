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
        let from: String? =
            switch mapping {
            case .fixed: nil
            case .names(_, let lookup), .dataSource(let lookup): lookup.subject.description
            }
        return ReloadExplanation(model: model, from: from, selectors: selectors(&evaluation))
    }
}
