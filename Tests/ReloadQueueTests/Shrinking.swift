/// Makes a failing sequence short and its steps simple.
enum Shrinking {
    static func shrink(_ steps: [Step], seed: UInt64, plant: World.Plant = .none) -> ([Step], problem: String) {
        func problem(_ steps: [Step]) -> String? { World.run(steps, seed: seed, plant: plant, thorough: true) }
        var steps = steps
        var size = max(1, steps.count / 2)
        while true {
            let shorter = leaveOut(size, of: steps) { problem($0) != nil }
            if size == 1, shorter.count == steps.count { break }
            steps = shorter
            size = max(1, size / 2)
        }
        for index in steps.indices {
            for simpler in steps[index].simpler {
                var tried = steps
                tried[index] = simpler
                if problem(tried) != nil {
                    steps = tried
                    break
                }
            }
        }
        return (steps, problem(steps) ?? "")
    }

    private static func leaveOut(_ size: Int, of steps: [Step], while fails: ([Step]) -> Bool) -> [Step] {
        var steps = steps
        var start = 0
        while start < steps.count {
            var shorter = steps
            shorter.removeSubrange(start..<min(start + size, steps.count))
            if fails(shorter) { steps = shorter } else { start += size }
        }
        return steps
    }
}

extension Step {
    /// What might do as well, the simplest first.
    fileprivate var simpler: [Step] {
        switch self {
        case .event(let model, let tables, _):
            [.event(model: model, tables: [0], ignoring: false), .event(model: model, tables: tables, ignoring: false)]
        case .byHand(let model, _): [.event(model: model, tables: [0], ignoring: false)]
        case .duplicate: [.duplicate(nth: 0)]
        case .answer: [.answer(nth: 0, .free)]
        case .end: [.end(nth: 0, .succeeded), .end(nth: 0, .transient)]
        case .pass, .wallClockJump, .accepted, .hold, .release, .flush, .retry, .discard, .configure, .drain, .restart:
            []
        }
    }
}
