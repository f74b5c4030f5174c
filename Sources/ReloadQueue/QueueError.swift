import Vocabulary

/// Why an operator's verb was not carried out.
package enum QueueError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownModel(String)
    case unknownJob(JobID)
    /// A model on hold cannot be flushed (product.md §4).
    case held(String)
    /// Only failed jobs can be retried or discarded.
    case notFailed(JobID, JobState)
    case draining
    /// A change by hand that names no table.
    case noTables
    case full(String)
    /// The journal cannot be written.
    case unwritable

    package var description: String {
        switch self {
        case .unknownModel(let name): "There is no model \"\(name)\"."
        case .unknownJob(let id): "There is no job \(id); it may have left the history."
        case .held(let name): "The model \"\(name)\" is on hold; release it first."
        case .notFailed(let id, let state):
            "The job \(id) is \(state.rawValue); only a failed job can be retried or discarded."
        case .noTables: "Name at least one table, or * for all."
        case .draining: "The service is stopping and takes no new work."
        case .full(let name):
            """
            The model \"\(name)\" holds as many tables as it may; wait for its next load, or retry or discard its failed \
            jobs.
            """
        case .unwritable: "The journal cannot be written, so nothing is taken in; see /health."
        }
    }
}
