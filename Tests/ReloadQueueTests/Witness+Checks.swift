import Vocabulary

@testable import ReloadQueue

extension Witness {
    /// A load has started: its set must be exactly right, and its time allowed.
    /// `own` is what the job itself brought, without what rides along from failed jobs.
    mutating func started(
        _ order: LoadOrder,
        own: Set<Selector>,
        _ reason: StartReason?,
        openJob: JobID?,
        at now: MonotonicTime
    ) {
        guard var book = books[order.model] else { return problems.append("Q24: a load of a model that is gone") }
        let policy = book.policy
        expect(book.flight == nil, "Q3: two loads of \(order.model.name) overlap")
        expect(!book.held, "a load of a model on hold")
        expect(books.values.filter { $0.flight != nil }.count < max(1, slots), "more loads than slots")
        expect(order.job == book.job, "Q5: \(order.job) started, \(book.job.debugDescription) was pending")
        expect(order.attempt == book.attempts + 1, "attempt \(order.attempt) after \(book.attempts)")
        expect(order.options == policy.options, "other options than those in force")

        // Q14, Q27: the exact set.
        let sent = Set(order.selectors.members.keys)
        var riders: Set<Selector> = []
        for failed in book.failed.values { riders.formUnion(Book.union(failed.records).subtracting(failed.culprits)) }
        let taken = book.open.filter { own.contains(.everything) || own.contains($0.selector) }
        let left = book.open.filter { record in !taken.contains { $0.selector == record.selector } }
        let late = left.filter { Self.membership($0.selector, in: book.open, policy, now) == .overdue }
        for record in left {
            // What its set has let go may stay behind when, with the others that were let go, it is not quiet yet.
            let waits =
                switch Self.membership(record.selector, in: book.open, policy, now) {
                case .waiting: true
                case .overdue: !Self.isQuiet(late, policy, now)
                case .none, .complete: false
                }
            expect(waits && !book.urgent, "Q14: \(record.selector) is pending and not in the load")
        }
        let union = Set(taken.map(\.selector)).union(riders)
        let right = union.contains(.everything) ? [.everything] : union
        expect(sent == right, "Q14: sent \(order.selectors.texts), right is \(right.sorted())")
        expect(!taken.isEmpty, "a load of nothing")

        // Q9, Q10, Q18, Q26: the time.
        let interval = book.lastStart.map { now - $0 >= policy.minInterval } ?? true
        switch reason {
        case .quiet: expect(Self.isQuiet(taken, policy, now) && interval, "Q9: not quiet")
        case .maxWait: expect(Self.isOverdue(taken, now) && interval, "Q10: before max_wait")
        case .loadCost: expect(Self.isCostly(taken, policy, now) && interval, "Q26: before the cost")
        case .waitForAll: expect(interval && !policy.waitForAll.isEmpty, "Q27: no set")
        case .retry: expect((book.backoff != nil || book.wanted) && interval, "Q18: nothing to retry")
        case .flush, .drain: expect(book.urgent, "nobody flushed")
        case nil: problems.append("no reason given")
        }
        if let backoff = book.backoff { expect(backoff.earliest <= now, "Q18: inside the back-off") }

        book.queued = nil
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
        book.job = left.isEmpty ? nil : openJob
        expect(left.isEmpty || openJob.map { $0 > order.job } == true, "Q27: nobody keeps what waits for its set")
        books[order.model] = book
    }

    /// Nobody waits who need not (Q10, Q18, Q21): called whenever the machine has nothing more to do right now. Who is
    /// due and has no slot stands in a queue from then on.
    mutating func expectNobodyLate(_ breakers: some Collection<BreakerScope>, at now: MonotonicTime) {
        let busy = books.values.count { $0.flight != nil || $0.looking }
        for (model, book) in books where !book.open.isEmpty || book.queued != nil {
            let stands =
                book.flight == nil && !book.held && !breakers.contains { $0.concerns(model) } && isDue(book, at: now)
            if stands, busy < slots, !book.looking, !(book.pause.map { $0.latest > now } ?? false) {
                problems.append("Q10: \(model.name) is due and free, and nothing happens")
            }
            let queued = stands ? book.queued ?? now : nil
            if queued != book.queued { books[model]?.queued = queued }
        }
    }

    /// The machine asks for a look. Whoever was due before this model and still is comes first (Q15).
    mutating func looks(at model: ModelReference, _ breakers: some Collection<BreakerScope>, _ now: MonotonicTime) {
        guard var book = books[model] else { return problems.append("Q24: a look at a model that is gone") }
        if let pause = book.pause {
            expect(pause.earliest <= now, "Q18: a look before its time")
        } else if book.backoff == nil, !breakers.contains(where: { $0.concerns(model) }) {
            // When a back-off ended is known to the machine alone.
            for (other, passed) in books where other != model && passed.pause == nil && !passed.looking {
                if breakers.contains(where: { $0.concerns(other) }) { continue }
                guard let queued = passed.queued, queued < book.queued ?? now, isDue(passed, at: now) else { continue }
                problems.append("Q15: \(model.name) passes \(other.name)")
            }
        }
        book.looking = true
        books[model] = book
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

    /// The machine's sets are what the piles hold (Q1, Q4, Q5, Q14, Q19).
    mutating func compare(_ machine: QueueMachine) {
        expect(Set(machine.places.keys) == Set(books.keys), "Q24: models \(machine.places.keys.map(\.name).sorted())")
        for model in machine.models where !model.vacant {
            guard let book = books[model.reference] else { continue }
            let name = model.reference.name
            expect(model.held == book.held, "\(name): hold lost")
            expect(model.pending?.job.id == book.job, "Q4: \(name) has another open job")
            let pending = model.pending?.changes.changes ?? [:]
            expect(
                Self.holds(pending, book.open),
                "Q1: \(name) holds \(pending.keys.sorted()), pending is \(Set(book.open.map(\.selector)).sorted())"
            )
            if case .loading(let loading) = model.phase {
                expect(Self.holds(loading.changes.changes, book.flight?.records ?? []), "Q2: \(name) loads another set")
            } else {
                expect(book.flight == nil, "\(name): a load is forgotten")
            }
            expect(model.failed.count == book.failed.count, "Q19: other failed jobs of \(name)")
            for failed in model.failed {
                let records = book.failed[failed.job.id]?.records ?? []
                expect(Self.holds(failed.changes.changes, records), "Q19: \(failed.job.id) holds another set")
            }
        }
    }

    /// Whether a set names what the records name, `*` standing for everything.
    private static func holds(_ changes: [Selector: Change], _ records: [Record]) -> Bool {
        if changes[.everything] != nil { return records.contains { $0.selector == .everything } }
        return records.allSatisfy { changes[$0.selector] != nil }
            && changes.keys.allSatisfy { selector in records.contains { $0.selector == selector } }
    }

    /// A copy of an event is new once a job of the event has failed (Q16).
    mutating func expectForgotten(_ sent: [World.Sent]) {
        for book in books.values where !book.failed.isEmpty {
            for record in book.failed.values.flatMap(\.records) {
                guard let event = record.event else { continue }
                expect(!sent[Int(event.rawValue)].remembered, "Q16: \(event) failed and would not be taken in again")
            }
        }
    }

    /// Nothing is pending or in flight any more.
    var isSettled: Bool { books.values.allSatisfy { $0.open.isEmpty && $0.flight == nil } }

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
            expect(model.changes == book.accepted, "Q25: \(name) counts \(model.changes) changes")
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

extension BreakerScope {
    func concerns(_ model: ModelReference) -> Bool {
        switch self {
        case .credentials: true
        case .pool(let id): id == model.poolID
        }
    }
}
