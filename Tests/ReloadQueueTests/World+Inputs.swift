import Vocabulary

@testable import ReloadQueue

/// Each input, told to the machine and to the witness.
extension World {
    mutating func event(_ number: Int, _ tables: [Int], _ ignoring: Bool) {
        let model = Step.models[number]
        let selectors = SelectorSet(tables.map { Step.tables[$0] }, unknown: ignoring ? .ignore : .fail)
        let event = EventID(rawValue: UInt64(sent.count))
        let changes = [ModelChanges(model: model, selectors: selectors)]
        if plant == .dropsArrivalsDuringLoads, witness.books[model]?.flight != nil {
            let job = witness.books[model]?.job ?? JobID(rawValue: .max)
            inputs += 1
            return witness.arrived(event, model, selectors, job: job, now.monotonic)
        }
        let (admission, actions) = machine.changesArrived(event: event, changes, at: now)
        var admitted = false
        switch admission {
        case .admitted(let changes):
            admitted = true
            witness.expect(!witness.draining, "Q6: taken in while draining")
            if let job = changes.first?.job { witness.arrived(event, model, selectors, job: job, now.monotonic) }
        case .refused(.draining): witness.expect(witness.draining, "Q6: refused")
        case .refused(.unknownModel): witness.expect(witness.books[model] == nil, "Q24: \(model.name) is known")
        case .refused(.full), .refused(.unwritable): witness.expect(false, "Q6: nothing is full")
        }
        // An id is remembered only after the delivery was admitted (Q16).
        sent.append(Sent(model: number, tables: tables, ignoring: ignoring, remembered: admitted))
        take(actions)
    }

    mutating func byHand(_ model: ModelReference, _ selector: Selector) {
        let selectors = SelectorSet([selector])
        guard let (job, actions) = try? machine.reload(model.name, selectors, at: now) else {
            return witness.expect(witness.draining || witness.books[model] == nil, "Q6: a change by hand is refused")
        }
        witness.arrived(nil, model, selectors, job: job, now.monotonic)
        take(actions)
    }

    mutating func hold(_ model: ModelReference) {
        guard let actions = try? machine.hold(model.name, at: now) else { return }
        witness.books[model]?.held = true
        take(actions)
    }

    mutating func release(_ model: ModelReference) {
        guard let actions = try? machine.release(model.name, at: now) else { return }
        witness.books[model]?.held = false
        take(actions)
    }

    mutating func flush(_ model: ModelReference) {
        let held = witness.books[model]?.held ?? false
        do {
            let actions = try machine.flush(model.name, at: now)
            witness.expect(!held, "a flush of a held model")
            witness.flushed(model, at: now.monotonic)
            take(actions)
        } catch {
            let known = witness.books[model] != nil && !isOver
            let right: QueueError = known ? .held(model.name) : isOver ? .draining : .unknownModel(model.name)
            witness.expect(error == right, "\(error)")
        }
    }

    private var failedJobs: [(JobID, ModelReference)] {
        witness.books.flatMap { model, book in book.failed.keys.map { ($0, model) } }.sorted { $0.0 < $1.0 }
    }

    mutating func retry(_ nth: Int) {
        let failed = failedJobs
        if failed.isEmpty { return }
        let (job, model) = failed[nth % failed.count]
        guard let actions = try? machine.retry(job, at: now) else {
            return witness.expect(witness.draining, "Q19: a failed job cannot be retried")
        }
        witness.retried(job, model)
        take(actions)
    }

    mutating func discard(_ nth: Int) {
        let failed = failedJobs
        if failed.isEmpty || isOver { return }
        let (job, model) = failed[nth % failed.count]
        guard let actions = try? machine.discard(job, at: now) else {
            return witness.expect(false, "Q19: a failed job cannot be discarded")
        }
        witness.books[model]?.failed[job] = nil
        witness.forgetRemoved()
        take(actions)
    }

    mutating func configure(_ variant: Int) {
        if isOver { return }
        let (settings, rows) = Variants.settings(variant)
        self.rows = rows
        self.settings = settings
        witness.configured(settings)
        if let disk { witness.takeUpStrangers(disk.image, at: now) }
        take(machine.configure(settings, at: now))
    }

    mutating func drain(_ timeout: Duration) {
        if !witness.draining {
            witness.draining = true
            for model in witness.books.keys { witness.flushed(model, at: now.monotonic) }
        }
        take(machine.beginDrain(timeout: timeout, at: now))
    }

    mutating func restart(after passed: Duration) {
        guard let disk, !isOver else { return }
        witness.compare(machine, with: disk.image)
        let time = now.monotonic + passed
        now = Now(monotonic: time, wall: now.wall(at: time))
        looking = []
        loading = []
        wake = nil
        machine = QueueMachine(settings: settings, recovering: disk.image, at: now)
        witness.restarted(disk.image, settings, at: now)
        take(machine.begin(at: now))
    }

    mutating func answer(_ model: ModelReference, _ look: Look) {
        looking.removeAll { $0 == model }
        witness.books[model]?.looking = false
        witness.looked(model, look, at: now.monotonic)
        take(machine.lookAnswered(model, look, at: now, using: &generator))
        witness.forgetRemoved()
    }

    mutating func accepted(_ order: LoadOrder) {
        guard case .loading(let loading)? = model(order.model)?.phase else { return }
        let progress: LoadProgress
        if case .loading = loading.stage { progress = .sending } else { progress = .answered(order.baseline) }
        take(machine.loadProgressed(order.job, of: order.model, progress, at: now))
    }

    mutating func end(_ order: LoadOrder, _ kind: Step.EndKind) {
        loading.removeAll { $0.job == order.job }
        let result = kind.result(of: order)
        let actions = machine.loadEnded(order.job, of: order.model, result, at: now, using: &generator)
        let known = witness.books[order.model]?.failed ?? [:]
        let failed = model(order.model)?.failed.filter { known[$0.job.id] == nil } ?? []
        if !isOver { witness.ended(order.model, result, newFailed: failed, at: now.monotonic) }
        take(actions)
    }
}

extension Step.LookKind {
    var look: Look {
        switch self {
        case .free: .free(LoadBaseline(mark: "m"))
        case .busy: .busy
        case .notUnderstood: .notUnderstood("?")
        case .transient: .failed(.transient("502", retryAfter: nil))
        case .transientRetryAfter: .failed(.transient("429", retryAfter: .seconds(15)))
        case .unanswered: .failed(.unanswered("reset"))
        case .permanent: .failed(.permanent("400"))
        case .credentials: .failed(.credentialsRefused("401"))
        case .forbidden: .failed(.poolForbidden("403"))
        }
    }
}

extension Step.EndKind {
    func result(of order: LoadOrder) -> LoadResult {
        // `*` names no table that could be unknown.
        let one = order.selectors.sorted.first { $0 != .everything }.map {
            UnknownTable(selector: $0, policy: order.selectors.members[$0] ?? .fail, reason: "no such table")
        }
        return switch self {
        case .succeeded: LoadResult(end: .succeeded)
        case .warnings: LoadResult(end: .succeededWithWarnings("w"))
        case .unconfirmed: LoadResult(end: .unconfirmed("u"))
        case .dryRun: LoadResult(end: .dryRun)
        // A complete load always has something to load.
        case .nothingToLoad where order.selectors.isEverything: LoadResult(end: .succeeded)
        case .nothingToLoad:
            LoadResult(
                end: .nothingToLoad,
                unknown: order.selectors.members.map { UnknownTable(selector: $0, policy: $1, reason: "none") }
            )
        case .transient: LoadResult(end: .failed(.transient("502", retryAfter: nil)))
        case .transientRetryAfter: LoadResult(end: .failed(.transient("429", retryAfter: .seconds(15))))
        case .unanswered: LoadResult(end: .failed(.unanswered("reset")))
        case .permanent: LoadResult(end: .failed(.permanent("400")))
        case .canceled: LoadResult(end: .failed(.canceled("by hand")))
        case .busy: LoadResult(end: .failed(.busy("409")))
        case .credentials: LoadResult(end: .failed(.credentialsRefused("401")))
        case .forbidden: LoadResult(end: .failed(.poolForbidden("403")))
        case .succeededButOne: LoadResult(end: .succeeded, unknown: [one].compactMap(\.self))
        case .transientButOne:
            LoadResult(end: .failed(.transient("502", retryAfter: nil)), unknown: [one].compactMap(\.self))
        case .permanentButOne: LoadResult(end: .failed(.permanent("400")), unknown: [one].compactMap(\.self))
        }
    }
}
