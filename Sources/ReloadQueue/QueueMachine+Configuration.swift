import Vocabulary

extension QueueMachine {
    /// Swaps the settings in one step (queue.md Q24). Open jobs, holds and fixed deadlines survive; a model that is gone
    /// keeps its old policy until its changes have ended.
    package mutating func configure(_ new: QueueSettings, at now: Now) -> [Action] {
        if isOver { return [] }
        settings = new
        ended.resize(to: new.history)
        for place in models.indices where !models[place].vacant {
            let policy = new.models[models[place].reference]
            models[place].removed = policy == nil
            if let policy { models[place].policy = policy }
            // Who is due only by the new settings was not ready before them (queue.md Q15).
            if models[place].readySince == nil { models[place].unreadyAt = now.monotonic }
        }
        for (reference, policy) in new.models.sorted(by: { $0.key.name < $1.key.name })
        where places[reference] == nil {
            add(reference, policy, at: now)
            record(.modelAdded(reference))
        }
        takeUpStrangers(at: now)
        for place in models.indices where !models[place].vacant { settle(place, at: now) }
        reconsiderBreakers(at: now)
        return commit(at: now)
    }

    mutating func add(_ reference: ModelReference, _ policy: ModelPolicy, at now: Now) {
        let model = Model(reference, policy, at: now.monotonic)
        if let place = models.firstIndex(where: \.vacant) {
            models[place] = model
            places[reference] = place
        } else {
            places[reference] = models.count
            models.append(model)
        }
    }

    /// A model that the configuration in force does not have, for changes that were matched before it came into force.
    mutating func addRemoved(_ reference: ModelReference, _ policy: ModelPolicy, at now: Now) {
        add(reference, policy, at: now)
        if let place = places[reference] { models[place].removed = true }
    }

    private func inherits(_ place: Int, from model: ModelReference) -> Bool {
        !models[place].vacant && !models[place].removed && models[place].reference.name == model.name
    }

    /// A removed model goes when nothing of it is pending, in flight or failed.
    mutating func removeIfDone(_ place: Int, at now: Now) {
        guard models[place].removed, !models[place].vacant else { return }
        let model = models[place]
        guard model.pending == nil, model.failed.isEmpty else { return }
        switch model.phase {
        case .looking, .loading: return
        case .idle, .polling: break
        }
        models[place].vacant = true
        places[model.reference] = nil
        // Counters are told by name, and do not go back: what it has counted goes on with the model that has its name now.
        if let heir = models.indices.first(where: { inherits($0, from: model.reference) }) {
            models[heir].addCounts(of: model)
        }
        if model.held { journal?.note(.released(model.reference)) }
        record(.modelRemoved(model.reference))
        closeBreakersWithoutModels(at: now)
    }
}
