import ReloadQueue
import Vocabulary

/// Ten million events on 100 models, with all that follows from them: the memory must not grow after the first 100,000
/// (queue.md Q23).
func memory() -> Bool {
    let models = models(100)
    let tables = (0..<50).map { Selector.table("T\($0)") }
    var now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: WallTime(milliseconds: 1_700_000_000_000))
    var machine = QueueMachine(settings: settings(models, ModelPolicy(start: .debounce(.zero)), slots: 20), at: now)
    var generator = SeededGenerator(seed: 9)
    var running: [LoadOrder] = []
    var transitions = 0

    func perform(_ actions: [QueueMachine.Action]) {
        for action in actions {
            switch action {
            case .look(let model):
                perform(machine.lookAnswered(model, .free(LoadBaseline(mark: nil)), at: now, using: &generator))
            case .start(let order): running.append(order)
            case .record: transitions += 1
            // No drain, and no journal.
            case .wake, .drained, .resume, .write: break
            }
        }
    }
    func endOne() {
        let order = running.removeFirst()
        let ends: [LoadEnd] = [
            .succeeded, .succeeded, .succeeded, .failed(.permanent("400")), .failed(.transient("502", retryAfter: nil)),
        ]
        let end = ends[Int.random(in: 0..<ends.count, using: &generator)]
        let result = LoadResult(end: end, tables: order.selectors.texts)
        perform(machine.loadEnded(order.job, of: order.model, result, at: now, using: &generator))
    }

    var first = 0.0
    let (events, warm) = (10_000_000, 100_000)
    for number in 0..<events {
        now = Now(monotonic: now.monotonic + .milliseconds(1), wall: now.wall + .milliseconds(1))
        let model = models[Int.random(in: 0..<models.count, using: &generator)]
        let table = tables[Int.random(in: 0..<tables.count, using: &generator)]
        let change = ModelChanges(model: model, selectors: SelectorSet([table]))
        perform(machine.changesArrived(event: EventID(rawValue: UInt64(number)), [change], at: now).1)
        if number % 5 == 0, !running.isEmpty { endOne() }
        if number % 100 == 0 { perform(machine.timeReached(at: now)) }
        if number == warm { first = residentMemory() }
        if number % 2_000_000 == 0 { print("  \(number) events: \(rounded(residentMemory())) MiB") }
    }
    let last = residentMemory()
    print("memory: \(events) events, \(transitions) transitions")
    print("  \(rounded(first)) MiB after \(warm) events, \(rounded(last)) MiB at last")
    return bound("growth after the first \(warm) events", last - first, atMost: max(1, first * 0.05), unit: "MiB")
}
