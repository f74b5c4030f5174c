import Logging
import ReloadQueue
import Vocabulary

extension Logger {
    /// One line for each change of state of a job or model (issue "see it": none per delivery at `info`). Messages are
    /// constant; what varies stands in the metadata.
    func log(_ transition: Transition) {
        switch transition {
        case .job(let job, let reason): log(job, reason)
        case .split(let from, let into, _):
            info("job split", metadata: ["job": "\(from)", "job.into": "\(into)"])
        case .held(let model): info("model held", metadata: ["model": "\(model.name)"])
        case .released(let model): info("model released", metadata: ["model": "\(model.name)"])
        case .flushed(let model): info("model flushed", metadata: ["model": "\(model.name)"])
        case .lookFailed(let model, let why):
            notice("look at last-load failed", metadata: ["model": "\(model.name)", "error": "\(why)"])
        case .breakerOpened(let breaker):
            error("Celonis refuses; loads wait", metadata: breaker.metadata)
        case .breakerClosed(let breaker):
            notice("Celonis accepts again; loads resume", metadata: breaker.metadata)
        case .modelAdded(let model): info("model added", metadata: ["model": "\(model.name)"])
        case .modelRemoved(let model): info("model removed", metadata: ["model": "\(model.name)"])
        }
    }

    private func log(_ job: JobSnapshot, _ reason: String) {
        var metadata: Logger.Metadata = [
            "job": "\(job.id)", "model": "\(job.model.name)", "state": "\(job.state.rawValue)", "reason": "\(reason)",
            "tables": "\(Self.some(job.tableNames))", "events": "\(job.eventCount)",
        ]
        if let outcome = job.outcome { metadata["outcome"] = "\(outcome.rawValue)" }
        if let error = job.error { metadata["error"] = "\(error)" }
        // At `debug` a delivery can be followed by its event id to the end of its load.
        if logLevel <= .debug { metadata["event.ids"] = "\(job.events.map(\.description).joined(separator: ","))" }
        log(level: job.logLevel, "job changed", metadata: metadata)
    }

    /// A job may have thousands of tables: the line names the first hundred.
    private static func some(_ tables: TableNames) -> String {
        let names = tables.first(100).map(\.shown).joined(separator: ",")
        return tables.count > 100 ? "\(names) and \(tables.count - 100) more" : names
    }
}

extension BreakerSnapshot {
    fileprivate var metadata: Logger.Metadata {
        ["scope": "\(poolID.map { "pool \($0)" } ?? "credentials")", "error": "\(message)"]
    }
}

extension JobSnapshot {
    /// One line for each change of state at `info` or above: that names became tables, while a job loads, is none.
    fileprivate var logLevel: Logger.Level {
        switch state {
        case .failed: .error
        case .retrying: .warning
        case .loading: kind == nil ? .info : .debug
        // Nobody saw its end: a person should look whether the tables are fresh (queue.md Q22).
        case .ended: outcome == .unconfirmed ? .warning : .info
        case .waiting, .ready, .held: .info
        }
    }
}
