import ReloadQueue
import Vocabulary

/// An event on 1,000 and on 100,000 models, all of which have pending changes. The heaps cost O(log n), which is 1.7
/// times as much; the caches of the processor do the rest. A cost that grows with the number of models would be 100
/// times as much.
func costByModels() -> Bool {
    let few = nanosecondsPerEvent(models: 1000)
    let many = nanosecondsPerEvent(models: 100_000)
    print("cost: \(Int(few.event)) ns an event with 1,000 models, \(Int(many.event)) ns with 100,000")
    let ratio = bound("100,000 models against 1,000", many.event / few.event, atMost: 6, unit: "times the cost")
    let wakes = bound("wake-ups armed at a time, 100,000 models", Double(many.armed), atMost: 1, unit: "timers")
    return ratio && wakes
}

private func nanosecondsPerEvent(models count: Int) -> (event: Double, armed: Int) {
    let models = models(count)
    // Each has a quiet period of its own, so that every event moves a deadline to another place in the heap.
    var settings = settings(models, ModelPolicy())
    for (number, model) in models.enumerated() {
        let quiet = Duration.seconds(100 + number % 1000)
        settings.models[model] = ModelPolicy(start: .debounce(quiet), maxWait: .seconds(100_000))
    }
    var now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 0))
    var machine = QueueMachine(settings: settings, at: now)
    var generator = SeededGenerator(seed: 7)
    var armed: MonotonicTime?
    var replaced = 0

    func event(_ model: ModelReference) {
        now.monotonic = now.monotonic + .microseconds(1)
        let change = ModelChanges(model: model, selectors: SelectorSet([.table("T")]))
        for case .wake(let at) in machine.changesArrived(event: nil, [change], at: now).1 {
            // One at a time: a further one only in place of a later one.
            if let earlier = armed, at >= earlier { replaced += 1 }
            armed = at
        }
    }
    for model in models { event(model) }
    let picks = (0..<200_000).map { _ in models[Int.random(in: 0..<count, using: &generator)] }
    let rounds = (0..<5).map { _ in
        let start = processorTime()
        for model in picks { event(model) }
        return (processorTime() - start) / Double(picks.count)
    }
    return (rounds.sorted()[2], armed == nil ? 0 : 1 + replaced)
}
