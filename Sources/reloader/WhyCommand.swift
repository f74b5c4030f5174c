import Admin
import ArgumentParser
import ReloaderService
import Vocabulary

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "The trail from delivery to load, with times and reasons.",
        discussion: """
            Of an event (evt_…): how it was verified, what each rule said, what became of its jobs. Of a job (job_…): its \
            steps and events. Of a table: the jobs that hold it, newest first. What has left the service's history \
            (limits.history) is said to have left.
            """
    )

    /// Jobs and events of one table or job that are told in full.
    private static let shown = 3

    @OptionGroup var admin: AdminOption
    @Argument(help: ArgumentHelp("An event's id, a job's id, or a table.", valueName: "EVENT-OR-JOB-OR-TABLE"))
    var subject: String

    func run() async throws {
        if EventID(subject) != nil {
            Terminal.write(try await event(subject))
        } else if JobID(subject) != nil {
            Terminal.write(try await job(subject))
        } else {
            Terminal.write(try await table(subject))
        }
    }

    private func event(_ id: String) async throws -> String {
        let event = try await fetchEvent(id)
        var text = TrailText.event(event)
        for job in event.jobs { text += "\n" + (try await trail(ofJob: job)) }
        return text
    }

    private func job(_ id: String) async throws -> String {
        let job = try await fetchJob(id)
        var text = TrailText.job(job)
        for event in job.events.suffix(Self.shown).reversed() {
            text += "\n" + (try await trail(ofEvent: event))
        }
        return text
    }

    private func table(_ name: String) async throws -> String {
        let jobs = try await admin.get(
            ["api", "v1", "jobs"],
            query: ["table": name, "limit": "\(Self.shown)"],
            as: ListDocument.Jobs.self
        ).jobs
        guard !jobs.isEmpty else {
            throw Failure(
                """
                No job that is known holds the table "\(name.printable)": no event changed it, or that has \
                left the history (limits.history). `reloader explain` says what the rules make of an event.
                """
            )
        }
        var text = ""
        for job in jobs {
            text += try await trail(ofJob: job.id) + "\n"
            if let event = job.events.last { text += try await trail(ofEvent: event) + "\n" }
        }
        return text
    }

    private func fetchEvent(_ id: String) async throws -> EventDocument {
        try await admin.get(["api", "v1", "events", id], as: EventDocument.self)
    }

    private func fetchJob(_ id: String) async throws -> JobDocument {
        try await admin.get(["api", "v1", "jobs", id], as: JobDocument.self)
    }

    private func trail(ofJob id: String) async throws -> String {
        try await unlessGone("job \(id)") { TrailText.job(try await fetchJob(id)) }
    }

    private func trail(ofEvent id: String) async throws -> String {
        try await unlessGone("event \(id)") { TrailText.event(try await fetchEvent(id)) }
    }

    /// One that is gone is said to be gone: the rest of the trail still stands.
    private func unlessGone(_ name: String, _ text: () async throws -> String) async throws -> String {
        do {
            return try await text()
        } catch let failure as Failure {
            return "\(name)\n  \(failure)\n"
        }
    }
}
