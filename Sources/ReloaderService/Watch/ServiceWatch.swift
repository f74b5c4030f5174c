import Admin
import Logging
import ReloadQueue
import Vocabulary

import enum ReloadQueue.Refusal

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
            for change in silences.looked(at: sources) { note(change, &silences) }
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

    private func note(_ change: SilenceWatch.Change, _ silences: inout SilenceWatch) {
        switch change {
        case .fellSilent(let name):
            parts.logger.warning("source is silent", metadata: ["source": "\(name)"])
            if let refusal = safetyLoad(for: name) {
                parts.logger.error("safety load refused", metadata: ["source": "\(name)", "reason": "\(refusal)"])
                silences.loadRefused(for: name)
            }
        case .loadDue(let name):
            if safetyLoad(for: name) != nil { silences.loadRefused(for: name) }
        case .heardAgain(let name):
            parts.logger.notice("source is heard again", metadata: ["source": "\(name)"])
        }
    }

    /// - Returns: why it was not taken in.
    private func safetyLoad(for source: String) -> Refusal? {
        let plan = parts.intake.plan
        guard let changes = plan.sources[source]?.onSilence, !changes.isEmpty else { return nil }
        switch parts.queue.submit(event: nil, changes: changes, version: plan.policies) {
        case .admitted(let admitted):
            for change in admitted {
                parts.logger.notice(
                    "safety load",
                    metadata: ["source": "\(source)", "model": "\(change.model.name)", "job": "\(change.job)"]
                )
            }
            return nil
        case .refused(let refusal):
            return refusal
        }
    }
}
