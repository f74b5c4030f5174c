import Admin
import Logging
import ReloadQueue
import Vocabulary

/// Looks at the service once a second for what time alone brings about: a source that fell silent, a status that is
/// another. Health is worked out when somebody asks for it, so here somebody asks.
struct ServiceWatch: Sendable {
    private static let interval = Duration.seconds(1)

    let parts: RunningService.Parts

    /// Looks until it is cancelled.
    func run() async {
        var silences = SilenceWatch()
        var status = StatusWatch()
        while !Task.isCancelled {
            let sources = parts.intake.sources(at: parts.clock.now().monotonic)
            for change in silences.looked(at: sources) { note(change) }
            if parts.notifier.tellsStatus { look(&status) }
            parts.stream.wakeIfFollowed()
            parts.intake.applyJobChanges()
            // Cancelled: the next turn ends the loop.
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func look(_ status: inout StatusWatch) {
        let snapshot = parts.snapshot(naming: false)
        let report = HealthReport(snapshot)
        switch status.looked(at: report.status) {
        case .degraded:
            parts.notifier.tell(.degraded(report.status, reasons: report.reasons), at: snapshot.queue.at)
        case .recovered: parts.notifier.tell(.recovered, at: snapshot.queue.at)
        case nil: break
        }
    }

    private func note(_ change: SilenceWatch.Change) {
        switch change {
        case .fellSilent(let name):
            parts.logger.warning("source is silent", metadata: ["source": "\(name)"])
            let plan = parts.intake.plan
            if let changes = plan.sources[name]?.onSilence, !changes.isEmpty { load(changes, for: name, plan) }
        case .heardAgain(let name):
            parts.logger.notice("source is heard again", metadata: ["source": "\(name)"])
        }
    }

    private func load(_ changes: [ModelChanges], for source: String, _ plan: IntakePlan) {
        switch parts.queue.submit(event: nil, changes: changes, version: plan.policies) {
        case .admitted(let admitted):
            for change in admitted {
                parts.logger.notice(
                    "safety load",
                    metadata: ["source": "\(source)", "model": "\(change.model.name)", "job": "\(change.job)"]
                )
            }
        case .refused(let refusal):
            parts.logger.error("safety load refused", metadata: ["source": "\(source)", "reason": "\(refusal)"])
        }
    }
}
