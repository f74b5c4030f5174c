import Testing
import Vocabulary

@Suite("A ring of the last values")
struct RingTests {
    /// Keys from 1 on, each with ten times itself.
    private func filled(_ count: Int, capacity: Int) -> Ring<Int, Int> {
        var ring = Ring<Int, Int>(capacity: capacity)
        for key in 1...count { ring.append(key * 10, for: key) }
        return ring
    }

    @Test("Q23: it keeps the newest and gives back what had to go, in every position", arguments: 1...12)
    func append(count: Int) {
        var ring = Ring<Int, Int>(capacity: 5)
        for key in 1...count {
            #expect(ring.append(key * 10, for: key) == (key > 5 ? (key - 5) * 10 : nil))
        }
        let kept = (max(1, count - 4)...count)
        #expect(Array(ring.newestFirst) == kept.reversed().map { $0 * 10 })
        #expect(ring.count == kept.count)
        for key in 0...count + 1 { #expect(ring[key] == (kept.contains(key) ? key * 10 : nil)) }
    }

    @Test("a value is changed by its key", arguments: [3, 5, 8])
    func update(count: Int) {
        var ring = filled(count, capacity: 5)
        ring.update(count) { $0 += 1 }
        ring.update(count + 1) { $0 += 1 }
        let oldest = max(1, count - 4)
        ring.update(oldest + 1) { $0 += 2 }
        #expect(ring[count] == count * 10 + 1)
        #expect(ring[oldest + 1] == (oldest + 1) * 10 + 2)
        #expect(ring[oldest] == oldest * 10)
    }

    @Test("another capacity keeps the newest that fit", arguments: [1, 4, 5, 9])
    func resize(capacity: Int) {
        var ring = filled(7, capacity: 5)
        ring.resize(to: capacity)
        #expect(Array(ring.newestFirst) == Array([70, 60, 50, 40, 30].prefix(capacity)))
        ring.append(80, for: 8)
        #expect(Array(ring.newestFirst) == Array([80, 70, 60, 50, 40, 30].prefix(capacity)))
    }

    @Test("an empty ring and one of no capacity are no special cases")
    func small() {
        var ring = Ring<Int, Int>(capacity: 0)
        #expect(Array(ring.newestFirst).isEmpty)
        ring.append(1, for: 1)
        #expect(ring.append(2, for: 2) == 1)
        #expect(Array(ring.newestFirst) == [2])
    }
}
