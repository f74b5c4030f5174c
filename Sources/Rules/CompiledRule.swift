import JSONPath
import Vocabulary

/// A rule ready to be asked.
struct CompiledRule: Sendable {
    let name: String
    let condition: CompiledCondition
    let reloads: [CompiledReload]
    /// What it changes, where that is the same for every event; ready, so that nothing is made for an event.
    private var fixedChanges: [Change]?

    init(_ rule: Rule, _ slots: Slots) {
        name = rule.name
        condition = CompiledCondition(rule.condition, slots)
        reloads = rule.reloads.map { CompiledReload($0, slots) }
        let fixed = reloads.compactMap { reload in reload.fixedSelectors.map { (reload.model, $0) } }
        if fixed.count == reloads.count { fixedChanges = Self.changes(fixed, of: name, areWritten: true) }
    }

    /// The changes that the rule makes of an event of which its condition holds: one entry per model, in the rule's
    /// order. Reloads whose path selects no name make none; a rule of which none is left did not match (`no_tables`).
    func changes(_ evaluation: inout Evaluation) -> [Change] {
        if let fixedChanges { return fixedChanges }
        let selected = reloads.map { (model: $0.model, selectors: $0.selectors(&evaluation)) }
        return evaluation.isStopped ? [] : Self.changes(selected, of: name)
    }

    private static func changes(
        _ selected: [(model: String, selectors: SelectorSet)],
        of rule: String,
        areWritten: Bool = false
    ) -> [Change] {
        var changes: [Change] = []
        for (model, selectors) in selected where !selectors.isEmpty {
            if let same = changes.firstIndex(where: { $0.model == model }) {
                changes[same].formUnion(selectors)
            } else {
                changes.append(Change(rule: rule, model: model, selectors: selectors, isWritten: areWritten))
            }
        }
        return changes
    }
}

/// One model's part of a rule, with the selectors ready where they do not depend on the event.
final class CompiledReload: Sendable {
    let model: String
    let mapping: Mapping

    enum Mapping: Sendable {
        case fixed(SelectorSet)
        case names(EventNames, Lookup)
        case dataSource(Lookup)
    }

    init(_ reload: Reload, _ slots: Slots) {
        model = reload.model
        mapping =
            switch reload.tables {
            case .all: .fixed(SelectorSet([.everything]))
            case .fixed(let selectors): .fixed(SelectorSet(selectors))
            case .names(let names): .names(names, slots.lookup(.path(names.from)))
            case .dataSource(let id): .fixed(SelectorSet([.dataSource(id)]))
            case .dataSourceFrom(let path): .dataSource(slots.lookup(.path(path)))
            }
    }

    /// What it names to every event; nil where that is up to the event.
    var fixedSelectors: SelectorSet? {
        switch mapping {
        case .fixed(let selectors): selectors
        case .names, .dataSource: nil
        }
    }

    func selectors(_ evaluation: inout Evaluation) -> SelectorSet {
        switch mapping {
        case .fixed(let selectors): return selectors
        case .dataSource(let lookup):
            var selectors = SelectorSet()
            evaluation.forEachString(lookup) { id, _ in
                if !id.isEmpty { selectors.insert(.dataSource(id.bounded), unknown: .fail) }
            }
            return selectors
        case .names(let names, let lookup):
            var selectors = SelectorSet()
            evaluation.forEachString(lookup) { name, evaluation in
                guard let selector = evaluation.selector(for: name, names) else { return }
                // No table has an empty name: one that is empty, or is after its prefix went, names nothing.
                if selector != .table("") { selectors.insert(selector, unknown: names.unknown) }
            }
            return selectors
        }
    }
}

extension Evaluation {
    /// nil when the event's step budget is used up.
    mutating func selector(for name: String, _ names: EventNames) -> Selector? {
        charge { budget throws(StepsExceeded) in try names.selector(for: name, budget: &budget) }
    }
}
