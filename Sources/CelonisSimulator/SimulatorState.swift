import Vocabulary

/// All that the simulator knows, as a value: requests and times go in, answers and events come out.
///
/// We wrote this Celonis ourselves, so it proves nothing about the real one: `docs/celonis.md` says of each behaviour
/// what it rests on.
package struct SimulatorState: Sendable {
    /// How many calls and loads the report keeps.
    package static let remembered = 10_000

    let configuration: SimulatorConfiguration
    /// As configured, until a tester changes it.
    var behaviour: SimulatedBehaviour
    var models: [SimulatedModelID: ModelState]
    var faults: [Fault]
    var random: SeededGenerator
    /// Tokens that were issued, with their ends. Those that ended stay known: using one is no violation.
    var tokens: [String: MonotonicTime] = [:]
    var report = SimulatorReport()
    var events: [SimulatorEvent] = []
    /// The latest number in an id that was given out.
    private var lastNumber = 0

    package init(_ configuration: SimulatorConfiguration = SimulatorConfiguration()) {
        self.configuration = configuration
        behaviour = configuration.behaviour
        faults = configuration.faults
        random = SeededGenerator(seed: configuration.seed)
        models = [:]
        for model in configuration.models {
            let id = SimulatedModelID(poolID: model.poolID, dataModelID: model.dataModelID)
            models[id] = ModelState(model)
        }
    }

    /// Answers one request. Loads that are due to end by now have ended first.
    package mutating func handle(_ request: SimulatorRequest, at now: Now) -> SimulatorReply {
        advance(to: now)
        let segments = request.segments
        if segments.first == "simulator" {
            return control(Array(segments.dropFirst()), request, at: now)
        }
        guard let route = Route(method: request.method, segments: segments) else {
            violate(.unknownCall, "\(request.method) \(request.target)", at: now)
            return .text(404, "no such path")
        }
        let fault = takeFault(for: route)
        var reply = apply(fault, to: route, request, at: now)
        if behaviour.datedAnswers, reply.headers["date"] == nil { reply.headers["date"] = now.wall.httpDate }
        record(route, request, reply, faulty: fault != nil, at: now)
        return reply
    }

    /// The events since this was last called, in order.
    package mutating func takeEvents() -> [SimulatorEvent] {
        defer { events = [] }
        return events
    }

    /// A number that was not used before in this process.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func violate(_ kind: Violation.Kind, _ detail: String, at now: Now) {
        let violation = Violation(at: now.wall, kind: kind, detail: detail)
        if report.violations.count < Self.remembered { report.violations.append(violation) }
        events.append(.violated(violation))
    }

    private mutating func takeFault(for route: Route) -> Fault? {
        for index in faults.indices
        where faults[index].meets(route.endpoint, dataModelID: route.model?.dataModelID, random: &random) {
            return faults[index]
        }
        return nil
    }

    private mutating func apply(
        _ fault: Fault?,
        to route: Route,
        _ request: SimulatorRequest,
        at now: Now
    ) -> SimulatorReply {
        guard let fault else { return answer(route, request, at: now) }
        var reply: SimulatorReply
        switch fault.effect {
        case .pass:
            reply = answer(route, request, at: now)
        case .slow:
            reply = answer(route, request, at: now)
            reply.delivery = .slow(fault.interval)
        case .answer, .reset, .hang:
            if fault.processed { _ = answer(route, request, at: now) }
            reply = SimulatorReply(status: fault.status, headers: fault.headers, body: Array(fault.body.utf8))
            if fault.effect == .reset { reply.delivery = .reset }
            if fault.effect == .hang { reply.delivery = .hang }
        }
        reply.body += Array(repeating: UInt8(ascii: " "), count: fault.padding)
        reply.delay = fault.delay
        return reply
    }

    private mutating func answer(_ route: Route, _ request: SimulatorRequest, at now: Now) -> SimulatorReply {
        switch route {
        case .token: return token(request, at: now)
        case .dataJob(let call, let pool, let job): return dataJob(call, job, pool: pool, request, at: now)
        case .model(let endpoint, let id): return modelCall(endpoint, id, request, at: now)
        }
    }

    private mutating func dataJob(
        _ call: Route.DataJobCall,
        _ job: String,
        pool: String,
        _ request: SimulatorRequest,
        at now: Now
    ) -> SimulatorReply {
        if let refusal = refusal(of: request, pool: pool, at: now) { return refusal }
        guard let model = model(ofDataJob: job, pool: pool) else {
            return .json(404, .object([("message", .string("Data job \(job) not found"))]))
        }
        switch call {
        case .execute: return executeDataJob(of: model, at: now)
        case .page: return dataJobPage(of: model, at: now)
        }
    }

    private mutating func modelCall(
        _ endpoint: Route.ModelEndpoint,
        _ id: SimulatedModelID,
        _ request: SimulatorRequest,
        at now: Now
    ) -> SimulatorReply {
        if let refusal = refusal(of: request, pool: id.poolID, at: now) { return refusal }
        guard let model = models[id] else {
            return .json(404, .object([("message", .string("Data model \(id.dataModelID) not found"))]))
        }
        switch endpoint {
        case .tables: return .json(200, tableList(of: model, id))
        case .lastLoad: return lastLoad(of: model, id, at: now)
        case .load: return trigger(.complete, tables: [], id, at: now)
        case .partialSync: return partialSync(request, id, at: now)
        }
    }

    private mutating func record(
        _ route: Route,
        _ request: SimulatorRequest,
        _ reply: SimulatorReply,
        faulty: Bool,
        at now: Now
    ) {
        let answered = reply.delivery != .reset && reply.delivery != .hang
        let call = CallRecord(
            at: now.wall,
            endpoint: route.endpoint,
            model: route.model,
            status: answered ? reply.status : nil,
            faulty: faulty,
            userAgent: request.headers.values(named: "user-agent").first
        )
        report.callCounts[route.endpoint, default: 0] += 1
        report.calls.append(call)
        if report.calls.count > Self.remembered { report.calls.removeFirst(Self.remembered / 10) }
        events.append(.called(call))
    }
}

/// The calls that the real service documents.
enum Route {
    /// The calls that name a model.
    enum ModelEndpoint {
        case tables
        case load
        case partialSync
        case lastLoad
    }

    /// The calls that name a data job.
    enum DataJobCall {
        case execute
        case page
    }

    case token
    case model(ModelEndpoint, SimulatedModelID)
    case dataJob(DataJobCall, pool: String, job: String)

    init?(method: String, segments: [String]) {
        if method == "POST", segments == ["oauth2", "token"] {
            self = .token
            return
        }
        if method == "POST", segments.count == 8, Array(segments[0..<4]) == ["integration", "api", "v2", "data-pools"],
            segments[5] == "data-jobs", segments[7] == "execute"
        {
            self = .dataJob(.execute, pool: segments[4], job: segments[6])
            return
        }
        if method == "GET", segments.count == 6, Array(segments[0..<3]) == ["integration", "api", "pools"],
            segments[4] == "jobs"
        {
            self = .dataJob(.page, pool: segments[3], job: segments[5])
            return
        }
        guard segments.count >= 8, Array(segments[0..<4]) == ["integration", "api", "v1", "data-pools"],
            segments[5] == "data-models"
        else { return nil }
        let id = SimulatedModelID(poolID: segments[4], dataModelID: segments[6])
        switch (method, segments[7...].joined(separator: "/")) {
        case ("GET", "tables"): self = .model(.tables, id)
        case ("GET", "last-load"): self = .model(.lastLoad, id)
        case ("POST", "load"): self = .model(.load, id)
        case ("POST", "load/partial-sync"): self = .model(.partialSync, id)
        default: return nil
        }
    }

    var model: SimulatedModelID? {
        switch self {
        case .token, .dataJob: nil
        case .model(_, let id): id
        }
    }

    var endpoint: SimulatedEndpoint {
        switch self {
        case .token: .token
        case .dataJob(.execute, _, _): .executeDataJob
        case .dataJob(.page, _, _): .dataJob
        case .model(.tables, _): .tables
        case .model(.load, _): .load
        case .model(.partialSync, _): .partialSync
        case .model(.lastLoad, _): .lastLoad
        }
    }
}
