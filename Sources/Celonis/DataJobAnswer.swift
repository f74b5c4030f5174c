import FoundationEssentials
import Vocabulary

/// What a data job's own page said of its latest run. Only its path and the statuses are known, and not from a public page: a
/// status that is not among them is not understood, not a failure.
package enum DataJobAnswer: Hashable, Sendable {
    /// The job has not run yet.
    case neverRan
    case inProgress
    case ended(DataJobRun)
    case notUnderstood(String)
    /// No usable answer came.
    case failed(LoadFailure)

    /// Reads the body of an answer with a 2xx status. Texts for people go through `text`.
    package init(body: [UInt8], text: AnswerText) {
        guard let page = try? JSONDecoder().decode(DataJobBody.self, from: Data(body)) else {
            self = .notUnderstood("the data job's status is not a JSON object")
            return
        }
        let mark = page.marks.compactMap { $0?.text }
        switch page.status?.text {
        case nil, "NEW": self = .neverRan
        case "QUEUED", "RUNNING": self = .inProgress
        case "SUCCESS": self = .ended(DataJobRun(end: .succeeded, mark: mark))
        case "FAIL": self = .ended(DataJobRun(end: .failed, mark: mark))
        case "CANCEL": self = .ended(DataJobRun(end: .canceled, mark: mark))
        case "SKIPPED": self = .ended(DataJobRun(end: .skipped, mark: mark))
        case let status?:
            self = .notUnderstood(text.clean("the data job shows the unknown status \"\(status)\""))
        }
    }
}

/// A run of a data job that is over.
package struct DataJobRun: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        case succeeded
        case failed
        case canceled
        case skipped
    }

    package var end: End
    /// Whatever the page shows that changes from run to run; empty if it shows nothing of the kind.
    package var mark: [String]

    package init(end: End, mark: [String] = []) {
        self.end = end
        self.mark = mark
    }
}

/// Of the fields only `status` is known. The others are guesses that tell a new run sooner and are not relied on.
private struct DataJobBody: Decodable {
    var status: LooseText?
    var currentExecutionId: LooseText?
    var startDate: LooseText?
    var endDate: LooseText?

    var marks: [LooseText?] { [currentExecutionId, startDate, endDate] }
}
