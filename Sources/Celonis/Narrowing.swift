/// Finds the tables for which Celonis rejects a whole set (queue.md Q20): halves the set until the culprits stand
/// alone, while everything that is accepted on the way loads. Every accepted part is a load of its own, so what was
/// set aside is sent together as soon as a culprit is found, and the number of requests is bounded.
package struct Narrowing: Hashable, Sendable {
    /// The part to send now; nil when done.
    package private(set) var next: [String]?
    /// Accepted by Celonis.
    package private(set) var loaded: [String] = []
    /// Rejected when sent alone.
    package private(set) var culprits: [String] = []
    /// Left over when the requests ran out: each may be a culprit or not.
    package private(set) var unresolved: [String] = []

    /// With `next` makes up a set that was rejected; empty if `next` was not part of one.
    private var sibling: [String] = []
    /// Not sent since it was set aside.
    private var aside: [String] = []
    private var requestsLeft: Int

    /// 20 requests find one culprit among a million tables, or three among a hundred.
    package init(rejected: [String], requests: Int = 20) {
        requestsLeft = requests
        split(rejected)
    }

    /// Celonis took `next`. So the culprit is in its sibling.
    package mutating func accepted() {
        loaded += next ?? []
        let rest = sibling
        sibling = []
        if rest.isEmpty {
            sendAside()
        } else if rest.count == 1 {
            send(rest, sibling: [])
        } else {
            split(rest)
        }
    }

    /// Celonis rejected `next`.
    package mutating func rejected() {
        let part = next ?? []
        aside += sibling
        sibling = []
        if part.count == 1 {
            culprits += part
            sendAside()
        } else {
            split(part)
        }
    }

    private mutating func split(_ set: [String]) {
        let middle = (set.count + 1) / 2
        send(Array(set[..<middle]), sibling: Array(set[middle...]))
    }

    private mutating func sendAside() {
        let set = aside
        aside = []
        send(set, sibling: [])
    }

    private mutating func send(_ set: [String], sibling: [String]) {
        guard !set.isEmpty else {
            next = nil
            return
        }
        guard requestsLeft > 0 else {
            next = nil
            unresolved = set + sibling + aside
            return
        }
        requestsLeft -= 1
        next = set
        self.sibling = sibling
    }
}
