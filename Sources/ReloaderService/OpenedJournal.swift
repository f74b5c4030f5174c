import Journal
import Logging
import ReloadQueue
import Settings
import Vocabulary

/// The journal of a service that starts: open, read, and ready to be written.
struct OpenedJournal {
    let writer: JournalWriter
    let image: JournalImage

    /// nil where none is configured. `other` is used instead of a file, and `limits` are other than usual: for tests.
    /// - Throws: `JournalError`, whose text says what to do.
    init?(
        _ settings: JournalSettings,
        instead other: (any QueueJournal)?,
        limits: JournalWriter.Limits,
        logger: Logger
    ) throws {
        let journal: any QueueJournal
        if let other {
            journal = other
        } else if let path = settings.path {
            let file = try SQLiteJournal(path: path, sync: settings.sync == .full ? .full : .normal)
            if let loss = file.loss {
                logger.error("the journal is not whole; reload by hand what is missing", metadata: ["error": "\(loss)"])
            }
            journal = file
        } else {
            return nil
        }
        image = try journal.recover()
        writer = JournalWriter(journal, limits: limits) { failure in
            if let failure {
                logger.error("the journal cannot be written; deliveries are refused", metadata: ["error": "\(failure)"])
            } else {
                logger.notice("the journal can be written again")
            }
        }
    }

    /// Says what came back.
    func log(_ queue: ReloadQueue, _ logger: Logger) {
        guard let report = queue.journalReport, !image.jobs.isEmpty || !image.held.isEmpty else { return }
        let failed = image.jobs.count { if case .failed = $0.job.phase { true } else { false } }
        logger.notice(
            "recovered from the journal",
            metadata: [
                "changes": "\(report.recoveredChanges)", "jobs": "\(image.jobs.count)", "jobs.failed": "\(failed)",
                "held": "\(image.held.count)", "events.remembered": "\(image.remembered.count)",
            ]
        )
        for model in report.strangers {
            logger.warning(
                "the journal holds changes of a model that is not configured; they stay there",
                metadata: ["model": "\(model.name)", "data_model": "\(model.dataModelID)"]
            )
        }
    }
}
