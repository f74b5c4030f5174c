import Vocabulary

/// What a tester may do to the simulator: `POST /simulator/COMMAND` with a JSON body, or these methods.
///
/// | path | body |
/// | --- | --- |
/// | `GET /simulator/report` | – |
/// | `POST /simulator/fault` | a `Fault` |
/// | `POST /simulator/clear-faults` | – |
/// | `POST /simulator/finish-load` | `{"pool_id","data_model_id","status","message"}`, all optional |
/// | `POST /simulator/external-load` | `{"pool_id","data_model_id","seconds"}`, all optional |
/// | `POST /simulator/finish-data-job` | `{"pool_id","data_model_id","status"}`, all optional |
/// | `POST /simulator/external-data-job` | `{"pool_id","data_model_id","seconds"}`, all optional |
/// | `POST /simulator/tables` | `{"pool_id","data_model_id","tables":[{"id","name","alias","data_source_id"}]}` |
/// | `POST /simulator/behaviour` | a `SimulatedBehaviour` |
/// | `POST /simulator/end-tokens` | – |
extension SimulatorState {
    mutating func control(_ path: [String], _ request: SimulatorRequest, at now: Now) -> SimulatorReply {
        switch (request.method, path) {
        case ("GET", ["report"]):
            return .json(200, report.json)
        case ("POST", ["fault"]):
            guard let fault = request.decodeBody(Fault.self) else { return .text(400, "not a fault") }
            faults.append(fault)
        case ("POST", ["clear-faults"]):
            faults = []
        case ("POST", ["finish-load"]):
            let target = request.decodeBody(ControlTarget.self) ?? ControlTarget()
            let outcome = target.status.map { SimulatedOutcome($0, message: target.message) }
            guard finish(target.model, outcome: outcome, at: now) else { return .text(409, "no load is running") }
        case ("POST", ["external-load"]):
            let target = request.decodeBody(ControlTarget.self) ?? ControlTarget()
            guard startExternalLoad(target.model, loadTime: target.seconds?.duration, at: now) else {
                return .text(409, "a load is running, or there is no such model")
            }
        case ("POST", ["finish-data-job"]):
            let target = request.decodeBody(ControlTarget.self) ?? ControlTarget()
            guard finishDataJob(of: target.model, status: target.status) else {
                return .text(409, "no data job is running")
            }
        case ("POST", ["external-data-job"]):
            let target = request.decodeBody(ControlTarget.self) ?? ControlTarget()
            let time = target.seconds?.duration
            guard startDataJob(of: target.model, external: true, runTime: time, at: now) else {
                return .text(409, "the data job is running, or there is none")
            }
        case ("POST", ["tables"]):
            guard let target = request.decodeBody(ControlTarget.self), let tables = target.tables else {
                return .text(400, "tables are needed")
            }
            guard models[target.model] != nil else { return .text(404, "no such model") }
            models[target.model]?.tables = tables
        case ("POST", ["behaviour"]):
            guard let behaviour = request.decodeBody(SimulatedBehaviour.self) else { return .text(400, "not one") }
            self.behaviour = behaviour
        case ("POST", ["end-tokens"]):
            endTokens(at: now)
        default:
            return .text(404, "no such path")
        }
        return .text(204)
    }

    /// A load that somebody else starts. False if one runs or the model does not exist.
    mutating func startExternalLoad(_ id: SimulatedModelID, loadTime: Duration?, at now: Now) -> Bool {
        guard let model = models[id], model.running == nil else { return false }
        start(.complete, tables: [], external: true, id, at: now, loadTime: loadTime)
        return true
    }

    /// All tokens end now, as if their time were over.
    mutating func endTokens(at now: Now) {
        for token in tokens.keys { tokens[token] = now.monotonic }
    }
}

private struct ControlTarget: Decodable {
    var poolID: String?
    var dataModelID: String?
    var status: String?
    var message: String?
    var seconds: SimulatedSeconds?
    var tables: [SimulatedTable]?

    var model: SimulatedModelID {
        var id = SimulatedModelID()
        if let poolID { id.poolID = poolID }
        if let dataModelID { id.dataModelID = dataModelID }
        return id
    }

    init() {}

    private enum CodingKeys: String, CodingKey {
        case poolID = "pool_id"
        case dataModelID = "data_model_id"
        case status
        case message
        case seconds
        case tables
    }
}
