import Vocabulary

/// What a request to the admin address asks for (product.md §4). Found from method, path and query alone.
package enum AdminRoute: Hashable, Sendable {
    case live, ready, health, metrics, openAPI
    case models
    case model(String)
    /// Changes one model; answered with the model.
    case steer(ModelVerb, model: String)
    /// A change by hand; the body names the tables.
    case reload(model: String)
    case jobs(JobQuery)
    case job(JobID)
    case settle(JobVerb, JobID)
    case events(EventQuery)
    case event(EventID)
    /// What happened in the last hours, model by model.
    case timeline(hours: Int)
    /// Server-sent events; the answer goes on.
    case stream
    /// The dashboard, and what it consists of.
    case dashboard(DashboardFile)

    /// The verbs of a model that take no body.
    package enum ModelVerb: String, Hashable, Sendable, CaseIterable {
        case flush, hold, release
    }

    /// The verbs of a failed job.
    package enum JobVerb: String, Hashable, Sendable, CaseIterable {
        case retry, discard
    }

    /// Whether it needs no token: load balancers ask it.
    package var isProbe: Bool { self == .live || self == .ready }

    /// Whether it changes anything: what a page of another origin must never do.
    package var isWrite: Bool {
        switch self {
        case .live, .ready, .health, .metrics, .openAPI, .models, .model, .jobs, .job, .events, .event, .timeline,
            .stream,
            .dashboard:
            false
        case .steer, .reload, .settle: true
        }
    }

    /// Whether it is part of the API, which pages of other origins must not reach.
    package var isAPI: Bool {
        switch self {
        case .live, .ready, .health, .metrics, .openAPI, .dashboard: false
        case .models, .model, .steer, .reload, .jobs, .job, .settle, .events, .event, .timeline, .stream: true
        }
    }
}

/// Which jobs to list.
package struct JobQuery: Hashable, Sendable {
    package var state: JobState?
    package var model: String?
    /// Only jobs that hold this table (or everything).
    package var table: String?
    package var limit: Int
}

/// Which events to list.
package struct EventQuery: Hashable, Sendable {
    package var source: String?
    package var status: EventStatus?
    package var limit: Int
}

/// Why a request has no route.
package enum RouteError: Error, Hashable, Sendable {
    /// 404.
    case notFound(String)
    /// 405: the path exists; the text is for the `Allow` header.
    case wrongMethod(allow: String)
    /// 400: a parameter of the query is not understood.
    case badQuery(String)

    package var status: Int {
        switch self {
        case .notFound: 404
        case .wrongMethod: 405
        case .badQuery: 400
        }
    }
}

extension AdminRoute {
    /// `segments` are the path's, decoded: `/health/live` gives `["health", "live"]`. `query` is what follows the first
    /// `?`, as sent.
    package init(method: String, segments: [String], query: String?) throws(RouteError) {
        let isRead = method == "GET" || method == "HEAD"
        let route: AdminRoute
        switch segments.first {
        case "health" where segments == ["health"]: route = .health
        case "health" where segments == ["health", "live"]: route = .live
        case "health" where segments == ["health", "ready"]: route = .ready
        case "metrics" where segments.count == 1: route = .metrics
        case "openapi.yaml" where segments.count == 1: route = .openAPI
        case "api" where segments.count > 2 && segments[1] == "v1":
            route = try Self.api(segments[2...], isRead: isRead, query: query)
        default:
            guard segments.count == 1, let file = DashboardFile(rawValue: segments[0]) else {
                throw .notFound("There is nothing at this path.")
            }
            route = .dashboard(file)
        }
        guard route.isWrite ? method == "POST" : isRead else {
            throw .wrongMethod(allow: route.isWrite ? "POST" : "GET, HEAD")
        }
        self = route
    }

    private static func api(_ path: ArraySlice<String>, isRead: Bool, query: String?) throws(RouteError) -> AdminRoute {
        let path = Array(path)
        switch (path[0], path.count) {
        case ("models", 1): return .models
        case ("models", 2): return .model(path[1])
        case ("models", 3):
            if path[2] == "reload" { return .reload(model: path[1]) }
            guard let verb = ModelVerb(rawValue: path[2]) else {
                throw .notFound("A model has flush, hold, release and reload, and no \"\(path[2])\".")
            }
            return .steer(verb, model: path[1])
        // A wrong method is told before a wrong query.
        case ("jobs", 1): return .jobs(try isRead ? JobQuery(query) : JobQuery(nil))
        case ("jobs", 2): return .job(try jobID(path[1]))
        case ("jobs", 3):
            guard let verb = JobVerb(rawValue: path[2]) else {
                throw .notFound("A job has retry and discard, and no \"\(path[2])\".")
            }
            return .settle(verb, try jobID(path[1]))
        case ("events", 1): return .events(try isRead ? EventQuery(query) : EventQuery(nil))
        case ("events", 2):
            guard let id = EventID(path[1]) else { throw .notFound("There is no event of that name.") }
            return .event(id)
        case ("timeline", 1): return .timeline(hours: try isRead ? hours(query) : 1)
        case ("stream", 1): return .stream
        default: throw .notFound("There is nothing at this path.")
        }
    }

    private static func hours(_ query: String?) throws(RouteError) -> Int {
        var parameters = try QueryParameters(query, known: ["hours"])
        return try parameters.number("hours", in: 1...24, otherwise: 1)
    }

    private static func jobID(_ text: String) throws(RouteError) -> JobID {
        guard let id = JobID(text) else { throw .notFound("There is no job of that name.") }
        return id
    }
}

extension JobQuery {
    fileprivate init(_ query: String?) throws(RouteError) {
        var parameters = try QueryParameters(query, known: ["state", "model", "table", "limit"])
        state = try parameters.choice("state", JobState.self)
        model = parameters.take("model")
        table = parameters.take("table")
        limit = try parameters.limit()
    }
}

extension EventQuery {
    fileprivate init(_ query: String?) throws(RouteError) {
        var parameters = try QueryParameters(query, known: ["source", "status", "limit"])
        source = parameters.take("source")
        status = try parameters.choice("status", EventStatus.self)
        limit = try parameters.limit()
    }
}

/// The parameters of a query, each at most once. An empty value is no filter, as forms send it.
private struct QueryParameters {
    private var values: [String: String] = [:]

    init(_ query: String?, known: [String]) throws(RouteError) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let spaced = parts.map { $0.replacing("+", with: " ") }
            let name = PercentEncoding.decode(spaced[0])
            let value = PercentEncoding.decode(spaced.count > 1 ? spaced[1] : "")
            guard known.contains(name) else {
                throw .badQuery("There is no parameter of that name here; there are \(known.joined(separator: ", ")).")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .badQuery("The parameter \(name) is given twice.")
            }
        }
    }

    mutating func take(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) throws(RouteError) -> Choice? {
        guard let text = take(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badQuery("The parameter \(name) is one of \(names).")
    }

    mutating func number(
        _ name: String,
        in range: ClosedRange<Int>,
        otherwise standard: Int
    ) throws(RouteError) -> Int {
        guard let text = take(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw .badQuery("The parameter \(name) is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// How many at most; 100 unless given.
    mutating func limit() throws(RouteError) -> Int {
        try number("limit", in: 1...10_000, otherwise: 100)
    }
}
