/// Maps events of its sources to changed tables of models (product.md §1).
package struct Rule: Hashable, Sendable {
    /// Unique in the file.
    package var name: String
    package var sources: [String]
    /// `.all([])`, what an absent `when` means, holds for every event.
    package var condition: Condition
    package var reloads: [Reload]

    package init(name: String, sources: [String], condition: Condition = .all([]), reloads: [Reload]) {
        self.name = name
        self.sources = sources
        self.condition = condition
        self.reloads = reloads
    }
}

/// What a rule reloads in one model.
package struct Reload: Hashable, Sendable {
    /// The model's name in the file.
    package var model: String
    package var tables: TableMapping

    package init(model: String, tables: TableMapping) {
        self.model = model
        self.tables = tables
    }
}
