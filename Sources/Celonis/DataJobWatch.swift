import Vocabulary

/// Takes one data job through its run: waits until none is in progress, asks for one, watches it to its end. A run that
/// was in progress before may have read its data too early, so it is waited for and never taken for ours.
package struct DataJobWatch: Sendable {
    /// What to do next.
    package enum Step: Hashable, Sendable {
        case look(at: MonotonicTime)
        case execute
        case succeeded
        case failed(LoadFailure)
    }

    /// How the request to run the job ended.
    package enum Execution: Hashable, Sendable {
        case answered
        case failed(LoadFailure)
    }

    private enum Phase {
        /// Before our request.
        case waiting
        /// A 2xx came, or (with its text) no answer, at this time; `before` is the run that showed then.
        case watching(before: DataJobRun?, since: MonotonicTime, unanswered: String?, begun: Bool)
    }

    private let since: MonotonicTime
    private let timeout: Duration
    private let startWithin: Duration
    private let schedule: PollSchedule
    private var phase = Phase.waiting
    private var latest: DataJobRun?
    private var notUnderstood = 0

    /// `timeout` is the model's `load_timeout`, `startWithin` its `poll.start_within`.
    package init(since: MonotonicTime, timeout: Duration, startWithin: Duration, schedule: PollSchedule) {
        self.since = since
        self.timeout = timeout
        self.startWithin = startWithin
        self.schedule = schedule
    }

    /// Takes in one look at the job.
    package mutating func looked(_ answer: DataJobAnswer, at now: MonotonicTime) -> Step {
        if case .notUnderstood(let text) = answer {
            notUnderstood += 1
            guard notUnderstood < LoadWatch.notUnderstoodLimit else {
                return .failed(.transient(text, retryAfter: nil))
            }
            return waitOn(now)
        }
        notUnderstood = 0
        switch phase {
        case .waiting: return lookedBefore(answer, at: now)
        case .watching(let before, let start, let unanswered, let begun):
            return lookedAfter(answer, before: before, start: start, unanswered: unanswered, begun: begun, at: now)
        }
    }

    /// Takes in how our request ended.
    package mutating func executed(_ execution: Execution, at now: MonotonicTime) -> Step {
        switch execution {
        case .answered:
            phase = .watching(before: latest, since: now, unanswered: nil, begun: false)
        case .failed(.unanswered(let text)):
            phase = .watching(before: latest, since: now, unanswered: text, begun: false)
        case .failed(.busy):
            // Somebody else was quicker.
            break
        case .failed(let failure):
            return .failed(failure)
        }
        return waitOn(now)
    }

    private mutating func lookedBefore(_ answer: DataJobAnswer, at now: MonotonicTime) -> Step {
        switch answer {
        case .neverRan: latest = nil
        case .ended(let run): latest = run
        case .inProgress, .notUnderstood: return waitOn(now)
        case .failed(.transient(_, let retryAfter)): return waitOn(now, notBefore: retryAfter.map { now + $0 })
        case .failed(let failure): return .failed(failure)
        }
        return .execute
    }

    private mutating func lookedAfter(
        _ answer: DataJobAnswer,
        before: DataJobRun?,
        start: MonotonicTime,
        unanswered: String?,
        begun: Bool,
        at now: MonotonicTime
    ) -> Step {
        let isLate = now >= start + startWithin
        switch answer {
        case .failed(let failure):
            return waitOn(now, notBefore: failure.retryAfter.map { now + $0 })
        case .notUnderstood:
            return waitOn(now)
        case .inProgress:
            // It may be somebody else's: the next attempt waits for its end and runs the job itself.
            if let unanswered { return .failed(.unanswered(unanswered)) }
            phase = .watching(before: before, since: start, unanswered: nil, begun: true)
            return waitOn(now)
        case .neverRan:
            guard isLate else { return waitOn(now) }
            return .failed(noRun(unanswered))
        case .ended(let run):
            if let unanswered { return isLate ? .failed(.unanswered(unanswered)) : waitOn(now) }
            guard begun || run != before || isLate else { return waitOn(now) }
            // A short run may have ended between two looks and look like the one before: success that has shown for as
            // long as a run may take to show is believed.
            guard begun || run != before || run.end == .succeeded else { return .failed(noRun(nil)) }
            return outcome(of: run.end)
        }
    }

    private func noRun(_ unanswered: String?) -> LoadFailure {
        unanswered.map { .unanswered($0) }
            ?? .transient(
                "no new run of the data job showed within \(startWithin.text) of the request",
                retryAfter: nil
            )
    }

    private func outcome(of end: DataJobRun.End) -> Step {
        switch end {
        case .succeeded: .succeeded
        case .failed: .failed(.transient("the data job ended with FAIL: see its log in Celonis", retryAfter: nil))
        case .skipped: .failed(.transient("Celonis skipped the data job: see its log in Celonis", retryAfter: nil))
        case .canceled: .failed(.canceled("the data job was canceled in Celonis"))
        }
    }

    private func waitOn(_ now: MonotonicTime, notBefore: MonotonicTime? = nil) -> Step {
        guard now < since + timeout else {
            return .failed(.transient("the data job was not seen to end within \(timeout.text)", retryAfter: nil))
        }
        let next = min(now + schedule.delay(after: now - since), since + timeout)
        return .look(at: max(next, notBefore ?? now))
    }
}
