import Testing
import Vocabulary

@testable import ReloadQueue

@Suite("Deadline heap")
struct DeadlineHeapTests {
    @Test("gives the same order as sorting, whatever was set, moved and removed", arguments: 0..<50)
    func againstSorting(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var heap = DeadlineHeap()
        var plain: [Int: MonotonicTime] = [:]
        for _ in 0..<300 {
            let model = Int.random(in: 0..<40, using: &generator)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                heap.remove(model)
                plain[model] = nil
            } else {
                let time = MonotonicTime(nanoseconds: .random(in: 0..<30, using: &generator))
                heap.set(model, to: time)
                plain[model] = time
            }
            let least = plain.min { ($0.value, $0.key) < ($1.value, $1.key) }
            #expect(heap.first?.model == least?.key && heap.first?.time == least?.value)
        }
        for (model, time) in plain.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            #expect(heap.first?.model == model && heap.first?.time == time)
            heap.remove(model)
        }
        #expect(heap.isEmpty)
    }
}
