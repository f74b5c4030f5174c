/// The last values that were added, each under a key of its own, oldest out first: fixed in number, so that memory does
/// not grow with events (queue.md Q23).
package struct Ring<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var key: Key
        var value: Value
    }

    /// Grows up to the capacity, and is then used round and round.
    private var entries: [Entry] = []
    private var positions: [Key: Int] = [:]
    /// The position of the oldest entry, and of the next one once the ring is full.
    private var oldest = 0
    private var capacity: Int

    /// At least one value is kept.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    package var count: Int { entries.count }

    package subscript(key: Key) -> Value? { positions[key].map { entries[$0].value } }

    package var newestFirst: some Sequence<Value> {
        (0..<count).lazy.map { entries[(oldest + count - 1 - $0) % count].value }
    }

    /// Adds a value under a key that the ring does not hold.
    /// - Returns: the oldest value, where it had to go.
    @discardableResult
    package mutating func append(_ value: Value, for key: Key) -> Value? {
        guard count == capacity else {
            positions[key] = count
            entries.append(Entry(key: key, value: value))
            return nil
        }
        let gone = entries[oldest]
        positions[gone.key] = nil
        positions[key] = oldest
        entries[oldest] = Entry(key: key, value: value)
        oldest = (oldest + 1) % capacity
        return gone.value
    }

    /// Changes the value under a key; does nothing where there is none.
    package mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        if let position = positions[key] { change(&entries[position].value) }
    }

    /// Keeps the newest that fit.
    package mutating func resize(to capacity: Int) {
        let capacity = max(1, capacity)
        if capacity == self.capacity { return }
        let kept = (entries[oldest...] + entries[..<oldest]).suffix(capacity)
        self = Ring(capacity: capacity)
        for entry in kept { append(entry.value, for: entry.key) }
    }
}
