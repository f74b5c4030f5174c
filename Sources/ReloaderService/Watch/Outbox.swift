import Admin
import ReloadQueue
import Vocabulary

/// Notifications that wait to be taken by their receiver: in order, one at a time, bounded in number and time. What is
/// not taken is sent again after 1, 2, 4, … 256, 300, 300, … seconds.
struct Outbox {
    /// Beyond this many the oldest that is not being sent goes: the newest say how things are.
    static let capacity = 100
    /// A message that nobody took for so long is no news.
    static let giveUpAfter = Duration.seconds(86_400)

    /// What to do now.
    enum Step: Hashable, Sendable {
        case idle
        case wait(until: MonotonicTime)
        case send(Notification)
    }

    /// What an attempt led to.
    enum Outcome: Hashable, Sendable {
        case delivered
        /// `attempt` is the one that failed, from 1.
        case again(at: MonotonicTime, attempt: Int)
        case gaveUp
    }

    private var messages: [Notification] = []
    /// Failed attempts of the first message, and when its next one is due; nil: at once.
    private var failures = 0
    private var due: MonotonicTime?
    private(set) var counts = NotificationCounts()

    /// How many wait.
    var count: Int { messages.count }

    /// - Returns: the message that had to make room, if one had to.
    mutating func append(_ message: Notification) -> Notification? {
        messages.append(message)
        guard messages.count > Self.capacity else { return nil }
        counts.dropped += 1
        return messages.remove(at: 1)
    }

    func step(at now: MonotonicTime) -> Step {
        guard let first = messages.first else { return .idle }
        if let due, due > now { return .wait(until: due) }
        return .send(first)
    }

    /// The attempt to send the first message is over.
    mutating func attempted(isTaken: Bool, at now: MonotonicTime) -> Outcome {
        guard let first = messages.first else { return .delivered }
        if isTaken {
            counts.delivered += 1
            removeFirst()
            return .delivered
        }
        failures += 1
        let next = now + Backoff.ceiling(failures, initial: .seconds(1), maximum: .seconds(300))
        guard next - first.at.monotonic <= Self.giveUpAfter else {
            counts.dropped += 1
            removeFirst()
            return .gaveUp
        }
        due = next
        return .again(at: next, attempt: failures)
    }

    private mutating func removeFirst() {
        messages.removeFirst()
        failures = 0
        due = nil
    }
}
