import Dispatch
import NIOCore
import NIOPosix
import Synchronization

/// Makes channels of accepted sockets, on one event loop after the other.
final class ChannelMaker: Sendable {
    private let loops: [any EventLoop]
    private let pipeline: ConnectionPipeline
    private let registry: ConnectionRegistry
    private let count = Atomic(0)
    /// As many are on their way at once. Where the loops are slower than that, the system's queue keeps the others.
    private let room = DispatchSemaphore(value: 128)

    init(loops: [any EventLoop], _ pipeline: ConnectionPipeline, _ registry: ConnectionRegistry) {
        self.loops = loops
        self.pipeline = pipeline
        self.registry = registry
    }

    /// May block until the loops have done what was received before. Not to be called on one of them.
    func receive(_ entry: ConnectionRegistry.Entry) {
        room.wait()
        let number = count.wrappingAdd(1, ordering: .relaxed).oldValue % loops.count
        let loop = loops[number]
        loop.execute {
            ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    do {
                        try self.setUp(channel, loop: number, entry)
                        return channel.eventLoop.makeSucceededVoidFuture()
                    } catch {
                        return channel.eventLoop.makeFailedFuture(error)
                    }
                }
                .withConnectedSocket(entry.socket)
                .whenComplete { result in
                    self.room.signal()
                    // It has gone, and nobody has to hear of it. (Where the system cannot watch one more descriptor, NIO
                    // ends the process.)
                    if case .failure = result { self.registry.remove(entry) }
                }
        }
    }

    private func setUp(_ channel: any Channel, loop: Int, _ entry: ConnectionRegistry.Entry) throws {
        // Set here and not as the bootstrap's own, which takes a fifth of what a connection costs.
        let options = channel.syncOptions
        // Whoever floods us with bytes has one buffer's turn, and then the others have theirs. It is also the number of
        // buffers that a connection keeps.
        try options?.setOption(.maxMessagesPerRead, value: 1)
        try options?.setOption(.allowRemoteHalfClosure, value: true)
        try pipeline.install(on: channel, loop: loop, entry)
    }
}
