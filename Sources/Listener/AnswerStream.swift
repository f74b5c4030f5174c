import NIOCore
import Synchronization

/// The body of an answer that goes on: what is sent leaves at once and in order, until one side ends it.
///
/// Nobody waits for the peer. What it has not read yet is kept up to a limit, and beyond that the connection closes: a
/// slow reader costs a bounded amount of memory and loses its own stream, nobody else's (queue.md S9).
package final class AnswerStream: Sendable {
    private enum Phase {
        /// The connection has not taken it over yet.
        case early([[UInt8]], ends: Bool)
        case open(any Channel)
        case over
    }

    /// What has to be done outside the lock: a write can fail at once, and its end needs the lock again.
    private enum Action {
        case write(any Channel)
        case drop(any Channel)
        case none
    }

    private let phase = Mutex(Phase.early([], ends: false))
    /// Bytes that were handed to the connection and not yet to the system.
    private let unwritten = Atomic<Int>(0)
    private let limit: Int
    private let whenGone: @Sendable () -> Void

    /// What waits for the connection to take the stream over.
    var early: [UInt8] {
        phase.withLock { phase in
            switch phase {
            case .early(let waiting, _): waiting.flatMap(\.self)
            case .open, .over: []
            }
        }
    }

    /// `limit`: bytes that may wait for the peer, beside what is sent to one that has read everything. `whenGone` is called
    /// once, on an event loop, when the connection is gone, whoever ended it; not if no connection ever took the stream
    /// over.
    package init(limit: Int, whenGone: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.whenGone = whenGone
    }

    /// One without a word.
    package static var ended: AnswerStream {
        let stream = AnswerStream(limit: 0) {}
        stream.end()
        return stream
    }

    /// Never blocks. To be called by one thread at a time. After the end it does nothing.
    package func send(_ bytes: [UInt8]) {
        let action: Action = phase.withLock { phase in
            switch phase {
            case .early(let waiting, ends: false):
                phase = .early(waiting + [bytes], ends: false)
                return .none
            case .open(let channel):
                let waiting = unwritten.wrappingAdd(bytes.count, ordering: .relaxed).newValue
                // Who has read all that was sent before is not slow, however much there is to say at once.
                if waiting <= limit || waiting == bytes.count { return .write(channel) }
                phase = .over
                return .drop(channel)
            case .early(_, ends: true), .over: return .none
            }
        }
        switch action {
        case .write(let channel): write(bytes, to: channel)
        case .drop(let channel): channel.pipeline.fireUserInboundEventTriggered(ConnectionCommand.close)
        case .none: break
        }
    }

    /// The answer ends when all that was sent is written.
    package func end() {
        let channel: (any Channel)? = phase.withLock { phase in
            switch phase {
            case .early(let waiting, _):
                phase = .early(waiting, ends: true)
                return nil
            case .open(let channel):
                phase = .over
                return channel
            case .over: return nil
            }
        }
        channel?.pipeline.fireUserInboundEventTriggered(ConnectionCommand.finish)
    }

    /// The connection takes it over, on its event loop, after it has written the answer's head.
    func open(on channel: any Channel) {
        let (early, ends) = phase.withLock { phase in
            guard case .early(let waiting, let ends) = phase else { return ([[UInt8]](), false) }
            phase = ends ? .over : .open(channel)
            return (waiting, ends)
        }
        for bytes in early {
            unwritten.wrappingAdd(bytes.count, ordering: .relaxed)
            write(bytes, to: channel)
        }
        if ends { channel.pipeline.fireUserInboundEventTriggered(ConnectionCommand.finish) }
    }

    /// The connection is gone.
    func closed() {
        phase.withLock { $0 = .over }
        whenGone()
    }

    private func write(_ bytes: [UInt8], to channel: any Channel) {
        let count = bytes.count
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            self.unwritten.wrappingSubtract(count, ordering: .relaxed)
        }
    }
}
