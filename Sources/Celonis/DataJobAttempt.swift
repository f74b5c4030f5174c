import Vocabulary

/// Runs the data job of `before` to its success: the calls and waits that `DataJobWatch` asks for.
struct DataJobAttempt {
    let job: DataJob
    let order: LoadOrder
    let poll: PollSettings
    let caller: APICaller
    let clock: any TimeSource
    let sleep: CelonisClient.Sleeper
    let progress: @Sendable (LoadProgress) async -> Void

    /// Returns after the job's success.
    func run() async throws(LoadFailure) {
        var watch = DataJobWatch(
            since: clock.now().monotonic,
            timeout: order.options.timeout,
            startWithin: poll.startWithin,
            schedule: PollSchedule(poll)
        )
        var step = DataJobWatch.Step.look(at: clock.now().monotonic)
        while true {
            switch step {
            case .look(let time):
                do {
                    try await sleep(time)
                } catch {
                    throw .transient("the data job was no longer watched", retryAfter: nil)
                }
                let answer = await caller.dataJob(job, of: order.model)
                step = watch.looked(answer, at: clock.now().monotonic)
            case .execute:
                let execution = await execute()
                step = watch.executed(execution, at: clock.now().monotonic)
            case .succeeded: return
            case .failed(let failure): throw failure
            }
        }
    }

    private func execute() async -> DataJobWatch.Execution {
        switch await caller.call(.executeDataJob(order.model, job)) {
        case .answered:
            await progress(.dataJobStarted(job.id))
            return .answered
        case .failed(.permanent(let text), status: 400):
            // A refusal while the job runs may stand for 409.
            guard case .inProgress = await caller.dataJob(job, of: order.model) else {
                return .failed(.permanent(text))
            }
            return .failed(.busy(text))
        case .failed(let failure, _):
            return .failed(failure)
        }
    }
}
