import Vocabulary

@testable import ReloadQueue

/// One step of a sequence. Numbers are taken modulo what there is, so that any part of a sequence is a sequence.
enum Step: CustomStringConvertible {
    case event(model: Int, tables: [Int], ignoring: Bool)
    /// A copy of an event that was sent before: known, unless it was to be forgotten.
    case duplicate(nth: Int)
    case byHand(model: Int, table: Int)
    case pass(milliseconds: Int)
    case wallClockJump(seconds: Int)
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
    /// The process dies; another goes on after so long.
    case restart(seconds: Int)

    enum LookKind: String, CaseIterable {
        case free, busy, notUnderstood, transient, transientRetryAfter, unanswered, permanent, credentials, forbidden
    }

    enum EndKind: String, CaseIterable {
        case succeeded, warnings, unconfirmed, dryRun, nothingToLoad, transient, transientRetryAfter, unanswered
        case permanent, canceled, busy, credentials, forbidden
        case succeededButOne, transientButOne, permanentButOne
    }

    /// What kind of step it is, for counting which met which settings.
    enum Kind: Int, CaseIterable {
        case event, duplicate, byHand, pass, wallClockJump, answer, end, accepted
        case hold, release, flush, retry, discard, configure, drain, restart
    }

    /// The last table is `*`.
    static let tables = ["T1", "T2", "T3", "T4", "*"].map { Selector($0) }
    static let models: [ModelReference] = [.a, .b, .c]

    var kind: Kind {
        switch self {
        case .event: .event
        case .duplicate: .duplicate
        case .byHand: .byHand
        case .pass: .pass
        case .wallClockJump: .wallClockJump
        case .answer: .answer
        case .end: .end
        case .accepted: .accepted
        case .hold: .hold
        case .release: .release
        case .flush: .flush
        case .retry: .retry
        case .discard: .discard
        case .configure: .configure
        case .drain: .drain
        case .restart: .restart
        }
    }

    static func random(using generator: inout SeededGenerator) -> Step {
        let model = generator.below(3)
        switch generator.below(400) {
        case 0..<108:
            var tables = [generator.below(4)]
            if generator.below(2) == 0 { tables.append(generator.below(4)) }
            if generator.below(15) == 0 { tables.append(4) }
            return .event(model: model, tables: tables, ignoring: generator.below(4) == 0)
        case 108..<114: return .duplicate(nth: generator.below(100))
        case 114..<118: return .byHand(model: model, table: generator.below(5))
        case 118..<204:
            let milliseconds = [0, 500, 1000, 2000, 5000, 7000, 10_000, 25_000][generator.below(8)]
            return .pass(milliseconds: milliseconds)
        case 204..<206: return .wallClockJump(seconds: (generator.below(3) - 1) * 40_000_000)
        case 206..<282:
            let kind = generator.below(3) < 2 ? 0 : generator.below(LookKind.allCases.count)
            return .answer(nth: model, LookKind.allCases[kind])
        case 282..<338: return .end(nth: model, EndKind.allCases[generator.below(EndKind.allCases.count)])
        case 338..<350: return .accepted(nth: model)
        case 350..<358: return .hold(model: model)
        case 358..<370: return .release(model: model)
        case 370..<378: return .flush(model: model)
        case 378..<386: return .retry(nth: model)
        case 386..<390: return .discard(nth: model)
        case 390..<397: return .configure(variant: generator.below(1000))
        case 397..<399: return .restart(seconds: [0, 3, 40][generator.below(3)])
        default: return .drain(seconds: generator.below(20))
        }
    }

    var description: String {
        switch self {
        case .event(let model, let tables, let ignoring):
            "event \(Self.name(model)) \(tables.map { Self.tables[$0].description })"
                + (ignoring ? " ignoring unknown" : "")
        case .duplicate(let nth): "a copy of event \(nth)"
        case .byHand(let model, let table): "by hand \(Self.name(model)) \(Self.tables[table])"
        case .pass(let milliseconds): "pass \(milliseconds) ms"
        case .wallClockJump(let seconds): "the wall clock jumps by \(seconds) s"
        case .answer(let nth, let kind): "answer look \(nth): \(kind.rawValue)"
        case .end(let nth, let kind): "end load \(nth): \(kind.rawValue)"
        case .accepted(let nth): "load \(nth) about to be sent, or accepted"
        case .hold(let model): "hold \(Self.name(model))"
        case .release(let model): "release \(Self.name(model))"
        case .flush(let model): "flush \(Self.name(model))"
        case .retry(let nth): "retry failed job \(nth)"
        case .discard(let nth): "discard failed job \(nth)"
        case .configure(let variant): "configure \(variant)"
        case .drain(let seconds): "drain \(seconds) s"
        case .restart(let seconds): "restart after \(seconds) s"
        }
    }

    private static func name(_ model: Int) -> String { models[model].name }
}

extension SeededGenerator {
    /// The bias is far below what any test could notice.
    mutating func below(_ end: Int) -> Int { Int(truncatingIfNeeded: next() >> 1) % end }
}
