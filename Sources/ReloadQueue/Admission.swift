import Vocabulary

/// What one event changes in one model.
package struct ModelChanges: Hashable, Sendable {
    package var model: ModelReference
    package var selectors: SelectorSet

    package init(model: ModelReference, selectors: SelectorSet) {
        self.model = model
        self.selectors = selectors
    }
}

/// The queue's answer to an event: all of its changes are in, or none is (queue.md Q6).
package enum Admission: Hashable, Sendable {
    /// One entry per given change, in their order; a change with an empty set has none.
    case admitted([AdmittedChange])
    case refused(Refusal)
}

extension [AdmittedChange] {
    /// The jobs of them all.
    package var jobs: EventJobs { count == 1 ? .one(self[0].job) : EventJobs(map(\.job)) }
}

/// Where a change went.
package struct AdmittedChange: Hashable, Sendable {
    package var model: ModelReference
    package var job: JobID
    /// The earliest start if nothing else arrives; nil while that is not known (product.md §3).
    package var loadAt: WallTime?
    /// The write of the journal after which the change is on disk; 0 where there is none, or it was there long before.
    package var write: UInt64

    package init(model: ModelReference, job: JobID, loadAt: WallTime?, write: UInt64 = 0) {
        self.model = model
        self.job = job
        self.loadAt = loadAt
        self.write = write
    }
}

/// What a restart must know of an event to know a copy of it for one (queue.md Q16).
package struct RememberedKey: Sendable {
    package var source: String
    package var key: DuplicateKey
    package var expiresAt: WallTime
    /// The oldest event that is remembered beside it; nil: none.
    package var oldest: EventID?

    package init(source: String, key: DuplicateKey, expiresAt: WallTime, oldest: EventID? = nil) {
        self.source = source
        self.key = key
        self.expiresAt = expiresAt
        self.oldest = oldest
    }

    func event(_ event: EventID, jobs: EventJobs) -> RememberedEvent {
        RememberedEvent(source: source, key: key, event: event, jobs: jobs, expiresAt: expiresAt)
    }
}

/// Why an event was not taken in: a 503 for the sender.
package enum Refusal: Hashable, Sendable {
    case draining
    /// A model holds `maxPendingTables` already.
    case full
    /// The journal cannot be written.
    case unwritable
    /// The configuration in force does not have the model: the event was matched against another version.
    case unknownModel(ModelReference)
}

/// An accepted change that was not loaded when the queue ended (queue.md Q7).
package struct LostChange: Hashable, Sendable {
    package var model: ModelReference
    package var job: JobID
    /// As the selector was written; `*` for everything.
    package var table: String
    /// For people: on hold, failed, not seen to end, …
    package var reason: String

    package init(model: ModelReference, job: JobID, table: String, reason: String) {
        self.model = model
        self.job = job
        self.table = table
        self.reason = reason
    }
}
