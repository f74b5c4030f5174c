import Vocabulary

@testable import ReloadQueue

/// One step of a random sequence. Numbers are taken modulo what there is, so that any part of a sequence is a sequence.
enum Step: CustomStringConvertible {
    case event(model: Int, tables: Set<Int>, ignoring: Bool)
    case pass(milliseconds: Int)
    case answer(nth: Int, LookKind)
    case end(nth: Int, EndKind)
    case accepted(nth: Int)
    case hold(model: Int)
    case release(model: Int)
    case flush(model: Int)
    case retry(nth: Int)
    case discard(nth: Int)
    case configure(variant: Int)
    case drain(seconds: Int)

    enum LookKind: String, CaseIterable {
        case free, busy, notUnderstood, transient, transientRetryAfter, unanswered, permanent, credentials, forbidden
    }

    enum EndKind: String, CaseIterable {
        case succeeded, warnings, unconfirmed, dryRun, nothingToLoad, transient, transientRetryAfter, unanswered
        case permanent, canceled, busy, credentials, forbidden
        case succeededButOne, transientButOne, permanentButOne
    }

    /// The last table is `*`.
    static let tables = ["T1", "T2", "T3", "T4", "*"].map { Selector($0) }

    static func random(using generator: inout SeededGenerator) -> Step {
        let model = Int.random(in: 0..<3, using: &generator)
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<28:
            var tables: Set<Int> = []
            for _ in 0...Int.random(in: 0...1, using: &generator) {
                tables.insert(.random(in: 0..<4, using: &generator))
            }
            if Int.random(in: 0..<15, using: &generator) == 0 { tables.insert(4) }
            return .event(model: model, tables: tables, ignoring: Int.random(in: 0..<4, using: &generator) == 0)
        case 28..<50:
            let milliseconds = [0, 500, 1000, 2000, 5000, 7000, 10_000, 25_000].randomElement(using: &generator) ?? 0
            return .pass(milliseconds: milliseconds)
        case 50..<70:
            let kinds = Int.random(in: 0..<3, using: &generator) < 2 ? [.free] : LookKind.allCases
            return .answer(nth: model, kinds.randomElement(using: &generator) ?? .free)
        case 70..<86:
            return .end(nth: model, EndKind.allCases.randomElement(using: &generator) ?? .succeeded)
        case 86: return .accepted(nth: model)
        case 87..<89: return .hold(model: model)
        case 89..<92: return .release(model: model)
        case 92..<94: return .flush(model: model)
        case 94..<96: return .retry(nth: model)
        case 96: return .discard(nth: model)
        case 97..<99: return .configure(variant: Int.random(in: 0..<6, using: &generator))
        default: return .drain(seconds: Int.random(in: 0..<20, using: &generator))
        }
    }

    var description: String {
        switch self {
        case .event(let model, let tables, let ignoring):
            "event \(model) \(tables.sorted().map { Self.tables[$0].description })\(ignoring ? " ignoring unknown" : "")"
        case .pass(let milliseconds): "pass \(milliseconds) ms"
        case .answer(let nth, let kind): "answer look \(nth): \(kind.rawValue)"
        case .end(let nth, let kind): "end load \(nth): \(kind.rawValue)"
        case .accepted(let nth): "load \(nth) accepted"
        case .hold(let model): "hold \(model)"
        case .release(let model): "release \(model)"
        case .flush(let model): "flush \(model)"
        case .retry(let nth): "retry \(nth)"
        case .discard(let nth): "discard \(nth)"
        case .configure(let variant): "configure \(variant)"
        case .drain(let seconds): "drain \(seconds) s"
        }
    }

    /// Six versions of the configuration; the fifth lacks model c, the sixth model b.
    static func settings(_ variant: Int) -> QueueSettings {
        let retry = ModelPolicy.Retry(giveUpAfter: .seconds(20), initial: .seconds(1), maximum: .seconds(8))
        let poll = ModelPolicy.Poll(initial: .seconds(1), maximum: .seconds(4))
        func policy(
            _ start: ModelPolicy.Start,
            _ maxWait: Int,
            interval: Int = 0,
            _ confirm: ModelPolicy.Confirm = .bestEffort,
            sets: [ModelPolicy.WaitForAll] = []
        ) -> ModelPolicy {
            ModelPolicy(
                start: start,
                maxWait: .seconds(maxWait),
                minInterval: .seconds(interval),
                confirm: confirm,
                retry: retry,
                waitForAll: sets,
                poll: poll
            )
        }
        let sets = [ModelPolicy.WaitForAll(tables: ["T1", "T2"], atMost: .seconds(6))]
        let more = sets + [ModelPolicy.WaitForAll(tables: ["T2", "T3"], atMost: .seconds(15))]
        let quiet = ModelPolicy.Start.debounce(.seconds(5))
        let models: [ModelReference: ModelPolicy] =
            switch variant {
            case 0: [.a: policy(quiet, 12), .b: policy(.debounce(.seconds(1)), 10), .c: policy(.debounce(.zero), 5)]
            case 1: [.a: policy(quiet, 12, sets: sets), .b: policy(quiet, 20, sets: more), .c: policy(quiet, 30)]
            case 2:
                [
                    .a: policy(.loadCost(.seconds(10)), 12), .b: policy(.loadCost(.seconds(10)), 9, sets: sets),
                    .c: policy(.loadCost(.zero), 5),
                ]
            case 3:
                [
                    .a: policy(quiet, 12, interval: 15, .required), .b: policy(quiet, 5, .required),
                    .c: policy(quiet, 10, interval: 3, sets: more),
                ]
            case 4: [.a: policy(.debounce(.seconds(2)), 4), .b: policy(quiet, 12, interval: 20)]
            default: [.a: policy(.debounce(.zero), 0), .c: policy(.debounce(.seconds(2)), 40, .required)]
            }
        return QueueSettings(
            models: models,
            maxConcurrentLoads: [2, 1, 3, 2, 1, 1][variant],
            history: 1000,
            breakerProbeInterval: .seconds(10)
        )
    }
}
