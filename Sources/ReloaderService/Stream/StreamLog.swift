import Admin
import ReloadQueue
import Vocabulary

/// The last transitions, numbered, for those who follow the stream and for those who come back to it. Kept as values:
/// they are put into words when somebody follows.
struct StreamLog {
    struct Entry {
        var number: UInt64
        /// Its number beyond this start of the program.
        var id: String
        var transition: Transition
        var at: WallTime
    }

    /// Where somebody goes on who shows the id of the last message that it got.
    enum Resumption: Equatable {
        /// It shows none: it has read everything by itself, or will.
        case fresh
        case after(UInt64)
        /// Of another start of the program, or too old: what happened since cannot be told.
        case lost
    }

    private var entries: Ring<UInt64, Entry>
    /// The number of the newest; 0: none yet.
    private(set) var last: UInt64 = 0
    private let capacity: UInt64
    /// Tells the numbers of this start of the program from those of another.
    private let epoch: Int64

    init(capacity: Int = 256, startedAt: WallTime) {
        entries = Ring(capacity: capacity)
        self.capacity = UInt64(capacity)
        epoch = startedAt.milliseconds
    }

    mutating func append(_ transition: Transition, at time: WallTime) {
        last += 1
        let transition = transition.abridged
        entries.append(Entry(number: last, id: "\(epoch)-\(last)", transition: transition, at: time), for: last)
    }

    /// The oldest number after which nothing is missing.
    private var horizon: UInt64 { last > capacity ? last - capacity : 0 }

    /// What came after a number, oldest first; nil if a part of it is gone.
    func after(_ number: UInt64) -> [Entry]? {
        guard number >= horizon, number <= last else { return nil }
        return number == last ? [] : (number + 1...last).compactMap { entries[$0] }
    }

    func resumption(after id: String?) -> Resumption {
        guard let id else { return .fresh }
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, Int64(parts[0]) == epoch, let number = UInt64(parts[1]), number >= horizon,
            number <= last
        else { return .lost }
        return .after(number)
    }
}

extension Transition {
    /// Many are kept.
    fileprivate var abridged: Transition {
        guard case .job(let job, let reason) = self else { return self }
        return .job(job.abridged, reason: reason)
    }
}

extension StreamLog.Entry {
    var message: StreamMessage {
        switch transition {
        case .job(let job, let reason): .job(.init(at: at, reason: reason, job: job))
        case .split(let from, let into, _): other("split", nil, "a part of \(from) goes on as \(into)")
        case .held(let model): other("held", model)
        case .released(let model): other("released", model)
        case .flushed(let model): other("flushed", model)
        case .lookFailed(let model, let why): other("look_failed", model, why)
        case .breakerOpened(let breaker): other("refused", nil, breaker.message)
        case .breakerClosed(let breaker): other("accepted_again", nil, breaker.message)
        case .modelAdded(let model): other("added", model)
        case .modelRemoved(let model): other("removed", model)
        }
    }

    /// Whom it happened to; nil for what happens to more than one.
    var model: ModelReference? {
        switch transition {
        case .job(let job, reason: _): job.model
        case .held(let model), .released(let model), .flushed(let model), .lookFailed(let model, _),
            .modelAdded(let model), .modelRemoved(let model):
            model
        case .split, .breakerOpened, .breakerClosed: nil
        }
    }

    private func other(_ what: String, _ model: ModelReference?, _ detail: String? = nil) -> StreamMessage {
        .change(.init(at: at, what: what, model: model?.name, detail: detail))
    }
}
