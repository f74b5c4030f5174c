import Vocabulary

/// Remembers the events that were taken in, so that a redelivery is known for one (queue.md Q16). Bounded by number,
/// the oldest out first, and by age. Asking and remembering take the same time however much is remembered; what follows
/// jobs looks at everything, and happens only where a job merged, split or ended badly.
///
/// Whoever owns it asks and remembers in one step under one lock: then of n copies at once one is admitted.
package struct DuplicateWindow: Sendable {
    /// How many events are remembered at most. Lowering it drops the oldest.
    package var capacity: Int {
        didSet { dropSurplus() }
    }

    /// Never more than one over the capacity: freed slots are used again.
    private(set) var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var slotOfKey: [DuplicateKey: Int] = [:]
    private var oldest: Int?
    private var newest: Int?

    /// One remembered event, between the one remembered before it and the one after.
    struct Slot {
        var key: DuplicateKey
        var event: EventID
        /// The jobs that its changes are part of now.
        var jobs: [JobID]
        var expiry: MonotonicTime
        var older: Int?
        var newer: Int?
    }

    package init(capacity: Int) { self.capacity = capacity }

    /// How many events are remembered, those that are too old but not yet dropped included.
    package var count: Int { slotOfKey.count }

    /// The event that was remembered under this key and is not too old; nil when this is a new one.
    package func event(for key: DuplicateKey, now: MonotonicTime) -> EventID? {
        guard let slot = slotOfKey[key], slots[slot].expiry > now else { return nil }
        return slots[slot].event
    }

    /// Remembers an event that was verified, matched and admitted, for `window` from now. It replaces what was known
    /// under the same key.
    package mutating func remember(
        _ key: DuplicateKey,
        event: EventID,
        jobs: [JobID],
        now: MonotonicTime,
        for window: Duration
    ) {
        if let slot = slotOfKey[key] { remove(slot) }
        while let oldest, slots[oldest].expiry <= now { remove(oldest) }
        append(Slot(key: key, event: event, jobs: jobs, expiry: now + window, older: newest, newer: nil))
        dropSurplus()
    }

    /// The event was not taken in after all.
    package mutating func forget(_ key: DuplicateKey, event: EventID) {
        if let slot = slotOfKey[key], slots[slot].event == event { remove(slot) }
    }

    /// A job ended `failed` or `discarded`: a redelivery of any of its events is new then (queue.md Q16).
    package mutating func forget(job: JobID) {
        for slot in slotOfKey.values where slots[slot].jobs.contains(job) { remove(slot) }
    }

    /// A job was merged into another, which has its events from now on.
    package mutating func move(job: JobID, into other: JobID) {
        for slot in slotOfKey.values {
            for index in slots[slot].jobs.indices where slots[slot].jobs[index] == job {
                slots[slot].jobs[index] = other
            }
        }
    }

    /// Part of a job goes on as another, which shares its events.
    package mutating func share(job: JobID, with other: JobID) {
        for slot in slotOfKey.values where slots[slot].jobs.contains(job) { slots[slot].jobs.append(other) }
    }

    private mutating func dropSurplus() {
        while count > capacity, let oldest { remove(oldest) }
    }

    private mutating func append(_ slot: Slot) {
        let index: Int
        if let free = freeSlots.popLast() {
            index = free
            slots[index] = slot
        } else {
            index = slots.count
            slots.append(slot)
        }
        if let newest { slots[newest].newer = index } else { oldest = index }
        newest = index
        slotOfKey[slot.key] = index
    }

    private mutating func remove(_ index: Int) {
        let slot = slots[index]
        if let older = slot.older { slots[older].newer = slot.newer } else { oldest = slot.newer }
        if let newer = slot.newer { slots[newer].older = slot.older } else { newest = slot.older }
        slotOfKey[slot.key] = nil
        freeSlots.append(index)
    }
}
