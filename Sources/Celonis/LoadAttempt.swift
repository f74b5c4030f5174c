import Vocabulary

/// One attempt at one order: names to ids, the data job of `before`, the look, the POST, the watch; a rejected set is narrowed to its culprits.
struct LoadAttempt {
    let order: LoadOrder
    let configuration: ClientConfiguration
    let caller: APICaller
    let directory: TableDirectory
    let clock: any TimeSource
    let sleep: CelonisClient.Sleeper
    let experience: ModelExperience
    let progress: @Sendable (LoadProgress) async -> Void

    /// How one POST ended.
    private enum Sent {
        case ended(LoadEnd, LoadLesson?)
        /// Celonis does not accept this set.
        case rejected(String)

        static func failed(_ failure: LoadFailure) -> Self { .ended(.failed(failure), nil) }

        var lessons: [LoadLesson] {
            switch self {
            case .ended(_, let lesson): [lesson].compactMap { $0 }
            case .rejected: []
            }
        }
    }

    /// The result, and what each load taught.
    func run() async -> (LoadResult, [LoadLesson]) {
        do throws(LoadFailure) {
            var plan = try await plan()
            try await prepare(for: plan)
            var (result, sent) = await carryOut(plan)
            if case .rejected = sent, case .partial = plan.target {
                // The list that was trusted may be out of date.
                let renewed = try await freshPlan()
                if renewed.target != plan.target {
                    plan = renewed
                    (result, sent) = await carryOut(plan)
                }
            }
            if case .rejected(let reason) = sent, case .partial(let tables) = plan.target, tables.count > 1 {
                return await narrow(plan, tables, reason: reason)
            }
            return (result, sent.lessons)
        } catch {
            return (LoadResult(end: .failed(error)), [])
        }
    }

    /// Names to ids. A name that the remembered list does not have, and a connection, whose tables may have become
    /// more (queue.md Q14), need a fresh list.
    private func plan() async throws(LoadFailure) -> LoadPlan {
        guard !order.selectors.isEverything else { return .complete }
        let (list, isFresh) = try await directory.list(of: order.model)
        let plan = list.plan(for: order.selectors, options: order.options)
        let namesConnection = order.selectors.members.keys.contains { selector in
            if case .dataSource = selector { true } else { false }
        }
        guard !isFresh, !plan.unknown.isEmpty || namesConnection else { return plan }
        return try await freshPlan()
    }

    /// The data job is part of every attempt, since a set that was given back may have grown: extraction, then load, in
    /// one chain. It is a POST too, so that a dry run makes none.
    private func prepare(for plan: LoadPlan) async throws(LoadFailure) {
        guard let job = order.options.before, plan.target != .nothing, !configuration.dryRun else { return }
        let attempt = DataJobAttempt(
            job: job,
            order: order,
            poll: configuration.poll,
            caller: caller,
            clock: clock,
            sleep: sleep,
            progress: progress
        )
        try await attempt.run()
    }

    private func freshPlan() async throws(LoadFailure) -> LoadPlan {
        try await directory.freshList(of: order.model).plan(for: order.selectors, options: order.options)
    }

    private func carryOut(_ plan: LoadPlan) async -> (LoadResult, Sent) {
        var result = LoadResult(end: .nothingToLoad, kind: plan.kind, tables: plan.names, unknown: plan.unknown)
        let call: APICall
        switch plan.target {
        case .nothing: return (result, .ended(.nothingToLoad, nil))
        case .complete: call = .completeLoad(order.model)
        case .partial(let tables): call = .partialLoad(order.model, tables.map(\.id))
        }
        await progress(.resolved(kind: plan.kind, tables: plan.names))
        let sent = await send(call)
        switch sent {
        case .ended(let end, _): result.end = end
        case .rejected(let reason): result.end = .failed(.permanent(reason))
        }
        return (result, sent)
    }

    /// A look, then the POST, then the watch. A load of a part of the set says nothing of the rest.
    private func send(_ call: APICall, isPart: Bool = false) async -> Sent {
        let before: LoadWatch.Before
        switch await caller.lastLoad(of: order.model) {
        case .neverLoaded: before = .never
        case .ended(let identity, _): before = .load(identity)
        case .inProgress: return .failed(.busy("another load of the model is in progress"))
        case .notUnderstood(let text, _) where order.options.waitsUntilUnderstood:
            return .failed(.busy("it could not be seen whether a load is running: " + text))
        case .notUnderstood(_, let identity):
            before = (identity ?? order.baseline.mark.map { LoadIdentity(mark: $0) }).map { .load($0) } ?? .unknown
        case .failed(.transient(let text, let retryAfter)):
            // A failed look is never a failed attempt (queue.md Q18): the queue looks again in its own time.
            return .failed(.busy("it could not be seen whether a load is running: " + text, retryAfter: retryAfter))
        case .failed(let failure): return .failed(failure)
        }
        guard !configuration.dryRun else { return .ended(.dryRun, nil) }
        guard !Task.isCancelled else { return .failed(.transient("stopped before the load", retryAfter: nil)) }

        await progress(.sending)
        let sentAt = clock.now().monotonic
        switch await caller.call(call) {
        case .answered:
            let serverTime = experience.trustsStarts ? caller.serverTime(at: sentAt) : nil
            await progress(.answered(isPart ? nil : before.baseline(sentAt: serverTime)))
            return await watch(.answered(sentAt: serverTime), before: before)
        case .failed(.unanswered(let text), _):
            return await watch(.unanswered(text), before: before)
        case .failed(.permanent(let text), status: 400), .failed(.permanent(let text), status: 404),
            .failed(.permanent(let text), status: 422):
            // A refusal while a load shows, or may show, is taken for "busy": it may stand for 409.
            switch await caller.lastLoad(of: order.model) {
            case .failed(.transient(_, let retryAfter)): return .failed(.busy(text, retryAfter: retryAfter))
            case .inProgress, .failed: return .failed(.busy(text))
            case .neverLoaded, .ended, .notUnderstood: return .rejected(text)
            }
        case .failed(let failure, _):
            return .failed(failure)
        }
    }

    /// Goes on with the watch of an earlier process. The names are looked up once more, for what the job has to tell of
    /// its tables; a list that cannot be had spoils no load that was seen to end.
    func resume(_ load: ResumedLoad) async -> (LoadResult, [LoadLesson]) {
        var result = LoadResult(end: .nothingToLoad, kind: order.selectors.isEverything ? .complete : .partial)
        if let plan = try? await plan() {
            result.kind = plan.kind
            result.tables = plan.names
            result.unknown = plan.unknown
        }
        let sent =
            switch load {
            case .answered:
                await watch(.answered(sentAt: order.baseline.sentAt), before: LoadWatch.Before(order.baseline))
            case .unanswered: await watch(.unanswered("the service ended while it was sent"), before: .unknown)
            }
        switch sent {
        case .ended(let end, _): result.end = end
        case .rejected(let reason): result.end = .failed(.permanent(reason))
        }
        // How long it took nobody knows.
        return (result, sent.lessons.filter { $0 == .overtaken })
    }

    private func watch(_ trigger: LoadWatch.Trigger, before: LoadWatch.Before) async -> Sent {
        let since = clock.now().monotonic
        var watch = LoadWatch(
            trigger,
            before: before,
            since: since,
            timeout: order.options.timeout,
            startWithin: configuration.poll.startWithin,
            schedule: experience.schedule
        )
        var next = watch.firstLook
        var failure: LoadFailure?
        while true {
            do {
                try await sleep(next)
            } catch {
                // Stopped: the load may still end well, but nobody will have seen it.
                return .failed(.unanswered("the load was no longer watched"))
            }
            let answer = await caller.lastLoad(of: order.model)
            // Told when it begins, changes its kind, and ends: texts may hold what is another in each answer.
            let isTold =
                switch (failure, answer.failure) {
                case (nil, nil): true
                case (let former?, let new?): new.isSameKind(as: former)
                case (nil, _?), (_?, nil): false
                }
            failure = answer.failure
            if !isTold { await progress(.watched(failure)) }
            let now = clock.now().monotonic
            switch watch.looked(answer, at: now) {
            case .look(let time): next = time
            case .ended(let end): return .ended(end, watch.isOvertaken ? .overtaken : end.lesson(after: now - since))
            }
        }
    }

    /// Loads what can be loaded of a rejected set, part by part, and names the rest.
    private func narrow(_ plan: LoadPlan, _ tables: [ModelTable], reason: String) async -> (LoadResult, [LoadLesson]) {
        var result = LoadResult(end: .failed(.permanent(reason)), tables: plan.names, unknown: plan.unknown)
        let byID = Dictionary(uniqueKeysWithValues: tables.map { ($0.id, $0) })
        var narrowing = Narrowing(rejected: tables.map(\.id))
        var ends: [LoadEnd] = []
        var lessons: [LoadLesson] = []
        while let part = narrowing.next {
            let sent = await send(.partialLoad(order.model, part), isPart: true)
            lessons += sent.lessons
            switch sent {
            case .rejected:
                narrowing.rejected()
            case .ended(let end, _):
                guard end.mayHaveLoaded else {
                    // The whole set goes back; its loaded parts are loaded again.
                    result.end = end
                    return (result, lessons)
                }
                ends.append(end)
                narrowing.accepted()
            }
        }
        // Nothing was accepted: then it is not the tables.
        guard let end = ends.max(by: { $0.doubt < $1.doubt }) else { return (result, lessons) }
        result.end = end
        result.tables = narrowing.loaded.compactMap { byID[$0]?.aliasOrName }.sorted()
        await progress(.resolved(kind: .partial, tables: result.tables))
        let rejected = narrowing.culprits.map { ($0, "Celonis rejects the table") }
        let open = narrowing.unresolved.map { ($0, "Celonis rejects the table or one sent with it") }
        for (id, text) in rejected + open {
            guard let table = byID[id] else { continue }
            for selector in plan.selectors(naming: table) {
                result.unknown.append(
                    UnknownTable(selector: selector, policy: .fail, reason: "\(text): \(table.aliasOrName): \(reason)")
                )
            }
        }
        return (result, lessons)
    }
}

extension LoadWatch.Before {
    /// What a later process can tell the load before by; nil where there is nothing.
    fileprivate func baseline(sentAt: WallTime?) -> LoadBaseline? {
        switch self {
        case .never: LoadBaseline(mark: nil, sentAt: sentAt)
        case .load(let identity): identity.baseline.mark.map { LoadBaseline(mark: $0, sentAt: sentAt) }
        case .unknown: nil
        }
    }

    fileprivate init(_ baseline: LoadBaseline) {
        self = baseline.mark.map { .load(LoadIdentity(mark: $0)) } ?? .never
    }
}

extension LoadEnd {
    /// Whether the load may count as made.
    fileprivate var mayHaveLoaded: Bool {
        switch self {
        case .succeeded, .succeededWithWarnings, .unconfirmed: true
        case .dryRun, .nothingToLoad, .failed: false
        }
    }

    fileprivate func lesson(after duration: Duration) -> LoadLesson? {
        switch self {
        case .succeeded, .succeededWithWarnings: .took(duration)
        case .unconfirmed, .dryRun, .nothingToLoad, .failed: nil
        }
    }

    /// Of several ends of one job's parts the most doubtful counts.
    fileprivate var doubt: Int {
        switch self {
        case .succeeded, .dryRun, .nothingToLoad: 0
        case .succeededWithWarnings: 1
        case .unconfirmed: 2
        case .failed: 3
        }
    }
}
