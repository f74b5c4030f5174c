import ReloadQueue
import Rules
import Vocabulary

extension Matching {
    /// What the queue is told: the changes of all rules, one entry a model, in the order in which the rules name them.
    /// `models` are the configuration's, by name.
    func changes(in models: [String: ModelReference]) -> [ModelChanges] {
        var changes: [ModelChanges] = []
        for change in self.changes {
            guard let model = models[change.model] else { continue }
            if let index = changes.firstIndex(where: { $0.model == model }) {
                changes[index].selectors.formUnion(change.selectors)
            } else {
                changes.append(ModelChanges(model: model, selectors: change.selectors))
            }
        }
        return changes
    }
}
