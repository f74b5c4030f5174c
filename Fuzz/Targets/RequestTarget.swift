import NIOCore
import NIOEmbedded
import Vocabulary

@testable import Listener

/// The first byte tells how what follows is cut; what follows is all that a peer sends. Whatever it is, each request that
/// is let through can be read in one way only, every answer is complete, and cuts make no difference.
let fuzzRequest: FuzzTarget = { input in
    guard let first = input.first else { return }
    let whole = Exchange([input.dropFirst()])
    var pieces: [ArraySlice<UInt8>] = []
    var rest = input.dropFirst()
    // Few enough that a long input costs no more time than it is worth.
    let size = max(Int(first % 32) + 1, rest.count / 24)
    while !rest.isEmpty {
        pieces.append(rest.prefix(size))
        rest = rest.dropFirst(size)
    }
    let cut = Exchange(pieces)
    check(whole.answers == cut.answers, "\(whole.answers) in one piece, \(cut.answers) in many")
    check(whole.taken == cut.taken, "cuts changed what was taken in")

    let parser = RequestParser(limit: 64)
    var unread = ByteBuffer()
    for piece in pieces {
        unread.writeBytes(piece)
        while parser.next(in: &unread) != nil {}
        check(unread.readableBytes <= 64, "\(unread.readableBytes) bytes are kept unread")
    }
}

/// What came of one connection's bytes.
private struct Exchange {
    var answers: [Int] = []
    var taken: [[UInt8]] = []

    init(_ pieces: [ArraySlice<UInt8>]) {
        let handler = Witness()
        let channel = EmbeddedChannel()
        let pipeline = ConnectionPipeline(
            handler: handler,
            registry: ConnectionRegistry(maximum: 1),
            limits: ServerLimits()
        )
        do {
            let entry = ConnectionRegistry.Entry(
                began: channel.eventLoop.now,
                peer: .unixSocket,
                socket: -1
            )
            try pipeline.install(on: channel, loop: 0, entry)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        } catch {
            fatalError("\(error)")
        }
        var output: [UInt8] = []
        for piece in pieces {
            // A channel that has closed refuses.
            _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
            channel.embeddedEventLoop.run()
            while let bytes = try? channel.readOutbound(as: ByteBuffer.self) { output += bytes.readableBytesView }
        }
        var closes = false
        var rest = output[...]
        while !rest.isEmpty {
            check(!closes, "an answer follows the last one")
            closes = readAnswer(&rest)
        }
        check(closes != channel.isActive, closes ? "open after the last answer" : "closed without a word")
        _ = try? channel.finish(acceptAlreadyClosed: true)
        taken = handler.taken
    }

    private static let headEnd: [UInt8] = [13, 10, 13, 10]

    /// - Returns: whether the answer says that it is the last.
    private mutating func readAnswer(_ rest: inout ArraySlice<UInt8>) -> Bool {
        var end = rest.startIndex
        while rest[end] != 13 || !rest[end...].starts(with: Self.headEnd) {
            end += 1
            check(end < rest.endIndex, "an answer without an end")
        }
        let head = rest[..<end].split(separator: 13).map { String(decoding: $0.drop { $0 == 10 }, as: UTF8.self) }
        guard let status = head.first.flatMap({ Int($0.dropFirst(9).prefix(3)) }) else {
            fatalError("no status")
        }
        rest = rest[(end + 4)...]
        guard status != 100 else { return false }
        check([202, 204, 400, 405, 413, 431].contains(status), "answered \(status)")
        let length = head.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        // 204 is what the witness says to HEAD.
        check(rest.count >= length, "a body is cut short")
        rest = rest.dropFirst(length)
        answers.append(status)
        return head.contains("connection: close")
    }
}

/// Takes every body, and checks each head that it is given.
private final class Witness: RequestHandler {
    /// One connection on one thread.
    nonisolated(unsafe) var taken: [[UInt8]] = []

    func receive(_ head: RequestHead, onLoop loop: Int) -> Reception {
        let lengths = values("content-length", of: head)
        let codings = values("transfer-encoding", of: head)
        check(lengths.count + codings.count <= 1, "a message with two lengths")
        check(lengths.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 > 47 && $0 < 58 } }, "length \(lengths)")
        check(codings.allSatisfy { $0.lowercased() == "chunked" }, "coding \(codings)")
        check(values("host", of: head).count <= 1, "two hosts")
        // Its bytes: to Swift a slash with an accent behind it is another character.
        check(head.path.utf8.first == 0x2F || head.path == "*", "path \(head.path)")
        switch head.method {
        case "POST": return .receive(limit: 64, Taker(self))
        case "HEAD": return .answer(Response(status: 204))
        default: return .answer(.problem(status: 405))
        }
    }

    private func values(_ name: String, of head: RequestHead) -> [String] {
        var values: [String] = []
        head.headers.forEachValue(named: name) { values.append($0) }
        return values
    }
}

private final class Taker: BodyReceiver {
    private let witness: Witness
    private var body: [UInt8] = []

    init(_ witness: Witness) { self.witness = witness }

    func received(_ bytes: UnsafeRawBufferPointer) {
        body += bytes
        check(body.count <= 64, "more than the limit")
    }

    func finished(step: Int) -> Answer? {
        witness.taken.append(body)
        return .now(Response(status: 202, body: body))
    }

    func failed(_ failure: BodyFailure) -> Response { failure.response }

    func abandoned() {}
}
