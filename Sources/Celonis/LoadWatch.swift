import Vocabulary

/// Watches one triggered load through its looks at last-load, until it is known how it ended or that this cannot be
/// known (queue.md Q22). A failed look is never a failed attempt.
///
/// A load that somebody else started between our last look and our POST must not be taken for ours: Celonis may have
/// ignored the POST. Its start on the server's own clock gives it away. What cannot be told: a load that shows neither
/// a start nor an id, and one that began in the moment while our POST was on its way.
package struct LoadWatch: Sendable {
    /// How the POST ended.
    package enum Trigger: Hashable, Sendable {
        /// With the earliest that the server's clock can have shown when we sent it; nil where that is not known.
        case answered(sentAt: WallTime?)
        /// The load may or may not have started (queue.md Q28), and one that shows may be somebody else's, with ours
        /// behind it. Since last-load may still show the load before for a while, "none runs" is believed only
        /// `poll.start_within` after the POST and after every load that showed; then the load may be sent again.
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

    /// Whose load an answer shows.
    private enum Owner {
        case ours
        case others
        /// The answers have nothing in common by which to tell.
        case unclear
    }

    /// So many answers in a row that are not understood end the watch.
    static let notUnderstoodLimit = 5

    private let trigger: Trigger
    private let since: MonotonicTime
    private let timeout: Duration
    private let startWithin: Duration
    private let schedule: PollSchedule
    /// Loads that are not ours: the one that showed before the POST, and those that began before it all the same.
    private var others: [LoadIdentity] = []
    private var isBeforeUnknown = false
    private var begun = false
    /// Our load, as it was seen in progress.
    private var ours: LoadIdentity?
    private var notUnderstood = 0
    /// Why the last look failed; nil if it did not.
    private var failure: LoadFailure?
    /// When a load that may have begun before ours was last seen in progress, or first seen as ended: if Celonis put our
    /// load behind it, ours begins within `poll.start_within` from here.
    private var overtakenAt: MonotonicTime?

    package init(
        _ trigger: Trigger,
        before: Before,
        since: MonotonicTime,
        timeout: Duration,
        startWithin: Duration,
        schedule: PollSchedule
    ) {
        self.trigger = trigger
        self.since = since
        // Who was not answered looks for a load that may still begin (queue.md Q28), whatever a load may take.
        self.timeout = if case .unanswered = trigger { max(timeout, startWithin) } else { timeout }
        self.startWithin = startWithin
        self.schedule = schedule
        switch before {
        case .never: break
        case .load(let identity): others = [identity]
        case .unknown: isBeforeUnknown = true
        }
    }

    /// Whether Celonis seems to have ignored the POST since a load that began before it was running.
    package var isOvertaken: Bool { isAnswered && overtakenAt != nil && !begun }

    private var isAnswered: Bool { if case .answered = trigger { true } else { false } }

    package var firstLook: MonotonicTime { nextLook(after: since) }

    /// Takes in one look.
    package mutating func looked(_ answer: LastLoadAnswer, at now: MonotonicTime) -> Step {
        failure = answer.failure
        switch answer {
        case .failed(.credentialsRefused), .failed(.poolForbidden):
            // Asked slowly: nothing but a person ends it.
            return waitOn(now, notBefore: now + schedule.slowest)
        case .failed(let failure):
            return waitOn(now, notBefore: failure.retryAfter.map { now + $0 })
        case .notUnderstood(let text, _):
            notUnderstood += 1
            guard notUnderstood < Self.notUnderstoodLimit else { return unconfirmed(text) }
            return waitOn(now)
        case .neverLoaded:
            notUnderstood = 0
            isBeforeUnknown = false
            return notSeen(now)
        case .inProgress(let identity):
            notUnderstood = 0
            guard isAnswered else {
                overtakenAt = now
                return waitOn(now)
            }
            switch owner(of: identity) {
            case .ours:
                if follows(identity) { return endedUnseen }
                ours = ours ?? identity
                begun = true
            case .unclear: begun = true
            case .others: overtakenAt = now
            }
            return waitOn(now)
        case .ended(let identity, let end):
            notUnderstood = 0
            guard isAnswered else { return endedUnanswered(identity, now) }
            // An old load that shows again has not stood between ours and its start.
            if beganBeforeOthers(identity) { return notSeen(now) }
            let isKnown = others.contains { $0.isSame(as: identity) == true }
            switch owner(of: identity) {
            case .ours:
                return follows(identity) ? endedUnseen : .ended(outcome(of: end))
            case .unclear where begun:
                return .ended(outcome(of: end))
            case .unclear:
                if isBeforeUnknown { others.append(identity) }
                isBeforeUnknown = false
            case .others:
                if !isKnown { overtakenAt = now }
            }
            return notSeen(now)
        }
    }

    /// A load that was not seen before may have stood between ours and its start.
    private mutating func endedUnanswered(_ identity: LoadIdentity, _ now: MonotonicTime) -> Step {
        let isNew = !isBeforeUnknown && others.allSatisfy { $0.isSame(as: identity) == false }
        if isNew { overtakenAt = now }
        if isNew || isBeforeUnknown { others.append(identity) }
        isBeforeUnknown = false
        return notSeen(now)
    }

    /// Whether a load is the one that we asked for. The load before may show again even after the new one was seen.
    private mutating func owner(of identity: LoadIdentity) -> Owner {
        let comparisons = others.map { $0.isSame(as: identity) }
        if comparisons.contains(true) { return .others }
        if beganBeforePost(identity) {
            others.append(identity)
            return .others
        }
        if isBeforeUnknown || comparisons.contains(nil) { return .unclear }
        return .ours
    }

    /// Whether somebody else's load shows where ours was in progress before. Only an id is believed here: nobody says that
    /// a load's start stays what it was.
    private func follows(_ identity: LoadIdentity) -> Bool {
        guard let seen = ours?.id, let id = identity.id else { return false }
        return seen != id
    }

    /// last-load shows the latest load only, so that the end of ours will not show any more: it may have been an error.
    private var endedUnseen: Step {
        .ended(
            .failed(
                .unanswered("another load of the model began before the end of this one was seen; it is sent again")
            )
        )
    }

    /// A start longer ago than `poll.start_within` is not believed: last-load would have shown that load to our look, so
    /// the date is written by another clock or in another time zone than the answers' `Date`.
    private func beganBeforePost(_ identity: LoadIdentity) -> Bool {
        guard case .answered(let sentAt?) = trigger, let start = identity.startTime else { return false }
        let unit: Int64 = start.milliseconds.isMultiple(of: 1000) ? 1000 : 1
        let (earlier, isFar) = (sentAt.milliseconds / unit).subtractingReportingOverflow(start.milliseconds / unit)
        return !isFar && earlier > 0 && earlier <= startWithin.nanoseconds / 1_000_000 / unit
    }

    /// Whether an ended load began before one that showed before the POST, and before the POST: it is an old one, as a replica
    /// that lags behind may show it. Both are asked, since Celonis's clock may have been set back between two loads; and a
    /// mark is no start, though an id may look like one.
    private func beganBeforeOthers(_ identity: LoadIdentity) -> Bool {
        guard case .answered(let sentAt?) = trigger, let start = identity.startTime, start < sentAt else {
            return false
        }
        return others.contains { other in
            guard other.id != other.start, let earlier = other.startTime else { return false }
            return start < earlier
        }
    }

    /// The new load does not show, or not any more.
    private func notSeen(_ now: MonotonicTime) -> Step {
        guard !begun, now >= startDeadline else { return waitOn(now) }
        return unconfirmed("no new load showed within \(startWithin.text) of the request")
    }

    private var startDeadline: MonotonicTime { (overtakenAt ?? since) + startWithin }

    private func waitOn(_ now: MonotonicTime, notBefore: MonotonicTime? = nil) -> Step {
        guard now < since + timeout else {
            let reason = failure.map { "; at last it could not be looked at: \($0.message)" } ?? ""
            return unconfirmed("the load was not seen to end within \(timeout.text)" + reason)
        }
        return .look(at: max(nextLook(after: now), notBefore ?? now))
    }

    /// A look falls on each deadline, so that none is noticed late.
    private func nextLook(after now: MonotonicTime) -> MonotonicTime {
        let regular = now + schedule.delay(after: now - since)
        let deadlines = [since + timeout] + (begun ? [] : [startDeadline])
        return deadlines.filter { $0 > now }.reduce(regular, min)
    }

    private func unconfirmed(_ text: String) -> Step {
        switch trigger {
        case .answered where isOvertaken:
            .ended(
                .failed(
                    .unanswered(
                        "Celonis accepted the request while a load that somebody else had started was running, "
                            + "and then made none of its own (\(text)); it is sent again"
                    )
                )
            )
        case .answered: .ended(.unconfirmed(text))
        case .unanswered(let reason): .ended(.failed(.unanswered(reason)))
        }
    }

    private func outcome(of end: EndedLoad) -> LoadEnd {
        switch end {
        case .succeeded: .succeeded
        case .warning(let text): .succeededWithWarnings(text ?? "Celonis gave no reason")
        case .failed(let text):
            .failed(.transient("the load ended with ERROR: " + (text ?? "Celonis gave no reason"), retryAfter: nil))
        case .canceled(let text):
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
