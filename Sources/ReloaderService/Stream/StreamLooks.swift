import Admin
import Vocabulary

/// What has changed from one look at the service to the next: events that join a waiting job change what waits, and the
/// counters of sources, and make no transition.
///
/// One look tells of a bounded number of models. The others are still other than they were told of, and so come with the
/// next looks, in turn.
struct StreamLooks {
    /// Looks are at least so far apart.
    static let interval = Duration.milliseconds(250)
    /// A look is taken so often where nothing is known to have happened.
    static let idleInterval = Duration.seconds(1)
    /// Statuses are told at least so far apart.
    static let statusInterval = Duration.seconds(1)
    static let mostModels = 200

    private var told: [ModelReference: ModelSnapshot] = [:]
    private var next = 0
    /// Something happened to a model since the last look.
    private(set) var isAwaited = false
    private var lookedAt: MonotonicTime?
    private var status: (bytes: [UInt8], at: MonotonicTime)?

    /// Begins with what somebody who reads everything now will read.
    mutating func begin(with snapshot: ServiceSnapshot) {
        told = Dictionary(snapshot.queue.models.map { ($0.model, $0.comparable) }) { first, _ in first }
        status = nil
        lookedAt = snapshot.queue.at.monotonic
        _ = changedStatus(snapshot, snapshot.queue.at.monotonic)
    }

    /// Something happened to a model: the next look tells of it, also where it is again as it was told of last. Who asked
    /// for the change may have been shown what was in between.
    mutating func touched(_ model: ModelReference) {
        told[model] = nil
        isAwaited = true
    }

    /// `happened`: something is known to have changed.
    func isDue(at now: MonotonicTime, happened: Bool) -> Bool {
        guard let lookedAt else { return true }
        return now - lookedAt >= (happened || isAwaited ? Self.interval : Self.idleInterval)
    }

    mutating func looked(at snapshot: ServiceSnapshot) -> (models: [ModelSnapshot], status: HealthReport?) {
        let now = snapshot.queue.at.monotonic
        lookedAt = now
        isAwaited = false
        return (changedModels(snapshot.queue.models), changedStatus(snapshot, now))
    }

    private mutating func changedModels(_ models: [ModelSnapshot]) -> [ModelSnapshot] {
        if told.count > models.count {
            let known = Set(models.map(\.model))
            told = told.filter { known.contains($0.key) }
        }
        let start = next < models.count ? next : 0
        var changed: [ModelSnapshot] = []
        for offset in models.indices {
            let index = (start + offset) % models.count
            let model = models[index].comparable
            guard told[model.model] != model else { continue }
            if changed.count == Self.mostModels {
                next = index
                break
            }
            told[model.model] = model
            changed.append(models[index])
        }
        return changed
    }

    private mutating func changedStatus(_ snapshot: ServiceSnapshot, _ now: MonotonicTime) -> HealthReport? {
        if let status, now - status.at < Self.statusInterval { return nil }
        let report = HealthReport(withoutModels: snapshot)
        var comparable = report
        comparable.queue.oldestChangeSeconds = nil
        // A report that cannot be written is told of as one that has not changed.
        guard let bytes = try? AdminJSON.encode(comparable), bytes != status?.bytes else { return nil }
        status = (bytes, now)
        return report
    }
}

extension HealthReport {
    /// As health shows it, but for what is told of each model by itself.
    init(withoutModels snapshot: ServiceSnapshot) {
        self.init(snapshot)
        models = [:]
    }
}

extension ModelSnapshot {
    /// Without what time alone changes.
    fileprivate var comparable: ModelSnapshot {
        var model = self
        model.oldestChangeAge = nil
        return model
    }
}
