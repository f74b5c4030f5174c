import Admin
import Logging
import ReloadQueue
import Settings
import Signatures
import Synchronization
import Vocabulary

/// Posts notifications as Standard Webhooks (product.md §2, `notify`). Whoever has something to tell puts it into the
/// outbox and goes on; one task sends, and waits where the receiver is slow, so the queue never does.
final class Notifier: Sendable {
    private struct State {
        /// nil: nobody wants to be told.
        var settings: NotifySettings?
        var outbox = Outbox()
        var identifiers: IdentifierSequence
        var isFinishing = false
    }

    private let state: Mutex<State>
    private let clock: any TimeSource
    private let logger: Logger
    /// Something changed that the sending task should look at.
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(_ settings: NotifySettings?, clock: any TimeSource, logger: Logger) {
        state = Mutex(State(settings: settings, identifiers: IdentifierSequence(startingAt: clock.now().wall)))
        self.clock = clock
        self.logger = logger
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Where to and about what from now on; what waits goes there too.
    func configure(_ settings: NotifySettings?) { state.withLock { $0.settings = settings } }

    /// How many were delivered and dropped since the start.
    var counts: NotificationCounts { state.withLock(\.outbox.counts) }

    /// Whether a change of the service's status would be told.
    var tellsStatus: Bool {
        state.withLock { $0.settings.map { $0.on.contains(.degraded) || $0.on.contains(.recovered) } ?? false }
    }

    /// Tells of a job that failed for good; quick, for it may run on an event loop.
    func note(_ transition: Transition, at now: Now) {
        guard case .job(let job, reason: _) = transition, job.state == .failed else { return }
        tell(.jobFailed(job), at: now)
    }

    /// Puts a notification in line if the settings ask for it.
    func tell(_ content: Notification.Content, at now: Now) {
        let dropped = state.withLock { state -> Notification? in
            let message = Notification(id: "msg_\(state.identifiers.take())", at: now, content: content)
            guard let settings = state.settings, settings.on.contains(message.occasion) else { return nil }
            return state.outbox.append(message)
        }
        changed.yield()
        if let dropped { logger.warning("notification dropped; too many wait", metadata: dropped.metadata) }
    }

    /// Sends until it is cancelled, or until nothing can be sent at once after `finish`.
    func run() async {
        var changes = changes.makeAsyncIterator()
        while !Task.isCancelled {
            let (step, settings, isFinishing) = state.withLock {
                ($0.outbox.step(at: clock.now().monotonic), $0.settings, $0.isFinishing)
            }
            switch step {
            case .send(let message):
                note(await failure(of: message, settings), of: message)
            case .wait(let due):
                if isFinishing { return }
                // Cancelled: the next turn ends the loop.
                try? await Task.sleep(for: due - clock.now().monotonic)
            case .idle:
                if isFinishing { return }
                await changes.next()
            }
        }
    }

    /// What waits and may be sent at once is still sent; then `run` returns.
    func finish() {
        state.withLock { $0.isFinishing = true }
        changed.yield()
    }

    /// Says how many were never sent, if any.
    func logUnsent() {
        let count = state.withLock(\.outbox.count)
        if count > 0 { logger.warning("notifications not sent", metadata: ["count": "\(count)"]) }
    }

    /// Sends it: nil once the receiver has taken it, else what went wrong.
    private func failure(of message: Notification, _ settings: NotifySettings?) async -> String? {
        guard let settings else { return "notify is no longer configured" }
        do {
            let body = try message.body()
            var headers = try Signer.headers(
                scheme: .standardWebhooks,
                secret: settings.secret.bytes ?? [],
                body: body,
                now: clock.now().wall,
                messageID: message.id
            )
            headers.fields.append(("content-type", "application/json"))
            let answer = try await HTTPCaller().post(settings.url.text, headers: headers, body: body)
            return answer.isSuccess ? nil : "\(settings.url) answered \(answer.status)"
        } catch {
            return "no answer from \(settings.url): \(error)"
        }
    }

    private func note(_ failure: String?, of message: Notification) {
        var metadata = message.metadata
        if let failure { metadata["error"] = "\(failure)" }
        switch state.withLock({ $0.outbox.attempted(isTaken: failure == nil, at: clock.now().monotonic) }) {
        case .delivered:
            logger.debug("notification delivered", metadata: metadata)
        case .again(at: let time, let attempt):
            metadata["attempt"] = "\(attempt)"
            metadata["next"] = "\(clock.now().wall(at: time).rfc3339)"
            // Once a message: the next ones say nothing new.
            logger.log(level: attempt == 1 ? .warning : .debug, "notification not delivered", metadata: metadata)
        case .gaveUp:
            logger.error("notification given up", metadata: metadata)
        }
    }
}

extension Notification {
    fileprivate var metadata: Logger.Metadata { ["notification": "\(id)", "type": "\(type)"] }
}
