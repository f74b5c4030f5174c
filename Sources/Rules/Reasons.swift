/// Finding out why a rule did not match.

extension CompiledRule {
    /// Why the rule does not match; nil if it does.
    func miss(_ evaluation: inout Evaluation) -> Miss? {
        let reason = condition.reasonForMiss(&evaluation)
        let hasTables = reason == nil && !changes(&evaluation).isEmpty
        if evaluation.isStopped { return .stopped }
        if let reason { return .condition(reason) }
        return hasTables ? nil : .noTables
    }
}

extension CompiledCondition {
    /// The first thing that keeps the condition from holding; nil if it holds.
    func reasonForMiss(_ evaluation: inout Evaluation) -> Reason? {
        switch self {
        case .all(let conditions):
            for condition in conditions {
                if let reason = condition.reasonForMiss(&evaluation) { return reason }
            }
            return nil
        case .any(let conditions):
            if evaluation.holds(self) { return nil }
            let reasons = conditions.prefix(SelectedValues.limit).compactMap { $0.reasonForMiss(&evaluation) }
            return .any(reasons, of: conditions.count)
        case .none(let conditions):
            for condition in conditions where evaluation.holds(condition) {
                guard let lookup = condition.heldTest(&evaluation) else { return .noneOfGroup }
                return .none(lookup.subject, evaluation.selectedValues(lookup))
            }
            return nil
        case .test(let lookup, let predicate):
            if evaluation.holds(self) { return nil }
            return .test(lookup.subject, predicate, evaluation.selectedValues(lookup))
        }
    }

    /// The one test by which this condition, which holds, does so; nil where it takes several.
    private func heldTest(_ evaluation: inout Evaluation) -> Lookup? {
        switch self {
        case .all(let conditions): return conditions.count == 1 ? conditions[0].heldTest(&evaluation) : nil
        case .any(let conditions):
            for condition in conditions where evaluation.holds(condition) { return condition.heldTest(&evaluation) }
            return nil
        case .none: return nil
        case .test(let lookup, _): return lookup
        }
    }
}
