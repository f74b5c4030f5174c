import Vocabulary

/// Watches one triggered load through its looks at last-load, until it is known how it ended or that this cannot be
/// known (queue.md Q22). A failed look is never a failed attempt.
package struct LoadWatch: Sendable {
    /// How the POST ended.
    package enum Trigger: Hashable, Sendable {
        case answered
        /// The load may or may not have started (queue.md Q28). Since last-load may still show the load before for a
        /// while, "none runs" is believed only after `poll.start_within`; then the load may be sent again.
        case unanswered(String)
    }

    /// What last-load showed before the POST.
    package enum Before: Hashable, Sendable {
        case never
        case load(LoadIdentity)
        /// It was not understood; what first shows as ended counts as the load before.
        case unknown
    }

    /// What to do next.
    package enum Step: Hashable, Sendable {
        case look(at: MonotonicTime)
        case ended(LoadEnd)
    }

    /// So many answers in a row that are not understood end the watch.
    static let notUnderstoodLimit = 5

    private let trigger: Trigger
    private let since: MonotonicTime
    private let timeout: Duration
    private let startWithin: Duration
    private let schedule: PollSchedule
    private var before: Before
    private var begun = false
    private var notUnderstood = 0

    package init(
        _ trigger: Trigger,
        before: Before,
        since: MonotonicTime,
        timeout: Duration,
        startWithin: Duration,
        schedule: PollSchedule
    ) {
        self.trigger = trigger
        self.before = before
        self.since = since
        self.timeout = timeout
        self.startWithin = startWithin
        self.schedule = schedule
    }

    package var firstLook: MonotonicTime { nextLook(after: since) }

    /// Takes in one look.
    package mutating func looked(_ answer: LastLoadAnswer, at now: MonotonicTime) -> Step {
        switch answer {
        case .failed(let failure):
            return waitOn(now, notBefore: failure.retryAfter.map { now + $0 })
        case .notUnderstood(let text, _):
            notUnderstood += 1
            guard notUnderstood < Self.notUnderstoodLimit else { return unconfirmed(text) }
            return waitOn(now)
        case .neverLoaded:
            notUnderstood = 0
            if before == .unknown { before = .never }
            return notSeen(now)
        case .inProgress:
            notUnderstood = 0
            begun = true
            if case .unanswered(let text) = trigger { return .ended(.failed(.unanswered(text))) }
            return waitOn(now)
        case .ended(let identity, let end):
            notUnderstood = 0
            guard isNew(identity) else { return notSeen(now) }
            return .ended(outcome(of: end))
        }
    }

    /// Whether an ended load began after the POST. The load before may show again even after the new one was seen.
    private mutating func isNew(_ identity: LoadIdentity) -> Bool {
        switch before {
        case .never:
            return true
        case .load(let old):
            return old.isSame(as: identity).map { !$0 } ?? begun
        case .unknown:
            if !begun { before = .load(identity) }
            return begun
        }
    }

    /// The new load does not show, or not any more.
    private func notSeen(_ now: MonotonicTime) -> Step {
        guard !begun, now >= since + startWithin else { return waitOn(now) }
        return unconfirmed("no new load showed within \(startWithin.text) of the request")
    }

    private func waitOn(_ now: MonotonicTime, notBefore: MonotonicTime? = nil) -> Step {
        guard now < since + timeout else { return unconfirmed("the load was not seen to end within \(timeout.text)") }
        return .look(at: max(nextLook(after: now), notBefore ?? now))
    }

    /// A look falls on each deadline, so that none is noticed late.
    private func nextLook(after now: MonotonicTime) -> MonotonicTime {
        let regular = now + schedule.delay(after: now - since)
        let deadlines = [since + timeout] + (begun ? [] : [since + startWithin])
        return deadlines.filter { $0 > now }.reduce(regular, min)
    }

    private func unconfirmed(_ text: String) -> Step {
        switch trigger {
        case .answered: .ended(.unconfirmed(text))
        case .unanswered(let reason): .ended(.failed(.unanswered(reason)))
        }
    }

    private func outcome(of end: EndedLoad) -> LoadEnd {
        switch (trigger, end) {
        case (.unanswered(let reason), _): .failed(.unanswered(reason))
        case (.answered, .succeeded): .succeeded
        case (.answered, .warning(let text)): .succeededWithWarnings(text ?? "Celonis gave no reason")
        case (.answered, .failed(let text)):
            .failed(.transient("the load ended with ERROR: " + (text ?? "Celonis gave no reason"), retryAfter: nil))
        case (.answered, .canceled(let text)):
            .failed(.canceled("the load was canceled in Celonis" + (text.map { ": " + $0 } ?? "")))
        }
    }
}

extension LoadFailure {
    var retryAfter: Duration? {
        switch self {
        case .transient(_, let retryAfter): retryAfter
        case .permanent, .canceled, .credentialsRefused, .poolForbidden, .busy, .unanswered: nil
        }
    }
}

extension Duration {
    /// For sentences: `90 s`, `15 min`, `2 h`.
    var text: String {
        let seconds = nanoseconds / 1_000_000_000
        if seconds >= 3600, seconds.isMultiple(of: 3600) { return "\(seconds / 3600) h" }
        if seconds >= 600, seconds.isMultiple(of: 60) { return "\(seconds / 60) min" }
        return seconds > 0 ? "\(seconds) s" : "\(nanoseconds / 1_000_000) ms"
    }
}
