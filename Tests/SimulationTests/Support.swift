import ReloadQueue
import Vocabulary

@testable import Simulation

extension ModelReference {
    static func model(_ name: String) -> Self { Self(name: name, poolID: "p", dataModelID: name) }
    static let a = model("a")
    static let b = model("b")
}

extension WallTime {
    static let start = WallTime(milliseconds: 1_790_000_000_000)
}

extension SimulatedEvent {
    /// So many milliseconds after the start, these tables of one model.
    init(_ milliseconds: Int, _ model: ModelReference = .a, _ tables: String...) {
        let selectors = SelectorSet(tables.map { Selector($0) })
        self.init(
            at: WallTime.start + .milliseconds(milliseconds),
            changes: tables.isEmpty ? [] : [ModelChanges(model: model, selectors: selectors)]
        )
    }
}

extension EventHistory {
    init(_ events: [SimulatedEvent], tables: [ModelReference: Set<String>] = [:]) {
        var list = EventList()
        for event in events { list.append(event) }
        self.init(list, tables: tables)
    }
}

extension BestSchedule {
    func waits(_ instants: EventHistory.Instants) -> [Int64] {
        tablesAndWaits(instants, LoadSize([:], tables: [], ModelPolicy())).waits
    }
}

extension ModelPolicy {
    static func quiet(_ quiet: Duration, _ maxWait: Duration = .seconds(600)) -> Self {
        Self(start: .debounce(quiet), maxWait: maxWait)
    }
}

extension QueueRun {
    init(_ events: [SimulatedEvent], _ models: [ModelReference: ModelPolicy], loads: Duration, slots: Int = 4) {
        self.init(
            EventHistory(events),
            QueueSettings(models: models, maxConcurrentLoads: slots),
            loadTime: loads
        )
    }

    /// When each load started, in milliseconds after the start.
    var starts: [Int] { loads.map { Int($0.start.nanoseconds / 1_000_000 - WallTime.start.milliseconds) } }
}

/// Any of a few tables of one model at random times; sorted.
func randomEvents(
    _ count: ClosedRange<Int>,
    tables: Int,
    gap: Int,
    using generator: inout SeededGenerator
) -> [SimulatedEvent] {
    var at = 0
    return (0..<Int.random(in: count, using: &generator)).map { _ in
        at += Int.random(in: 0..<3, using: &generator) == 0 ? Int.random(in: 0...gap, using: &generator) : 0
        let table = Int.random(in: 0..<(tables * 10), using: &generator)
        return SimulatedEvent(at, .a, table == 0 ? "*" : "T\(table % tables)")
    }
}
