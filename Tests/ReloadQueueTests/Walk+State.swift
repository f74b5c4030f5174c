import Vocabulary

@testable import ReloadQueue

/// What of a world decides its future under `Walk.settings`. Times count from now; one that is over is as good as
/// another. Ids count only by their order, events and attempts not at all.
extension World {
    func hash(into hasher: inout Hasher) {
        hasher.combine(wake.map(ahead))
        for name in looking { hasher.combine(name.name) }
        hasher.combine(loading.count)
        hasher.combine(order(machine.models[0].readySince, machine.models[1].readySince))
        for model in machine.models { hash(model, into: &hasher) }
        hasher.combine(order(witness.books[.a]?.queued, witness.books[.b]?.queued))
        for name in [ModelReference.a, .b] {
            if let book = witness.books[name] { hash(book, into: &hasher) }
        }
    }

    /// Nanoseconds from now; 0 for what is over.
    private func ahead(_ time: MonotonicTime) -> Int64 { max(0, time.nanoseconds - now.monotonic.nanoseconds) }

    /// Two quiet periods ago is as good as one.
    private func recent(_ time: MonotonicTime) -> Int64 {
        max(-2_000_000_000, time.nanoseconds - now.monotonic.nanoseconds)
    }

    private func order(_ a: MonotonicTime?, _ b: MonotonicTime?) -> Int {
        guard let a, let b else { return a != nil ? 3 : b != nil ? 4 : 5 }
        return a < b ? 0 : a == b ? 1 : 2
    }

    private func hash(_ model: Model, into hasher: inout Hasher) {
        hasher.combine(model.held)
        hasher.combine(model.pending != nil)
        if let pending = model.pending {
            hash(pending.changes, into: &hasher)
            hasher.combine(pending.urgency?.kind.rawValue)
            hasher.combine(pending.retryAt.map(ahead))
            hasher.combine(pending.recorded)
        }
        switch model.phase {
        case .idle: hasher.combine(0)
        case .looking(let looking):
            hasher.combine(1)
            hasher.combine(looking.slot)
        case .polling(let polling):
            hasher.combine(2)
            hasher.combine(ahead(polling.until))
        case .loading(let loading):
            hasher.combine(3)
            hash(loading.changes, into: &hasher)
            hasher.combine(loading.urgency?.kind.rawValue)
            hasher.combine(loading.order.selectors.members.count)
        }
        for failed in model.failed {
            // Which of two jobs is the older decides which of them keeps its id.
            hasher.combine(model.pending.map { $0.job.id < failed.job.id })
            hash(failed.changes, into: &hasher)
        }
    }

    private func hash(_ set: ChangeSet, into hasher: inout Hasher) {
        for selector in Step.tables.prefix(2) {
            let change = set.changes[selector]
            hasher.combine(change.map { recent($0.last) })
            hasher.combine(change.map { ahead($0.deadline) })
        }
        hasher.combine(ahead(set.tally.deadline))
        hasher.combine(set.isEmpty ? 0 : recent(set.tally.last))
    }

    private func hash(_ book: Witness.Book, into hasher: inout Hasher) {
        hasher.combine(book.held)
        hasher.combine(book.urgent)
        hasher.combine(book.wanted)
        hasher.combine(book.backoff.map { ahead($0.latest) })
        hasher.combine(book.pause.map { ahead($0.latest) })
        hash(book.open, into: &hasher)
        hash(book.flight?.records ?? [], into: &hasher)
        for job in book.failed.keys.sorted() { hash(book.failed[job]?.records ?? [], into: &hasher) }
    }

    private func hash(_ records: [Witness.Record], into hasher: inout Hasher) {
        for selector in Step.tables.prefix(2) {
            let same = records.filter { $0.selector == selector }
            hasher.combine(same.map(\.at).max().map(recent))
            hasher.combine(same.compactMap(\.deadline).min().map(ahead))
        }
    }
}
