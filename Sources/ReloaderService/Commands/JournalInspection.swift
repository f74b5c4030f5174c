import Admin
import Journal
import Vocabulary

/// What `reloader journal check` and `export` print of a journal.
package struct JournalInspection: Sendable {
    private let path: String
    private let contents: JournalContents
    private let now: WallTime

    /// - Throws: a `JournalError` where the file cannot be read as a journal.
    package init(path: String, now: WallTime) throws(JournalError) {
        self.path = path
        self.now = now
        contents = try JournalContents(of: path)
    }

    /// It is a journal, and everything in it could be read.
    package var isWhole: Bool { contents.damage.isEmpty && !contents.isEmpty }

    private var image: JournalImage { contents.image }

    /// One line, and one for each damage.
    package var summary: String {
        let changes = image.jobs.reduce(0) { $0 + $1.changes.count }
        let counts = [
            counted(image.jobs.count, "job"), counted(changes, "change"),
            "\(counted(image.held.count, "model")) on hold",
            counted(image.remembered.count, "remembered event"),
        ]
        var line =
            "\(path): \(isWhole ? "ok" : "damaged"), schema \(contents.schema), \(counts.joined(separator: ", "))"
        if contents.isEmpty, contents.damage.isEmpty {
            line = "\(path): empty, so no journal yet; it becomes one when a service starts with it"
        }
        return lines([line] + contents.damage.map { "  damage: \($0)" })
    }

    /// Everything that it holds.
    package var text: String {
        summary
            + lines(
                image.jobs.flatMap { job in [""] + describe(job.job) + job.changes.map(describe) }
                    + (image.held.isEmpty ? [] : [""]) + image.held.map { "on hold: \(describe($0))" }
            )
    }

    private func describe(_ job: JournaledJob) -> [String] {
        var facts = ["\(job.id)  \(describe(job.model))  \(job.phase.name)"]
        facts.append("  created \(job.createdAt.rfc3339) (\(age(job.createdAt))), \(counted(job.eventCount, "event"))")
        if let event = job.events.first { facts[1] += ", the first is \(event)" }
        if job.attempts > 0 { facts.append("  \(counted(job.attempts, "attempt")), \(job.failures) of them failed") }
        if let since = job.failingSince { facts.append("  failing since \(since.rfc3339) (\(age(since)))") }
        if let retry = job.retryAt { facts.append("  not again before \(retry.rfc3339)") }
        if let bound = job.notBefore { facts.append("  Celonis asked to wait until \(bound.rfc3339)") }
        if let end = job.endedAt { facts.append("  failed \(end.rfc3339) (\(age(end)))") }
        if let error = job.error { facts.append("  error: \(error)") }
        if case .failed(let culprits) = job.phase, !culprits.isEmpty {
            facts.append("  could not be loaded: \(culprits.map(\.description).joined(separator: ", "))")
        }
        return facts
    }

    private func describe(_ change: JournaledChange) -> String {
        "  \(change.selector)  changed \(change.since.rfc3339) (\(age(change.since)))"
            + (change.unknown == .ignore ? ", ignored if the model lacks it" : "")
    }

    private func describe(_ model: ModelReference) -> String {
        "\(model.name) (pool \(model.poolID), data model \(model.dataModelID))"
    }

    /// How long ago, in the two largest units; clocks may have been set back.
    private func age(_ time: WallTime) -> String {
        let (difference, overflow) = now.milliseconds.subtractingReportingOverflow(time.milliseconds)
        let seconds = overflow ? 0 : max(0, difference / 1000)
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.isEmpty ? "now" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ") + " ago"
    }

    private func lines(_ lines: [String]) -> String { lines.map { $0.printable + "\n" }.joined() }
}

extension JournalInspection {
    /// `{"valid","schema","damage","jobs","changes","held","remembered"}`, counts only.
    package func summaryJSON() throws -> String {
        try line(
            Summary(
                valid: isWhole,
                schema: contents.schema,
                damage: contents.damage,
                jobs: image.jobs.count,
                changes: image.jobs.reduce(0) { $0 + $1.changes.count },
                held: image.held.count,
                remembered: image.remembered.count
            )
        )
    }

    /// `{"valid","schema","damage","jobs":[…],"held":[…],"remembered"}`: everything but the keys of remembered events.
    package func json() throws -> String {
        try line(
            Export(
                valid: isWhole,
                schema: contents.schema,
                damage: contents.damage,
                jobs: image.jobs.map(Export.Job.init),
                held: image.held.map(Export.Model.init),
                remembered: image.remembered.count
            )
        )
    }

    private func line(_ document: some Encodable) throws -> String {
        String(decoding: try AdminJSON.encode(document), as: UTF8.self).printable + "\n"
    }
}

private struct Summary: Encodable {
    var valid: Bool
    var schema: Int
    var damage: [String]
    var jobs: Int
    var changes: Int
    var held: Int
    var remembered: Int
}

private struct Export: Encodable {
    var valid: Bool
    var schema: Int
    var damage: [String]
    var jobs: [Job]
    var held: [Model]
    var remembered: Int

    struct Model: Encodable {
        var model: String
        var poolId: String
        var dataModelId: String

        init(_ reference: ModelReference) {
            model = reference.name
            poolId = reference.poolID
            dataModelId = reference.dataModelID
        }
    }

    struct Change: Encodable {
        var table: String
        var unknown: String
        var since: String
    }

    struct Job: Encodable {
        var id: String
        var model: Model
        var phase: String
        var baseline: String?
        var culprits: [String]?
        var tables: [Change]
        var createdAt: String
        var events: [String]
        var eventCount: Int
        var attempts: Int
        var failures: Int
        var failingSince: String?
        var retryAt: String?
        var notBefore: String?
        var endedAt: String?
        var error: String?

        init(_ recovered: RecoveredJob) {
            let job = recovered.job
            id = job.id.description
            model = Model(job.model)
            phase = job.phase.name
            switch job.phase {
            case .pending: break
            case .loading(let known), .sending(let known), .answered(let known): baseline = known.mark
            case .failed(let selectors): culprits = selectors.map(\.description)
            }
            tables = recovered.changes.map {
                Change(table: $0.selector.description, unknown: $0.unknown.rawValue, since: $0.since.rfc3339)
            }
            createdAt = job.createdAt.rfc3339
            events = job.events.map(\.description)
            eventCount = job.eventCount
            attempts = job.attempts
            failures = job.failures
            failingSince = job.failingSince?.rfc3339
            retryAt = job.retryAt?.rfc3339
            notBefore = job.notBefore?.rfc3339
            endedAt = job.endedAt?.rfc3339
            error = job.error
        }
    }
}
