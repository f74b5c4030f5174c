import NIOCore
import NIOEmbedded
import Testing
import Vocabulary

@testable import Listener

@Suite("What bodies under way may hold")
struct BodyRoomTests {
    private final class Connection {}
    private typealias Room = BodyRoom<Connection>
    private static let mebibyte = 1024 * 1024

    @Test("whatever bodies grow and end, together they hold no more than the bound, and the largest has gone for it")
    func bound() throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let limit = [Self.mebibyte, 6 * Self.mebibyte][Int(seed % 2)]
            let bound = max(Room.usual, limit * Room.wholeBodies)
            let connections = (0..<100).map { _ in Connection() }
            var sizes = [Int](repeating: 0, count: connections.count)
            var room = Room()
            var evictions = 0
            for _ in 0..<3000 {
                let index = Int.random(in: 0..<100, using: &generator)
                if sizes[index] > 0, Int.random(in: 0..<20, using: &generator) == 0 {
                    room.ended(connections[index])
                    sizes[index] = 0
                    continue
                }
                sizes[index] = min(limit, sizes[index] + Int.random(in: 1...200_000, using: &generator))
                if let gone = room.grew(connections[index], to: sizes[index], of: limit) {
                    let place = try #require(connections.firstIndex { $0 === gone })
                    #expect(sizes[place] == sizes.max())
                    sizes[place] = 0
                    evictions += 1
                }
                #expect(sizes.reduce(0) { $0 + ($1 > Room.uncounted ? $1 : 0) } <= bound)
            }
            #expect(evictions > 0)
        }
    }

    @Test("one body alone never has to go, and small ones are not counted")
    func alone() {
        var room = Room()
        let (large, small) = (Connection(), Connection())
        #expect(room.grew(large, to: 10 * Room.usual, of: 10) == nil)
        #expect(room.grew(small, to: Room.uncounted, of: 10) == nil)
        #expect(room.grew(small, to: Room.uncounted + 1, of: 10) === large)
        #expect(room.grew(large, to: 10 * Room.usual, of: .max) == nil)
    }

    @Test("eight bodies of the largest size allowed have room together, whatever that is")
    func whole() {
        let limit = 100 * Self.mebibyte
        var room = Room()
        let connections = (0..<9).map { _ in Connection() }
        for connection in connections.dropLast() { #expect(room.grew(connection, to: limit, of: limit) == nil) }
        #expect(room.grew(connections[8], to: Room.uncounted + 1, of: limit) != nil)
    }

    @Test("at the bound the largest body gets 503 and is let go; a whole delivery beside it is taken in")
    func connections() throws {
        let loop = EmbeddedEventLoop()
        let handler = TestHandler()
        let registry = ConnectionRegistry(maximum: 100)
        let pipeline = ConnectionPipeline(handler: handler, registry: registry, limits: ServerLimits())
        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel(handler: nil, loop: loop)
            try pipeline.connect(channel, registry)
            #expect(channel.isActive)
            return channel
        }
        func answer(on channel: EmbeddedChannel) throws -> String {
            try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? ""
        }
        let head = "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: \(TestHandler.bodyLimit)\r\n\r\n"
        let strangers = try (0..<40).map { _ in try connect() }
        for (number, channel) in strangers.enumerated() {
            try channel.writeInbound(ByteBuffer(string: head))
            // All but the last byte, and of the seventh one more than of the others.
            let size = TestHandler.bodyLimit - (number == 6 ? 1 : 2)
            try channel.writeInbound(ByteBuffer(repeating: 120, count: size))
            loop.run()
        }
        let refused = try strangers.indices.filter { try answer(on: strangers[$0]).status == 503 }
        #expect(refused.count == 8)
        #expect(refused.contains(6))
        #expect(handler.log.count { $0.hasPrefix("failed crowdedOut") } == 8)
        // Who is let go is read no further, and holds nothing.
        loop.advanceTime(by: .seconds(6))
        #expect(refused.allSatisfy { !strangers[$0].isActive })

        let sender = try connect()
        try sender.writeInbound(ByteBuffer(string: "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"))
        loop.run()
        #expect(try answer(on: sender).status == 202)

        // Those that end make room for others.
        for channel in strangers where channel.isActive { _ = channel.close() }
        loop.run()
        let late = try (0..<31).map { _ in try connect() }
        for channel in late {
            try channel.writeInbound(ByteBuffer(string: head))
            try channel.writeInbound(ByteBuffer(repeating: 120, count: TestHandler.bodyLimit))
            loop.run()
            #expect(try answer(on: channel).status == 202)
        }
    }
}
