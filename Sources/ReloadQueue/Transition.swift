import Vocabulary

/// What the log, the trail, the duplicate window and the stream are told, in the order in which it happened. Changes of
/// state only: an event that joins a waiting job makes none.
package enum Transition: Hashable, Sendable {
    /// The job's state or outcome changed. Outcome `failed` or `discarded`: its events are to be forgotten as
    /// duplicates (queue.md Q16). Outcome `merged`: its events now belong to `mergedInto`.
    case job(JobSnapshot, reason: String)
    /// Part of the first job goes on as another that shares its events; comes before the first `job` of the other. With
    /// what went, as events named it; nil where that is more than is kept of a job.
    case split(from: JobID, into: JobID, SelectorSet?)
    case held(ModelReference)
    case released(ModelReference)
    case flushed(ModelReference)
    /// A look at last-load gave no usable answer; never a failed attempt (queue.md Q18).
    case lookFailed(ModelReference, String)
    case breakerOpened(BreakerSnapshot)
    case breakerClosed(BreakerSnapshot)
    case modelAdded(ModelReference)
    /// The configuration dropped it earlier, and its last change has ended (queue.md Q24).
    case modelRemoved(ModelReference)
}

/// Why a load started when it did; the contract's words for `JobSnapshot.startReason`.
enum StartReason: String {
    case quiet
    case maxWait = "max_wait"
    case loadCost = "load_cost"
    case waitForAll = "wait_for_all"
    case flush
    case drain
    case retry

    /// What a job that will start by it waits for, for people.
    var awaited: String {
        switch self {
        case .quiet: "the quiet period (debounce)"
        case .maxWait: "max_wait"
        case .loadCost: "load_cost"
        case .waitForAll: "the rest of a wait_for_all set"
        case .flush, .drain, .retry: "its turn"
        }
    }
}
