import Vocabulary

/// Models by time: a binary heap that knows where each one sits, so that a moved deadline is moved in place. At most
/// one entry per model, whatever the number of events. All operations O(log n); equal times in order of index.
package struct DeadlineHeap: Sendable {
    private var entries: [(time: MonotonicTime, model: Int)] = []
    /// By model; -1 where it has no entry.
    private var positions: [Int] = []

    package init() {}

    var isEmpty: Bool { entries.isEmpty }
    /// The earliest.
    package var first: (time: MonotonicTime, model: Int)? { entries.first }

    /// nil where the model has no entry.
    package func time(of model: Int) -> MonotonicTime? {
        model < positions.count && positions[model] >= 0 ? entries[positions[model]].time : nil
    }

    /// Its time from now on.
    package mutating func set(_ model: Int, to time: MonotonicTime) {
        while positions.count <= model { positions.append(-1) }
        var position = positions[model]
        if position < 0 {
            position = entries.count
            positions[model] = position
            entries.append((time, model))
        } else {
            entries[position].time = time
        }
        siftUp(position)
        siftDown(positions[model])
    }

    /// Harmless where the model has no entry.
    package mutating func remove(_ model: Int) {
        guard model < positions.count, positions[model] >= 0 else { return }
        let position = positions[model]
        let last = entries.removeLast()
        positions[model] = -1
        guard position < entries.count else { return }
        entries[position] = last
        positions[last.model] = position
        siftUp(position)
        siftDown(positions[last.model])
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (entries[a].time, entries[a].model) < (entries[b].time, entries[b].model)
    }

    private mutating func swap(_ a: Int, _ b: Int) {
        entries.swapAt(a, b)
        positions[entries[a].model] = a
        positions[entries[b].model] = b
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0, precedes(child, (child - 1) / 2) {
            swap(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count && precedes(child, least) {
                least = child
            }
            if least == parent { return }
            swap(parent, least)
            parent = least
        }
    }
}
