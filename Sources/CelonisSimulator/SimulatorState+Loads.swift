import Vocabulary

extension SimulatorState {
    /// One data model: what it has, what runs, what waits.
    struct ModelState: Sendable {
        var tables: [SimulatedTable] {
            didSet { knownIDs.formUnion(tables.map(\.id)) }
        }
        /// Every id that was ever listed: a client that trusts its list for a while may still send one.
        private(set) var knownIDs: Set<String> = []
        var loadTime: Duration?
        var outcomes: [SimulatedOutcome]
        var dataJob: DataJobState?
        var running: RunningLoad?
        /// Triggers that wait for the running load (`second_trigger: queued`).
        var queued: [(kind: LoadKind, tables: [String])] = []
        /// Ended loads that last-load may still have to show, oldest first, with the time from which each shows.
        var ended: [(load: LoadRecord, visibleFrom: MonotonicTime)] = []
        /// Whether a load has ended well.
        var hasCache = false

        init(_ model: SimulatedModel) {
            tables = model.tables
            knownIDs = Set(model.tables.map(\.id))
            loadTime = model.loadTime
            outcomes = model.outcomes
            dataJob = model.dataJob.map { DataJobState($0) }
        }
    }

    /// A load in progress.
    struct RunningLoad: Sendable {
        var record: LoadRecord
        var visibleFrom: MonotonicTime
        /// nil: when it is told to.
        var endsAt: MonotonicTime?
    }

    /// When the next load or data job ends by itself.
    package var nextEnd: MonotonicTime? {
        models.values.flatMap { [$0.running?.endsAt, $0.dataJob?.running?.endsAt] }.compactMap(\.self).min()
    }

    /// Ends what is due.
    package mutating func advance(to now: Now) {
        for id in models.keys.sorted() {
            if let end = models[id]?.dataJob?.running?.endsAt, end <= now.monotonic {
                finishDataJob(of: id, status: nil)
            }
            while let end = models[id]?.running?.endsAt, end <= now.monotonic {
                finish(id, outcome: nil, at: Now(monotonic: end, wall: now.wall(at: end)))
            }
        }
    }

    /// Ends a model's load and starts what was queued behind it; nil: as the model's script says. False if none ran.
    @discardableResult
    mutating func finish(_ id: SimulatedModelID, outcome: SimulatedOutcome?, at now: Now) -> Bool {
        guard var model = models[id], let running = model.running else { return false }
        let scripted = model.outcomes.isEmpty ? .success : model.outcomes.removeFirst()
        let outcome = outcome ?? scripted
        var record = running.record
        record.endedAt = now.wall
        record.status = outcome.status
        record.message = outcome.message
        model.running = nil
        if ["SUCCESS", "WARNING"].contains(outcome.status) { model.hasCache = true }
        model.ended = model.ended.suffix(1) + [(record, running.visibleFrom)]
        let next = model.queued.isEmpty ? nil : model.queued.removeFirst()
        models[id] = model
        if let index = report.loads.lastIndex(where: { $0.id == record.id }) { report.loads[index] = record }
        events.append(.loadEnded(record))
        if let next { start(next.kind, tables: next.tables, external: false, id, at: now) }
        return true
    }

    mutating func start(
        _ kind: LoadKind,
        tables: [String],
        external: Bool,
        _ id: SimulatedModelID,
        at now: Now,
        loadTime: Duration? = nil
    ) {
        let record = LoadRecord(
            id: "load-\(nextNumber())",
            model: id,
            kind: kind,
            tables: tables,
            external: external,
            startedAt: now.wall,
            status: behaviour.runningStatus
        )
        let time = loadTime ?? models[id]?.loadTime
        models[id]?.running = RunningLoad(
            record: record,
            visibleFrom: external ? now.monotonic : now.monotonic + behaviour.staleTime,
            endsAt: time.map { now.monotonic + $0 }
        )
        if !external { report.loadCount += 1 }
        report.loads.append(record)
        if report.loads.count > Self.remembered { report.loads.removeFirst(Self.remembered / 10) }
        events.append(.loadStarted(record))
    }

    /// `POST …/load/partial-sync`.
    mutating func partialSync(_ request: SimulatorRequest, _ id: SimulatedModelID, at now: Now) -> SimulatorReply {
        guard let ids = request.decodeBody([String].self), !ids.isEmpty else {
            violate(.emptySet, "\(id)", at: now)
            return error(400, "a list of table ids is needed")
        }
        guard Set(ids).count == ids.count else {
            violate(.repeatedID, "\(id): \(ids.joined(separator: " "))", at: now)
            return error(400, "repeated table id")
        }
        let known = models[id]?.tables ?? []
        let tables = ids.compactMap { wanted in known.first { $0.id == wanted } }
        guard tables.count == ids.count else {
            if models[id]?.knownIDs.isSuperset(of: ids) != true {
                violate(.unknownID, "\(id): \(ids.joined(separator: " "))", at: now)
            }
            return error(400, "unknown table id")
        }
        guard Set(ids).isDisjoint(with: behaviour.rejectedTables) else {
            return error(400, "A table cannot be loaded")
        }
        guard behaviour.withoutCache == .loads || models[id]?.hasCache == true || models[id]?.running != nil else {
            return error(400, "The data model was never loaded")
        }
        return trigger(.partial, tables: tables.map { $0.alias ?? $0.name }, id, at: now)
    }

    /// Starts a load, or does what `second_trigger` says while one runs.
    mutating func trigger(
        _ kind: LoadKind,
        tables: [String],
        _ id: SimulatedModelID,
        at now: Now
    ) -> SimulatorReply {
        if models[id]?.dataJob?.hasSucceeded == false { violate(.loadBeforeDataJob, "\(id)", at: now) }
        guard let model = models[id], let running = model.running else {
            start(kind, tables: tables, external: false, id, at: now)
            return accepted
        }
        if !running.record.external || !model.queued.isEmpty {
            violate(.overlap, "\(id) while \(running.record.id) runs", at: now)
        }
        switch behaviour.secondTrigger {
        case .conflict: return error(409, "A load is running")
        case .badRequest: return error(400, "A load is running")
        case .queued:
            models[id]?.queued.append((kind, tables))
            return accepted
        case .ignored: return accepted
        case .replaced:
            finish(id, outcome: SimulatedOutcome("CANCELED", message: "replaced by another load"), at: now)
            start(kind, tables: tables, external: false, id, at: now)
            return accepted
        }
    }

    private var accepted: SimulatorReply {
        switch behaviour.accepted {
        case .empty: .text(200)
        case .noContent: .text(204)
        case .json: .json(202, .object([("status", .string("ACCEPTED"))]))
        case .text: .text(200, "accepted")
        }
    }

    /// A refusal, in the shape that `errors` says.
    func error(_ status: Int, _ text: String) -> SimulatorReply {
        switch behaviour.errors {
        case .message: .json(status, .object([("message", .string(text))]))
        case .frontend:
            .json(
                status,
                .object([("frontendErrorKey", .string("error.integration")), ("errorInformation", .string(text))])
            )
        case .text: .text(status, text)
        case .html: .text(status, "<html><title>\(text)</title></html>")
        case .empty: .text(status)
        }
    }

    func tableList(of model: ModelState, _ id: SimulatedModelID) -> SimulatorJSON {
        .array(
            model.tables.map { table in
                .object([
                    ("id", .string(table.id)),
                    ("dataModelId", .string(id.dataModelID)),
                    ("dataSourceId", .optional(table.dataSourceID)),
                    ("name", .string(table.name)),
                    ("alias", .optional(table.alias)),
                    ("aliasOrName", .string(table.alias ?? table.name)),
                ])
            }
        )
    }

    /// `GET …/last-load`: the latest load that shows by now.
    func lastLoad(of model: ModelState, _ id: SimulatedModelID, at now: Now) -> SimulatorReply {
        var shown = model.ended.last { $0.visibleFrom <= now.monotonic }?.load
        if let running = model.running, running.visibleFrom <= now.monotonic { shown = running.record }
        guard let load = shown else {
            switch behaviour.neverLoaded {
            case .noContent: return .text(204)
            case .notFound: return .text(404)
            case .null: return .json(200, .null)
            case .empty: return .text(200)
            }
        }
        let fields: [(String, SimulatorJSON)] = [
            ("dataLoadId", .string(load.id)),
            ("dataModelId", .string(id.dataModelID)),
            ("loadStatus", .string(load.status)),
            ("startDate", date(load.startedAt)),
            ("endDate", load.endedAt.map(date) ?? .null),
            ("message", .optional(load.message)),
            ("loadType", .string(load.kind == .partial ? "PARTIAL" : "COMPLETE")),
        ]
        return .json(200, .object(fields.filter { !behaviour.omittedFields.contains($0.0) }))
    }

    private func date(_ time: WallTime) -> SimulatorJSON {
        let time = time + behaviour.dateLead
        return switch behaviour.dates {
        case .iso: .string(time.rfc3339)
        case .epoch: .number(time.milliseconds)
        case .offset: .string((time + .seconds(7200)).rfc3339.dropLast() + "+02:00")
        case .seconds: .string(time.rfc3339.prefix(19) + "Z")
        case .local: .string(String(time.rfc3339.dropLast()))
        }
    }
}
