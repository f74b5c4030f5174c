import Vocabulary

/// What will be sent for a set of selectors: names have become ids (product.md §2.3).
package struct LoadPlan: Hashable, Sendable {
    /// What is sent.
    package enum Target: Hashable, Sendable {
        case complete
        /// Never empty; each table once, in a stable order.
        case partial([ModelTable])
        /// None of the selectors names anything.
        case nothing
    }

    package var target: Target
    /// Selectors that name nothing, or more than one table.
    package var unknown: [UnknownTable]
    /// The selectors that each table's id came from; none for one that `reload_together` added.
    package var origins: [String: [Selector]]

    /// Everything: needs no table list.
    package static let complete = Self(target: .complete, unknown: [], origins: [:])

    package var kind: LoadKind {
        switch target {
        case .complete: .complete
        case .partial, .nothing: .partial
        }
    }

    /// As aliases or names; `["*"]` for a complete load.
    package var names: [String] {
        switch target {
        case .complete: [Selector.everything.description]
        case .partial(let tables): tables.map(\.aliasOrName)
        case .nothing: []
        }
    }

    /// The selectors that stand for one table: those that name it as written, else its shown name.
    package func selectors(naming table: ModelTable) -> [Selector] {
        let written = (origins[table.id] ?? []).filter { selector in
            switch selector {
            case .table: true
            case .dataSource, .everything: false
            }
        }
        return written.isEmpty ? [.table(table.aliasOrName)] : written
    }
}

extension TableList {
    /// Turns selectors into tables. `reload_together` sets that touch each other join; a share of at least
    /// `complete_load_above` becomes a complete load.
    package func plan(for selectors: SelectorSet, options: LoadOptions) -> LoadPlan {
        guard !selectors.isEverything else { return .complete }
        var origins: [String: [Selector]] = [:]
        var unknown: [UnknownTable] = []
        for selector in selectors.sorted {
            // Looking for what was meant takes long, and nobody reads it of more than some.
            let (found, problem) = find(selector, withHint: unknown.count < 10)
            for table in found { origins[table.id, default: []].append(selector) }
            guard let problem else { continue }
            // An ambiguous name is a mistake whatever the rule says about unknown ones.
            let policy = problem.isAmbiguous ? .fail : selectors.members[selector] ?? .fail
            unknown.append(UnknownTable(selector: selector, policy: policy, reason: problem.reason))
        }
        let ids = together(Set(origins.keys), sets: options.reloadTogether)
        let chosen = tables.filter { ids.contains($0.id) }
        guard !chosen.isEmpty else { return LoadPlan(target: .nothing, unknown: unknown, origins: origins) }
        let share = Double(chosen.count) / Double(tables.count)
        let isComplete = options.completeLoadAbove.map { share >= $0 } ?? false
        return LoadPlan(target: isComplete ? .complete : .partial(chosen), unknown: unknown, origins: origins)
    }

    private struct Problem {
        var isAmbiguous: Bool
        var reason: String
    }

    private func find(_ selector: Selector, withHint: Bool) -> ([ModelTable], Problem?) {
        switch selector {
        case .everything:
            return (tables, nil)
        case .dataSource(let id):
            let fed = tables.filter { $0.dataSourceID == id }
            guard fed.isEmpty else { return (fed, nil) }
            let text = "no table of the model is fed by the data connection \"\(id.shown)\""
            return ([], Problem(isAmbiguous: false, reason: text))
        case .table(let name):
            let found = matches(name)
            switch found.count {
            case 1: return (found, nil)
            case 0: return ([], Problem(isAmbiguous: false, reason: reasonForUnknown(name, withHint)))
            default:
                let ids = found.prefix(5).map { "\($0.name) (id \($0.id))" }.joined(separator: " and ")
                return ([], Problem(isAmbiguous: true, reason: "\"\(name.shown)\" is ambiguous: \(ids)"))
            }
        }
    }

    private func reasonForUnknown(_ name: String, _ withHint: Bool) -> String {
        let near = withHint ? namesNear(name).map { "\"\($0)\"" } : []
        let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
        return "the model has no table \"\(name.shown)\"" + hint
    }

    /// Grows a set of ids by every `reload_together` set that it touches. Names there that mean no table, or more than
    /// one, add nothing.
    private func together(_ ids: Set<String>, sets: [[String]]) -> Set<String> {
        var ids = ids
        var open = sets.map { names in
            Set(names.compactMap { name in matches(name).count == 1 ? matches(name)[0].id : nil })
        }
        while let index = open.firstIndex(where: { !$0.isDisjoint(with: ids) }) {
            ids.formUnion(open.remove(at: index))
        }
        return ids
    }
}
