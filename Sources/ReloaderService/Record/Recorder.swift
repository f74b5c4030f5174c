import Admin
import Dispatch
import Logging
import Settings
import Synchronization
import Vocabulary

/// Keeps accepted events for `simulate` (product.md §2, `record`). A delivery hands its event over and goes on; one
/// writer, on a queue of its own, does the rest. What it cannot write, because the disk is full or it does not keep up,
/// is lost to the record with a warning and a metric; no delivery waits for it.
final class Recorder: Sendable {
    /// Bytes of bodies, and events, that may wait for the writer.
    static let mayWait = (bytes: 8 << 20, events: 10_000)

    private struct Waiting {
        /// nil: nothing is to be recorded.
        var settings: RecordSettings?
        var events: [RecordedEvent] = []
        var bytes = 0
        /// Events that found no room.
        var refused = 0
        var isWriterDue = false
        var counts = RecordCounts()
    }

    private let waiting: Mutex<Waiting>
    private let writer = DispatchQueue(label: "reloader.record")
    /// The writer's own; the lock only says so to the compiler.
    private let output = Mutex(RecordOutput())
    private let losses = Mutex(RecordLosses())
    private let logger: Logger
    private let clock: any TimeSource

    init(_ settings: RecordSettings?, clock: any TimeSource, logger: Logger) {
        self.clock = clock
        self.logger = logger
        waiting = Mutex(Waiting(settings: settings))
        change { _ in }
    }

    /// Whether events are to be handed over at all.
    var isOn: Bool { waiting.withLock { $0.settings != nil } }

    /// How many were written and lost since the start.
    var counts: RecordCounts { waiting.withLock(\.counts) }

    /// Where to from now on; what still waits may go there too.
    func configure(_ settings: RecordSettings?) { change { $0.settings = settings } }

    /// Hands an event over; quick, for it runs on an event loop.
    func record(_ event: RecordedEvent) {
        change { waiting in
            let bytes = event.body.count + event.headers.valueBytes
            guard waiting.bytes + bytes <= Self.mayWait.bytes, waiting.events.count < Self.mayWait.events
            else {
                waiting.refused += 1
                return
            }
            waiting.bytes += bytes
            waiting.events.append(event)
        }
    }

    /// Returns when everything that was handed over has been written, or after this long: a disk may hang.
    func finish(within limit: Duration) async {
        await withCheckedContinuation { continuation in
            let isOver = Mutex(false)
            let resume = { @Sendable in
                let isFirst = isOver.withLock { isOver in
                    defer { isOver = true }
                    return !isOver
                }
                if isFirst { continuation.resume() }
            }
            writer.async(execute: resume)
            DispatchQueue.global().asyncAfter(deadline: .now() + limit.inSeconds, execute: resume)
        }
    }

    private func change(_ change: (inout Waiting) -> Void) {
        let isWriterAsleep = waiting.withLock { waiting in
            change(&waiting)
            defer { waiting.isWriterDue = true }
            return !waiting.isWriterDue
        }
        if isWriterAsleep { writer.async { [self] in write() } }
    }

    private func write() {
        let (settings, events, refused) = waiting.withLock { waiting in
            defer {
                waiting.events = []
                waiting.bytes = 0
                waiting.refused = 0
                waiting.isWriterDue = false
            }
            return (waiting.settings, waiting.events, waiting.refused)
        }
        let (written, error) = output.withLock { $0.write(events, to: settings) }
        let lost = events.count - written + refused
        waiting.withLock { waiting in
            waiting.counts.written += UInt64(written)
            waiting.counts.lost += UInt64(lost)
        }
        let trouble = error?.description ?? (refused > 0 ? "the disk does not keep up" : nil)
        tell(losses.withLock { $0.wrote(lost: lost, trouble: trouble, at: clock.now().monotonic) })
    }

    private func tell(_ news: RecordLosses.News?) {
        switch news {
        case .failing(let trouble, let lost):
            logger.warning("events are not recorded", metadata: ["error": "\(trouble)", "lost": "\(lost)"])
        case .recovered(let lost):
            logger.notice("events are recorded again", metadata: ["lost": "\(lost)"])
        case nil: break
        }
    }
}

/// Decides when trouble with the record is told: at once, then at most once a minute while it lasts, and its end.
struct RecordLosses {
    static let period = Duration.seconds(60)

    /// What is worth a line in the log; `lost` counts since the line before.
    enum News: Equatable {
        case failing(String, lost: Int)
        case recovered(lost: Int)
    }

    private var toldAt: MonotonicTime?
    private var lost = 0

    /// The writer has done what it could; `trouble` says why not all of it.
    mutating func wrote(lost: Int, trouble: String?, at now: MonotonicTime) -> News? {
        self.lost += lost
        guard let trouble else {
            guard toldAt != nil else { return nil }
            defer { self = Self() }
            return .recovered(lost: self.lost)
        }
        if let toldAt, now - toldAt < Self.period { return nil }
        defer {
            toldAt = now
            self.lost = 0
        }
        return .failing(trouble, lost: self.lost)
    }
}
