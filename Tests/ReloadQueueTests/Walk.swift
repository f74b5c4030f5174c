import Vocabulary

@testable import ReloadQueue

/// Every interleaving of a small alphabet of inputs: two models, two tables each, one slot. Depth first; a state that
/// was seen before is not entered again. The witness checks every step, so each state is reached with its promises
/// checked.
struct Walk {
    /// Arrivals at most, of either table of either model; of the other inputs as many as lead to new states.
    let arrivals: Int
    /// Inputs that hold, release, flush, retry and discard; without them the walk is far smaller.
    let withVerbs: Bool
    private(set) var states = 0
    private(set) var transitions = 0
    /// What led to a broken promise, the promise last.
    private(set) var failure: [String] = []
    /// 64-bit hashes of states: two of ten million states share one with a probability of 3 in a million.
    private var seen: Set<Int> = []

    init(arrivals: Int, withVerbs: Bool) {
        self.arrivals = arrivals
        self.withVerbs = withVerbs
    }

    /// One quiet period is two units of time, `max_wait` three.
    static let settings = QueueSettings(
        models: [.a: policy, .b: policy],
        maxConcurrentLoads: 1,
        history: 1
    )
    private static let policy = ModelPolicy(
        start: .debounce(.seconds(2)),
        maxWait: .seconds(3),
        retry: ModelPolicy.Retry(giveUpAfter: .seconds(1_000_000), initial: .zero, maximum: .zero),
        poll: ModelPolicy.Poll(initial: .seconds(1), maximum: .seconds(1))
    )

    private struct Frame {
        var world: World
        var left: Int
        var inputs: [Step]
        var next = 0
    }

    /// `progress` is told every million transitions.
    mutating func run(progress: (Walk) -> Void = { _ in }) {
        let first = World(Self.settings, seed: 1)
        states = 1
        seen.insert(key(first, arrivals))
        var path = [Frame(world: first, left: arrivals, inputs: inputs(first, arrivals))]
        while let frame = path.last {
            guard frame.next < frame.inputs.count else {
                path.removeLast()
                continue
            }
            let input = frame.inputs[frame.next]
            path[path.count - 1].next += 1
            var world = frame.world
            world.perform(input)
            world.check(.sets)
            transitions += 1
            if transitions.isMultiple(of: 1_000_000) { progress(self) }
            if let problem = world.problem {
                failure = path.map { "\($0.inputs[$0.next - 1])" } + [problem]
                return
            }
            let left = frame.left - (input.kind == .event ? 1 : 0)
            guard seen.insert(key(world, left)).inserted else { continue }
            states += 1
            path.append(Frame(world: world, left: left, inputs: inputs(world, left)))
        }
    }

    private func inputs(_ world: World, _ left: Int) -> [Step] {
        var inputs: [Step] = []
        if left > 0 {
            for model in 0..<2 {
                for table in 0..<2 { inputs.append(.event(model: model, tables: [table], ignoring: false)) }
            }
        }
        inputs.append(.pass(milliseconds: 1000))
        for index in world.looking.indices {
            inputs.append(.answer(nth: index, .free))
            inputs.append(.answer(nth: index, .busy))
        }
        for index in world.loading.indices {
            inputs.append(.end(nth: index, .succeeded))
            inputs.append(.end(nth: index, .transient))
            inputs.append(.end(nth: index, .permanent))
        }
        if withVerbs {
            inputs.append(world.witness.books[.a]?.held == true ? .release(model: 0) : .hold(model: 0))
            if world.witness.books[.a]?.held == false { inputs.append(.flush(model: 0)) }
            for index in 0..<world.machine.models.reduce(0, { $0 + $1.failed.count }) {
                inputs.append(.retry(nth: index))
                inputs.append(.discard(nth: index))
            }
        }
        return inputs
    }

    private func key(_ world: World, _ left: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(left)
        world.hash(into: &hasher)
        return hasher.finalize()
    }
}
