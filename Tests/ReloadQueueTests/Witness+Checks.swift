import Vocabulary

@testable import ReloadQueue

extension Witness {
    /// A load has started: its set must be exactly right, and its time allowed.
    mutating func started(_ order: LoadOrder, reason: String?, openJobs: [JobSnapshot], at now: MonotonicTime) {
        guard var book = books[order.model] else { return problems.append("Q24: a load of a model that is gone") }
        let policy = book.policy
        expect(book.flight == nil, "Q3: two loads of \(order.model.name) overlap")
        expect(!book.held, "a load of a model on hold")
        expect(books.values.filter { $0.flight != nil }.count < max(1, slots), "more loads than slots")
        expect(order.job == book.job, "Q5: \(order.job) started, \(book.job.debugDescription) was pending")
        expect(order.attempt == book.attempts + 1, "attempt \(order.attempt) after \(book.attempts)")

        // Q14, Q27: the exact set.
        let sent = Set(order.selectors.members.keys)
        var riders: Set<Selector> = []
        for failed in book.failed.values { riders.formUnion(Book.union(failed.records).subtracting(failed.culprits)) }
        let all = sent.contains(.everything)
        let taken = book.open.filter { record in
            if book.open.contains(where: { $0.selector == .everything }) { return true }
            if !sent.contains(record.selector) && !(all && riders.contains(.everything)) { return false }
            // A rider of the same name does not take a waiting member along.
            return book.urgent || Self.membership(record.selector, in: book.open, policy, now) != .waiting
        }
        let left = book.open.filter { record in !taken.contains { $0.selector == record.selector } }
        for record in left {
            let membership = Self.membership(record.selector, in: book.open, policy, now)
            let waits =
                membership == .waiting
                || membership == .overdue && !Self.isQuiet(left.filter { $0.selector == record.selector }, policy, now)
            expect(waits && !book.urgent, "Q14: \(record.selector) is pending and not in the load")
        }
        let union = Set(taken.map(\.selector)).union(riders)
        expect(sent == (union.contains(.everything) ? [.everything] : union), "Q14: sent \(order.selectors.texts)")
        expect(!taken.isEmpty, "a load of nothing")

        // Q9, Q10, Q18, Q26: the time.
        let interval = book.lastStart.map { now - $0 >= policy.minInterval } ?? true
        switch reason {
        case "quiet": expect(Self.isQuiet(taken, policy, now) && interval, "Q9: not quiet")
        case "max_wait": expect(Self.isOverdue(taken, now) && interval, "Q10: before max_wait")
        case "load_cost": expect(Self.isCostly(taken, policy, now) && interval, "Q26: before the cost")
        case "wait_for_all": expect(interval && !policy.waitForAll.isEmpty, "Q27: no set")
        case "retry": expect((book.backoff != nil || book.wanted) && interval, "Q18: nothing to retry")
        case "flush", "drain": expect(book.urgent, "nobody flushed")
        default: problems.append("no reason given: \(reason ?? "nil")")
        }
        if let backoff = book.backoff { expect(backoff.earliest <= now, "Q18: inside the back-off") }

        book.flight = Flight(
            order: order,
            records: taken,
            urgent: book.urgent,
            wanted: book.wanted,
            earlierStart: book.lastStart,
            failingSince: book.failingSince
        )
        book.open = left
        book.lastStart = now
        book.urgent = false
        book.wanted = false
        book.backoff = nil
        book.pause = nil
        book.failingSince = nil
        book.attempts = 0
        book.job = left.isEmpty ? nil : openJobs.first { $0.model == order.model && $0.id > order.job }?.id
        books[order.model] = book
    }

    /// Nobody waits who need not (Q10, Q18, Q21): called whenever the machine has nothing more to do right now.
    mutating func expectNobodyLate(blocked: (ModelReference) -> Bool, at now: MonotonicTime) {
        let busy = books.values.filter { $0.flight != nil || $0.looking }.count
        if busy >= slots { return }
        for (model, book) in books where book.flight == nil && !book.looking && !book.held && !blocked(model) {
            if let pause = book.pause, pause.latest > now { continue }
            if isDue(book, at: now) { problems.append("Q10: \(model.name) is due and free, and nothing happens") }
        }
    }

    /// Whether a model must be on its way at the latest.
    func isDue(_ book: Book, at now: MonotonicTime) -> Bool {
        if book.open.isEmpty { return false }
        if let backoff = book.backoff, backoff.latest > now { return false }
        if book.urgent { return true }
        if let last = book.lastStart, now - last < book.policy.minInterval { return false }
        if book.wanted || book.backoff != nil { return true }
        let eligible = book.open.filter { Self.membership($0.selector, in: book.open, book.policy, now) != .waiting }
        return Self.isQuiet(eligible, book.policy, now) || Self.isCostly(eligible, book.policy, now)
            || Self.isOverdue(eligible, now)
    }

    /// What the machine shows is what the piles hold (Q1, Q5, Q14, Q19, Q23).
    mutating func compare(_ snapshot: QueueSnapshot, _ jobs: [JobSnapshot]) {
        expect(
            Set(snapshot.models.map(\.model)) == Set(books.keys),
            "Q24: models \(snapshot.models.map(\.model.name))"
        )
        for model in snapshot.models {
            guard let book = books[model.model] else { continue }
            let name = model.model.name
            let pending = SelectorSet(book.union).texts
            expect(model.pendingTables == pending, "Q1: \(name) shows \(model.pendingTables), pending is \(pending)")
            expect((model.loading == nil) == (book.flight == nil), "\(name) shows another load")
            expect(model.held == book.held, "\(name): hold lost")
            let waiting = jobs.filter {
                $0.model == model.model && [.waiting, .ready, .retrying, .held].contains($0.state)
            }
            expect(waiting.map(\.id) == [book.job].compactMap(\.self), "Q4: open jobs \(waiting.map(\.id.rawValue))")
            let failed = jobs.filter { $0.model == model.model && $0.state == .failed }
            expect(Set(failed.map(\.id)) == Set(book.failed.keys), "Q19: other failed jobs of \(name)")
            for job in failed + waiting {
                let records = book.failed[job.id]?.records ?? book.open
                expect(
                    Set(records.compactMap(\.event)).isSubset(of: job.events) || job.eventCount > 100,
                    "Q1: \(job.id) does not name all of its events"
                )
            }
        }
    }
}
