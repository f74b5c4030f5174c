import Vocabulary

/// What a look means for what comes next.
private enum Finding {
    case free(LoadBaseline)
    case busy
    /// No usable answer: waited out, never a failed attempt (queue.md Q18).
    case unusable(String, retryAfter: Duration?)
    case refused(BreakerScope, String)
}

extension QueueMachine {
    /// The look that was asked for is answered. If it found the model free, what is due by now is frozen and started in
    /// this very step (queue.md Q2): every arrival up to here is in the set, none after it.
    package mutating func lookAnswered(
        _ model: ModelReference,
        _ look: Look,
        at now: Now,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard !isOver, let place = places[model], case .looking(let looking) = models[place].phase else { return [] }
        models[place].phase = .idle
        if looking.slot { usedSlots -= 1 }

        var finding = finding(look, place)
        if case .free = finding, isLoadingUnderAnotherName(place) { finding = .busy }
        var trial: BreakerScope?
        if let probe = looking.probe { trial = probeAnswered(probe, finding, place, at: now) }

        switch finding {
        case .free(let baseline):
            // A reserved slot was given back just above; a further look had none, and takes one if there is one.
            if usedSlots < settings.maxConcurrentLoads, mayStart(place, trying: trial, at: now) {
                start(place, baseline, trial: trial, refusals: looking.earlier.refusals, at: now)
            }
        case .busy:
            var polling = looking.earlier
            polling.busyLooks += 1
            polling.failedLooks = 0
            polling.failure = nil
            (polling.refusals, polling.refusal) = (0, nil)
            let poll = models[place].policy.poll
            let delay = Backoff.ceiling(polling.busyLooks, initial: poll.initial, maximum: poll.maximum)
            polling.pause(for: delay, at: now)
            models[place].phase = .polling(polling)
        case .unusable(let message, let retryAfter):
            record(.lookFailed(model, message))
            var polling = looking.earlier
            polling.failedLooks += 1
            polling.failure = message
            let delay = Backoff.delay(polling.failedLooks, models[place].policy.retry, using: &generator)
            polling.pause(for: delay, atLeast: retryAfter, at: now)
            models[place].phase = .polling(polling)
        case .refused(let scope, let message):
            record(.lookFailed(model, message))
            openBreaker(scope, message, byLoad: false, endsProbe: looking.probe == scope, at: now)
        }
        settle(place, at: now)
        return commit(at: now)
    }

    /// queue.md Q29: an answer that is not understood counts as free under `best_effort`, and is waited out under
    /// `required`. So does one that will not get better by asking again.
    private func finding(_ look: Look, _ place: Int) -> Finding {
        switch look {
        case .free(let baseline):
            return .free(baseline)
        case .busy, .failed(.busy):
            return .busy
        case .notUnderstood(let message), .failed(.permanent(let message)), .failed(.canceled(let message)):
            switch models[place].policy.confirm {
            case .bestEffort: return .free(LoadBaseline(mark: nil))
            case .required: return .unusable(message, retryAfter: nil)
            }
        case .failed(.transient(let message, let retryAfter)):
            return .unusable(message, retryAfter: retryAfter)
        case .failed(.unanswered(let message)):
            return .unusable(message, retryAfter: nil)
        case .failed(.credentialsRefused(let message)):
            return .refused(.credentials, message)
        case .failed(.poolForbidden(let message)):
            return .refused(.pool(models[place].reference.poolID), message)
        }
    }

    /// Whether the model loads under a name that it had, or will have: to Celonis they are one model, whose loads must not
    /// overlap (queue.md Q3), and a look may have been answered before the other load showed.
    private func isLoadingUnderAnotherName(_ place: Int) -> Bool {
        let model = models[place].reference
        return models.indices.contains { other in
            guard other != place, !models[other].vacant, case .loading = models[other].phase else { return false }
            let reference = models[other].reference
            return reference.poolID == model.poolID && reference.dataModelID == model.dataModelID
        }
    }

    /// Whether a load may start now that the model was found free. An arrival during the look may have moved the quiet
    /// period (queue.md Q9), a person may have held the model, a breaker may have opened.
    private func mayStart(_ place: Int, trying trial: BreakerScope?, at now: Now) -> Bool {
        guard let due = due(place, at: now), due.time <= now.monotonic else { return false }
        return !models[place].held && !isBlocked(place, except: trial)
    }

    /// Whether a load of the model will try the scope by itself: nothing else is in its way.
    private func waits(_ place: Int, for scope: BreakerScope) -> Bool {
        models[place].pending != nil && !models[place].held && !isBlocked(place, except: scope)
    }

    /// What the answer to a probe means for its breaker; a scope to be tried by a load when only that can tell.
    private mutating func probeAnswered(
        _ scope: BreakerScope,
        _ finding: Finding,
        _ place: Int,
        at now: Now
    ) -> BreakerScope? {
        guard let breaker = breakers[scope] else { return nil }
        switch finding {
        case .refused(let refused, _):
            // The caller opens, or keeps open, what refused; a pool that refuses shows that the credentials are good.
            if refused != scope, scope == .credentials {
                closeBreaker(scope, at: now)
            } else {
                probeLater(scope, at: now)
            }
        case .unusable(_, let retryAfter):
            probeLater(scope, notBefore: retryAfter, at: now)
        case .busy:
            if breaker.byLoad { probeLater(scope, at: now) } else { closeBreaker(scope, at: now) }
        case .free:
            if breaker.byLoad, mayStart(place, trying: scope, at: now) {
                if usedSlots < settings.maxConcurrentLoads { return scope }
                probeLater(scope, at: now)
            } else if breaker.byLoad, places(under: scope).contains(where: { waits($0, for: scope) }) {
                // A load will tell, once it is due.
                probeLater(scope, at: now)
            } else {
                closeBreaker(scope, at: now)
            }
        }
        return nil
    }
}
