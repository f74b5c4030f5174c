import Admin
import Vocabulary

/// What `why` and the verbs print: trails as indented lines, each with its time first.
package enum TrailText {
    /// Rules of one event that are shown; the matching ones come first.
    private static let shownRules = 12

    package static func event(_ event: EventDocument) -> String {
        var lines = ["event \(event.id)  \(event.status)  (source \(event.source))"]
        // Counted as people count, and as `diagnose` does.
        let proof = event.secretPosition.map { "verified with secret \($0 + 1)" } ?? "accepted without a secret"
        lines.append("  \(event.receivedAt)  received, \(proof)")
        let rules = event.rules.filter(\.matched) + event.rules.filter { !$0.matched }
        for rule in rules.prefix(shownRules) {
            lines.append("    rule \(rule.rule): \(rule.matched ? "matched, \(rule.reason)" : "no, \(rule.reason)")")
        }
        if rules.count > shownRules { lines.append("    and \(rules.count - shownRules) more rules") }
        if !event.rulesComplete {
            lines.append("    why other rules did not match has left the history")
        }
        if event.duplicates > 0 {
            lines.append(
                "  \(event.lastDuplicateAt ?? "")  delivered again \(counted(event.duplicates, "time")), ignored"
            )
        }
        if event.jobs.isEmpty { lines.append("  no rule matched, so nothing was reloaded") }
        for job in event.jobs { lines.append("    → \(job)") }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    package static func job(_ job: JobDocument) -> String {
        var lines = [
            "job \(job.id)  \(job.outcome ?? job.state)  (model \(job.model), \(counted(job.eventCount, "event")))"
        ]
        lines.append("  tables \(short(job.tables, omitted: job.tablesOmitted ?? 0))")
        if !job.unknownTables.isEmpty { lines.append("  not in the model: \(short(job.unknownTables))") }
        lines.append("  \(job.createdAt)  created by its first change")
        for step in job.trail ?? [] { lines.append("  \(step.at)  \(step.step): \(step.reason)") }
        if job.trail?.isEmpty == true { lines.append("  its steps have left the history") }
        for attempt in job.attempts {
            let end = attempt.endedAt.map { " to \($0)" } ?? ""
            lines.append(
                "    attempt \(attempt.startedAt)\(end): \(attempt.result)" + (attempt.error.map { ", \($0)" } ?? "")
            )
        }
        if let waiting = job.waitingFor {
            lines.append("  waits for \(waiting)" + (job.loadAt.map { ", until \($0) if nothing else arrives" } ?? ""))
        }
        if let other = job.mergedInto { lines.append("  went on as \(other)") }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }

    /// One line that says how a job stands.
    package static func line(_ job: JobDocument) -> String {
        var line = "\(job.id)  \(job.outcome ?? job.state)  \(job.model)  \(short(job.tables))"
        if let merged = job.mergedInto { line += "  went on as \(merged)" }
        if let loadAt = job.loadAt { line += "  load at \(loadAt)" }
        return line.printable + "\n"
    }

    /// One line that says how a model stands.
    package static func line(_ model: ModelDocument) -> String {
        var line = "\(model.name)  \(model.state)  pending \(short(model.pendingTables))"
        if let loadAt = model.loadAt { line += "  load at \(loadAt)" }
        return line.printable + "\n"
    }

    private static func short(_ tables: [String], omitted: Int = 0) -> String {
        if tables.isEmpty { return "nothing" }
        let shown = tables.prefix(12).map(\.shown).joined(separator: ", ")
        return tables.count > 12 ? "\(shown) and \(tables.count - 12 + omitted) more" : shown
    }
}
