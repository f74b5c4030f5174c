import ReloadQueue
import Rules
import Vocabulary

extension Matching {
    /// What the queue is told: the changes of all rules, one entry a model, in the order in which the rules name them.
    /// `models` are the configuration's, by name.
    func changes(in models: [String: ModelReference]) -> [ModelChanges] {
        var changes: [ModelChanges] = []
        // By their positions: a copy of each would be counted for all that it holds.
        for position in self.changes.indices {
            guard let model = models[self.changes[position].model] else { continue }
            let selectors = self.changes[position].selectors
            if let index = changes.firstIndex(where: { $0.model == model }) {
                changes[index].selectors.formUnion(selectors)
            } else {
                changes.append(ModelChanges(model: model, selectors: selectors))
            }
        }
        return changes
    }
}
