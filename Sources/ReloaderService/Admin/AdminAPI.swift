import Admin
import Listener
import ReloadQueue
import Vocabulary

/// Carries out what the admin address is asked for: reads snapshots, passes the verbs to the queue.
struct AdminAPI: Sendable {
    var queue: ReloadQueue
    var trail: Trail
    var clock: any TimeSource
    var isReady: @Sendable () -> Bool
    var snapshot: @Sendable () -> ServiceSnapshot
    /// The settings of each configured model, by name, as the configuration writes them.
    var modelSettings: @Sendable () -> [ModelReference: [String: String]]

    /// `body` is the request's, for a route that has one.
    func answer(_ route: AdminRoute, body: [UInt8] = []) -> Response {
        do {
            return try answerOrThrow(route, body)
        } catch let error as QueueError {
            return error.response
        } catch {
            return .problem(status: 500, detail: "The answer cannot be written as JSON.")
        }
    }

    /// The answer to what changes something, once the disk knows of it (queue.md Q6).
    func answerInTime(_ route: AdminRoute, body: [UInt8]) -> Answer {
        let response = answer(route, body: body)
        guard let journal = queue.journal, response.status < 300 else { return .now(response) }
        return UnwrittenChanges(journal: journal, write: journal.submittedWrite).answer { isWritten in
            if isWritten { return response }
            return .problem(
                status: 503,
                detail: "This was done, but the journal cannot be written: a restart would not know of it.",
                headers: [("retry-after", "30")]
            )
        }
    }

    private func answerOrThrow(_ route: AdminRoute, _ body: [UInt8]) throws -> Response {
        switch route {
        case .live: return probeResponse(isWell: true)
        case .ready: return probeResponse(isWell: isReady())
        case .health: return try health()
        case .metrics:
            return Response(
                status: 200,
                contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: metricsText(snapshot()).utf8
            )
        case .openAPI: return Response(status: 200, contentType: "application/yaml", body: openAPIDescription.utf8)
        case .models: return try json(ListDocument.Models(documents(snapshot().queue.models)))
        case .model(let name): return try json(documents([queue.model(name)])[0])
        case .steer(let verb, let model): return try json(documents([steer(verb, model)])[0])
        case .reload(let model): return try reload(model, body)
        case .jobs(let query):
            let jobs = queue.jobs(state: query.state, model: query.model, table: query.table, limit: query.limit)
            return try json(ListDocument.Jobs(jobs.map { JobDocument($0) }))
        case .job(let id):
            guard let job = queue.job(id) else { throw QueueError.unknownJob(id) }
            return try json(JobDocument(job, trail: trail.steps(of: id)))
        case .settle(let verb, let id): return try json(JobDocument(settle(verb, id)))
        case .events(let query):
            let events = trail.events(source: query.source, status: query.status, limit: query.limit)
            return try json(ListDocument.Events(events.map(EventDocument.init)))
        case .event(let id):
            guard let event = trail.event(id) else {
                return .problem(
                    status: 404,
                    detail: "There is no event \(id); it may have left the history (limits.history)."
                )
            }
            return try json(EventDocument(event))
        case .timeline(let hours): return try json(timeline(hours: hours))
        case .stream: return Self.streamHead
        case .dashboard(let file): return file.response
        }
    }

    /// The head of the answer that goes on; the whole answer to HEAD.
    static let streamHead = Response(
        status: 200,
        // nginx would keep the events back until its buffer is full.
        headers: [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    )

    private func timeline(hours: Int) -> TimelineDocument {
        let to = clock.now().wall
        let from = to + .seconds(-3600 * hours)
        let activity = trail.activity(since: from)
        return TimelineDocument(
            from: from,
            to: to,
            activity: activity.models,
            activityCompleteSince: activity.completeSince,
            jobs: queue.jobs(limit: TimelineDocument.mostJobs)
        )
    }

    /// A change by hand; `body` is a `ReloadRequest`.
    private func reload(_ model: String, _ body: [UInt8]) throws -> Response {
        guard let request = try? AdminJSON.decode(ReloadRequest.self, body), request.tables.allSatisfy({ !$0.isEmpty })
        else {
            return .problem(
                status: 400,
                detail: "The body must be JSON such as {\"tables\":[\"EKKO\"]}; [\"*\"] reloads everything."
            )
        }
        let job = try queue.reload(model, selectors: SelectorSet(request.tables.map { Selector($0) }))
        return try json(JobDocument(job), status: 202)
    }

    private func steer(_ verb: AdminRoute.ModelVerb, _ model: String) throws(QueueError) -> ModelSnapshot {
        switch verb {
        case .flush: try queue.flush(model)
        case .hold: try queue.hold(model)
        case .release: try queue.release(model)
        }
    }

    private func settle(_ verb: AdminRoute.JobVerb, _ job: JobID) throws(QueueError) -> JobSnapshot {
        switch verb {
        case .retry: try queue.retry(job)
        case .discard: try queue.discard(job)
        }
    }

    private func documents(_ models: [ModelSnapshot]) -> [ModelDocument] {
        let settings = modelSettings()
        return models.map { ModelDocument($0, configuration: settings[$0.model] ?? [:]) }
    }

    private func health() throws -> Response {
        let report = HealthReport(snapshot())
        return try json(report, status: report.status == .failing ? 503 : 200)
    }

    private func json(_ document: some Encodable, status: Int = 200) throws -> Response {
        Response(
            status: status,
            headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            body: try AdminJSON.encode(document)
        )
    }
}

extension QueueError {
    fileprivate var response: Response {
        switch self {
        case .unknownModel, .unknownJob: .problem(status: 404, detail: description)
        case .held, .notFailed: .problem(status: 409, detail: description)
        case .noTables: .problem(status: 400, detail: description)
        case .draining, .full, .unwritable: .problem(status: 503, detail: description, headers: [("retry-after", "30")])
        }
    }
}

extension DashboardFile {
    fileprivate var response: Response { Response(status: 200, headers: headers, body: bytes) }
}
