import Vocabulary

/// Whom a refusal by Celonis concerns.
enum BreakerScope: Hashable {
    /// The credentials: every model.
    case credentials
    /// One pool's models.
    case pool(String)
}

/// While it is open its models wait: nothing is dropped, no attempt is lost, and one slow probe at a time finds out
/// whether it is over (celonis-api.md, errors).
struct Breaker {
    let since: WallTime
    var message: String
    /// Whether loads were refused while looks may well be answered: then only a load that is accepted closes it.
    var byLoad: Bool
    /// nil while a probe is in flight.
    var nextProbe: MonotonicTime?
}

extension QueueMachine {
    func isBlocked(_ place: Int, except trial: BreakerScope? = nil) -> Bool {
        if breakers.isEmpty { return false }
        let pool = BreakerScope.pool(models[place].reference.poolID)
        return (breakers[.credentials] != nil && trial != .credentials) || (breakers[pool] != nil && trial != pool)
    }

    /// Opens a breaker, or keeps it open with the newer message.
    mutating func openBreaker(
        _ scope: BreakerScope,
        _ message: String,
        byLoad: Bool,
        endsProbe: Bool,
        at now: Now
    ) {
        if breakers[scope] != nil {
            breakers[scope]?.message = message
            if byLoad { breakers[scope]?.byLoad = true }
            if endsProbe { probeLater(scope, at: now) }
            return
        }
        let breaker = Breaker(since: now.wall, message: message, byLoad: byLoad, nextProbe: nil)
        breakers[scope] = breaker
        probeLater(scope, at: now)
        record(.breakerOpened(snapshot(scope, breaker)))
        for place in places(under: scope) { settle(place, at: now) }
    }

    /// Everything that waited resumes by itself.
    mutating func closeBreaker(_ scope: BreakerScope, at now: Now) {
        guard let breaker = breakers.removeValue(forKey: scope) else { return }
        record(.breakerClosed(snapshot(scope, breaker)))
        for place in places(under: scope) {
            models[place].unreadyAt = now.monotonic
            settle(place, at: now)
        }
    }

    mutating func probeLater(_ scope: BreakerScope, notBefore: Duration? = nil, at now: Now) {
        let delay = max(settings.breakerProbeInterval, notBefore ?? .zero)
        breakers[scope]?.nextProbe = now.monotonic.after(delay)
    }

    /// Starts the probes that are due, one for each breaker.
    mutating func probeBreakers(at now: Now) {
        if breakers.isEmpty { return }
        let due = breakers.filter { $0.value.nextProbe.map { $0 <= now.monotonic } ?? false }
        for scope in due.keys.sorted(by: { name($0) ?? "" < name($1) ?? "" }) {
            guard let place = probeCandidate(scope, at: now) else {
                probeLater(scope, at: now)
                continue
            }
            breakers[scope]?.nextProbe = nil
            look(place, slot: false, probe: scope, at: now)
        }
    }

    /// The model to be looked at: one that could start if the refusal is over, else any that is not in flight. A pool is
    /// not asked while the credentials themselves are refused.
    private func probeCandidate(_ scope: BreakerScope, at now: Now) -> Int? {
        if scope != .credentials, breakers[.credentials] != nil { return nil }
        return places(under: scope).filter { place in
            switch models[place].phase {
            case .idle: true
            case .polling(let polling): polling.until <= now.monotonic
            case .looking, .loading: false
            }
        }.min { (probeOrder($0, scope, at: now), $0) < (probeOrder($1, scope, at: now), $1) }
    }

    private func probeOrder(_ place: Int, _ scope: BreakerScope, at now: Now) -> MonotonicTime {
        guard let due = due(place, at: now), !models[place].held, !isBlocked(place, except: scope)
        else {
            return .distantFuture
        }
        return due.time
    }

    func places(under scope: BreakerScope) -> [Int] {
        models.indices.filter { place in
            guard !models[place].vacant else { return false }
            switch scope {
            case .credentials: return true
            case .pool(let id): return models[place].reference.poolID == id
            }
        }
    }

    /// The pool's id; nil for the credentials.
    private func name(_ scope: BreakerScope) -> String? {
        switch scope {
        case .credentials: nil
        case .pool(let id): id
        }
    }

    private func snapshot(_ scope: BreakerScope, _ breaker: Breaker) -> BreakerSnapshot {
        BreakerSnapshot(poolID: name(scope), since: breaker.since, message: breaker.message)
    }

    /// Credentials first, then pools by id.
    var breakerSnapshots: [BreakerSnapshot] {
        breakers.map { snapshot($0.key, $0.value) }.sorted { $0.poolID ?? "" < $1.poolID ?? "" }
    }

    /// Where the last model has gone nobody is left to find out whether the refusal is over, or to wait for that.
    mutating func closeBreakersWithoutModels(at now: Now) {
        for scope in Array(breakers.keys) where places(under: scope).isEmpty { closeBreaker(scope, at: now) }
    }

    /// A new configuration may have mended what was refused: probe at once.
    mutating func reconsiderBreakers(at now: Now) {
        for scope in Array(breakers.keys) where breakers[scope]?.nextProbe != nil {
            breakers[scope]?.nextProbe = now.monotonic
        }
        probeBreakers(at: now)
    }
}
