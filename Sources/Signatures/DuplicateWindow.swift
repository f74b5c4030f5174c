import Vocabulary

/// Remembers the events that were taken in, so that a redelivery is known for one (queue.md Q16). Bounded by number,
/// the oldest out first, and by age. Asking and remembering take the same time however much is remembered; what follows
/// jobs looks at everything, and happens only where a job merged, split or ended badly.
///
/// Whoever owns it asks and remembers in one step under one lock: then of n copies at once one is admitted.
///
/// Every delivery comes here, and finds what it needs in memory that no cache holds: so a slot is small, those next to
/// each other in age are neighbours, and what finds them is a number for a number.
package struct DuplicateWindow: Sendable {
    /// How many events are remembered at most. Lowering it drops the oldest.
    package var capacity: Int {
        didSet { dropSurplus() }
    }

    /// Never more than one over the capacity: freed slots are used again.
    private(set) var slots: [Slot] = []
    private var firstFree = Slot.none
    /// Of two keys with one name the earlier is forgotten: only who has the secret and looks for such keys has them, and a
    /// repeated load is all that they give.
    private var slotOfName: [Name: Int32] = [:]
    private var oldest = Slot.none
    private var newest = Slot.none
    /// Jobs of which events are another's too: what became of those that ended well is looked for in all slots.
    private var shared: Set<JobID> = []

    /// One remembered event, between the one remembered before it and the one after.
    struct Slot {
        /// Where another slot would be named.
        static let none: Int32 = -1

        var key: DuplicateKey
        var event: EventID
        var jobs: EventJobs
        var expiry: MonotonicTime
        var older: Int32
        /// Of a free slot: the next free one.
        var newer: Int32
    }

    /// What a key is found by. It is a piece of a hash, so it is not hashed anew at each look but only spread: by a factor
    /// that no sender knows, since one who has a secret could look for ids whose names would all lie together.
    private struct Name: Hashable {
        private static let factor = UInt64.random(in: .min ... .max) | 1

        let value: UInt64

        init(_ key: DuplicateKey) { value = key.name }

        /// The dictionary's own way past `Hasher`.
        func _rawHashValue(seed: Int) -> Int {
            let product = value.multipliedFullWidth(by: Self.factor)
            return Int(truncatingIfNeeded: product.high ^ product.low) ^ seed
        }
    }

    package init(capacity: Int) { self.capacity = capacity }

    /// Makes room for so many events at once.
    package mutating func reserveCapacity(_ count: Int) {
        slots.reserveCapacity(min(count, capacity))
        slotOfName.reserveCapacity(min(count, capacity))
    }

    /// How many events are remembered, those that are too old but not yet dropped included.
    package var count: Int { slotOfName.count }

    /// The one that goes first.
    package var oldestEvent: EventID? { oldest == Slot.none ? nil : slots[Int(oldest)].event }

    /// The event that was remembered under this key and is not too old; nil when this is a new one.
    package func event(for key: DuplicateKey, now: MonotonicTime) -> EventID? {
        guard let slot = slotOfName[Name(key)].map(Int.init), slots[slot].key == key, slots[slot].expiry > now else {
            return nil
        }
        return slots[slot].event
    }

    /// Remembers an event that was verified, matched and admitted, for `window` from now. It replaces what was known
    /// under the same key.
    package mutating func remember(
        _ key: DuplicateKey,
        event: EventID,
        jobs: EventJobs,
        now: MonotonicTime,
        for window: Duration
    ) {
        if let slot = slotOfName[Name(key)] { remove(slot) }
        while oldest != Slot.none, slots[Int(oldest)].expiry <= now { remove(oldest) }
        append(
            Slot(key: key, event: event, jobs: jobs, expiry: now + window, older: newest, newer: Slot.none)
        )
        dropSurplus()
    }

    /// The event was not taken in after all.
    package mutating func forget(_ key: DuplicateKey, event: EventID) {
        guard let slot = slotOfName[Name(key)], slots[Int(slot)].key == key, slots[Int(slot)].event == event else {
            return
        }
        remove(slot)
    }

    /// A job ended `failed` or `discarded`: a redelivery of any of its events is new then (queue.md Q16).
    package mutating func forget(job: JobID) {
        shared.remove(job)
        for slot in slotOfName.values where slots[Int(slot)].jobs.contains(job) { remove(slot) }
    }

    /// A job was merged into another, which has its events from now on.
    package mutating func move(job: JobID, into other: JobID) {
        if shared.remove(job) != nil { shared.insert(other) }
        for slot in slotOfName.values { slots[Int(slot)].jobs.replace(job, by: other) }
    }

    /// Part of a job goes on as another, which shares its events.
    package mutating func share(job: JobID, with other: JobID) {
        shared.formUnion([job, other])
        for slot in slotOfName.values where slots[Int(slot)].jobs.contains(job) { slots[Int(slot)].jobs.append(other) }
    }

    /// A job ended well. Of events that are another's too, only that one counts from now on: a job that is split again and
    /// again would leave a trail of jobs behind each of them (queue.md Q23).
    package mutating func settle(job: JobID) {
        guard shared.remove(job) != nil else { return }
        for slot in slotOfName.values { slots[Int(slot)].jobs.remove(job) }
    }

    private mutating func dropSurplus() {
        while count > capacity, oldest != Slot.none { remove(oldest) }
    }

    private mutating func append(_ slot: Slot) {
        let position: Int32
        if firstFree != Slot.none {
            position = firstFree
            firstFree = slots[Int(position)].newer
            slots[Int(position)] = slot
        } else {
            position = Int32(slots.count)
            slots.append(slot)
        }
        if newest != Slot.none { slots[Int(newest)].newer = position } else { oldest = position }
        newest = position
        slotOfName[Name(slot.key)] = position
    }

    private mutating func remove(_ position: Int32) {
        let (older, newer) = (slots[Int(position)].older, slots[Int(position)].newer)
        if older != Slot.none { slots[Int(older)].newer = newer } else { oldest = newer }
        if newer != Slot.none { slots[Int(newer)].older = older } else { newest = older }
        slotOfName[Name(slots[Int(position)].key)] = nil
        slots[Int(position)].newer = firstFree
        firstFree = position
    }
}
