import Vocabulary

extension SimulatorState {
    /// A model's data job: what runs, and what its page shows.
    struct DataJobState: Sendable {
        /// A run in progress.
        struct Run: Sendable {
            var id: String
            var external: Bool
            var visibleFrom: MonotonicTime
            /// nil: when it is told to.
            var endsAt: MonotonicTime?
        }

        let id: String
        let runTime: Duration?
        var outcomes: [String]
        var running: Run?
        /// Ended runs that the page may still have to show, with the time from which each shows.
        var ended: [(id: String, status: String, visibleFrom: MonotonicTime)] = []
        /// Whether the client's latest run has succeeded: only then may it load.
        var hasSucceeded = false

        init(_ job: SimulatedDataJob) {
            id = job.id
            runTime = job.runTime
            outcomes = job.outcomes
        }
    }

    /// The model whose data job this is; nil if there is none.
    func model(ofDataJob id: String, pool: String) -> SimulatedModelID? {
        models.first { $0.key.poolID == pool && $0.value.dataJob?.id == id }?.key
    }

    /// `POST …/data-jobs/{id}/execute`.
    mutating func executeDataJob(of model: SimulatedModelID, at now: Now) -> SimulatorReply {
        if let running = models[model]?.dataJob?.running {
            if !running.external { violate(.dataJobOverlap, "\(model) while \(running.id) runs", at: now) }
            let status = behaviour.secondTrigger == .badRequest ? 400 : 409
            return error(status, "The data job is running")
        }
        startDataJob(of: model, external: false, runTime: nil, at: now)
        return .text(200)
    }

    /// False if it runs already or there is none.
    @discardableResult
    mutating func startDataJob(
        of model: SimulatedModelID,
        external: Bool,
        runTime: Duration?,
        at now: Now
    ) -> Bool {
        guard var job = models[model]?.dataJob, job.running == nil else { return false }
        job.running = DataJobState.Run(
            id: "run-\(nextNumber())",
            external: external,
            visibleFrom: external ? now.monotonic : now.monotonic + behaviour.staleTime,
            endsAt: (runTime ?? job.runTime).map { now.monotonic + $0 }
        )
        if !external { job.hasSucceeded = false }
        models[model]?.dataJob = job
        return true
    }

    /// Ends a run; nil: as the model's script says. False if none ran.
    @discardableResult
    mutating func finishDataJob(of model: SimulatedModelID, status: String?) -> Bool {
        guard var job = models[model]?.dataJob, let run = job.running else { return false }
        let scripted = job.outcomes.isEmpty || run.external ? "SUCCESS" : job.outcomes.removeFirst()
        let status = status ?? scripted
        job.running = nil
        job.ended = job.ended.suffix(1) + [(run.id, status, run.visibleFrom)]
        if !run.external { job.hasSucceeded = status == "SUCCESS" }
        models[model]?.dataJob = job
        return true
    }

    /// `GET …/jobs/{id}`.
    func dataJobPage(of model: SimulatedModelID, at now: Now) -> SimulatorReply {
        guard let job = models[model]?.dataJob else { return .text(404) }
        let shown: (id: String, status: String)?
        if let running = job.running, running.visibleFrom <= now.monotonic {
            shown = (running.id, "RUNNING")
        } else {
            shown = job.ended.last { $0.visibleFrom <= now.monotonic }.map { ($0.id, $0.status) }
        }
        let fields: [(String, SimulatorJSON)] = [
            ("id", .string(job.id)),
            ("status", .optional(shown?.status)),
            ("currentExecutionId", .optional(shown?.id)),
        ]
        return .json(200, .object(fields.filter { !behaviour.omittedFields.contains($0.0) }))
    }
}
