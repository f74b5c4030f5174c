import CLLHTTP
import NIOCore

/// llhttp for the requests of one connection. It is asked for one event after the other and stops at each, so that
/// nothing is read beyond the request at hand, and what a head says is copied once, in one piece, when it is complete.
///
/// This is what NIO's own decoder wraps as well; that one makes two strings of each header field and a message of each
/// event, which cost a delivery more than llhttp and everything else about its HTTP together.
final class RequestParser {
    enum Event {
        case head(ParsedHead)
        /// The next bytes of the body; after a failure and after an upgrade, whatever comes.
        case body(ByteBuffer)
        /// The request is complete.
        case end
        /// What came is no request. Nothing after it is understood.
        case failed(Failure)
    }

    enum Failure {
        case headTooLarge
        case malformed
        case unknownMethod(UnknownMethod)
    }

    private enum Condition {
        case parsing
        /// llhttp has given up on a first line whose end is not here yet.
        case awaitsLineEnd
        /// Nothing more is understood.
        case over
    }

    private let parser: UnsafeMutablePointer<c_llhttp_t>
    private let state: UnsafeMutablePointer<ParserState>
    private let limit: Int
    private var condition = Condition.parsing
    /// An event was told of that another may follow without further bytes.
    private var isPaused = false
    /// What llhttp has read of a first line whose target has not begun: it stays in the buffer, for the case that nobody
    /// knows the method.
    private var readAhead = 0

    /// - Parameter limit: bytes of a request's line up to its target's end, of its names and values, of its chunks'
    ///   extensions and of its trailers, together.
    init(limit: Int) {
        self.limit = limit
        parser = .allocate(capacity: 1)
        parser.initialize(to: c_llhttp_t())
        state = .allocate(capacity: 1)
        state.initialize(to: ParserState(limit: limit))
        c_llhttp_init(parser, HTTP_REQUEST, parserCalls)
        parser.pointee.data = UnsafeMutableRawPointer(state)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        parser.deallocate()
    }

    /// A request has begun and its head is not complete.
    var isInsideHead: Bool {
        switch condition {
        case .parsing: state.pointee.isInsideHead
        case .awaitsLineEnd: true
        case .over: false
        }
    }

    /// The next event, which is taken out of the buffer; nil when the buffer is read to its end and more is needed.
    func next(in buffer: inout ByteBuffer) -> Event? {
        switch condition {
        case .parsing: parse(&buffer)
        case .awaitsLineEnd: unknownMethod(in: buffer)
        case .over: rest(of: &buffer)
        }
    }

    private func parse(_ buffer: inout ByteBuffer) -> Event? {
        if state.pointee.phase == .between, !isPaused { skipEmptyLines(&buffer) }
        guard buffer.readableBytes > readAhead || isPaused else { return nil }
        isPaused = false
        let (error, count) = buffer.withUnsafeReadableBytes { execute($0) }
        readAhead = 0
        switch error {
        case HPE_OK where state.pointee.phase == .line:
            // llhttp takes any number of spaces before a target.
            guard count <= limit else { return fail(.headTooLarge) }
            readAhead = count
            return nil
        case HPE_OK:
            buffer.moveReaderIndex(forwardBy: count)
            guard state.pointee.head.count <= limit + Self.slack else { return fail(.headTooLarge) }
            return nil
        case HPE_PAUSED:
            // Behind a request's end there is only the word that the peer now speaks another protocol.
            isPaused = state.pointee.stop != .end || parser.pointee.upgrade != 0
            return event(in: &buffer, upTo: count)
        case HPE_PAUSED_UPGRADE:
            buffer.moveReaderIndex(forwardBy: count)
            condition = .over
            return rest(of: &buffer)
        case HPE_INVALID_METHOD:
            return unknownMethod(in: buffer)
        default:
            return fail(state.pointee.isTooLarge ? .headTooLarge : .malformed)
        }
    }

    /// What is allowed before a request (RFC 9112 §2.2) is no part of its line.
    private func skipEmptyLines(_ buffer: inout ByteBuffer) {
        while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), byte == 0x0D || byte == 0x0A {
            buffer.moveReaderIndex(forwardBy: 1)
        }
    }

    /// What stands between names and values is not counted with them, and takes room too: four bytes a field where nobody
    /// pads it with white space, and the line's end.
    private static let slack = 1024

    /// Returns llhttp's word and how many of the bytes it has read.
    private func execute(_ bytes: UnsafeRawBufferPointer) -> (error: c_llhttp_errno_t, count: Int) {
        // It wants a place even for nothing.
        let base = (bytes.baseAddress ?? UnsafeRawPointer(parser)).assumingMemoryBound(to: CChar.self)
        state.pointee.begin(at: base)
        let error = c_llhttp_execute(parser, base + readAhead, bytes.count - readAhead)
        var count = bytes.count
        if error == HPE_PAUSED || error == HPE_PAUSED_UPGRADE {
            count = c_llhttp_get_error_pos(parser).map { $0 - base } ?? 0
            if error == HPE_PAUSED { c_llhttp_resume(parser) }
        }
        state.pointee.ended(bytes.prefix(count))
        return (error, count)
    }

    private func event(in buffer: inout ByteBuffer, upTo count: Int) -> Event? {
        defer { buffer.moveReaderIndex(forwardBy: count) }
        switch state.pointee.stop {
        case .head:
            // llhttp knows 0.9 and 2.0 too.
            guard parser.pointee.http_major == 1 else { return fail(.malformed) }
            guard state.pointee.head.count <= limit + Self.slack else { return fail(.headTooLarge) }
            let (target, headers) = state.pointee.takeHead()
            return .head(
                ParsedHead(
                    method: parser.pointee.methodName,
                    target: target,
                    isHTTP10: parser.pointee.http_minor == 0,
                    keepsAlive: c_llhttp_should_keep_alive(parser) != 0,
                    headers: headers
                )
            )
        case .body(let start, let count):
            return buffer.getSlice(at: buffer.readerIndex + start, length: count).map { .body($0) }
        case .end:
            return .end
        case nil:
            return nil
        }
    }

    private func fail(_ failure: Failure) -> Event {
        condition = .over
        return .failed(failure)
    }

    private func rest(of buffer: inout ByteBuffer) -> Event? {
        guard buffer.readableBytes > 0 else { return nil }
        defer { buffer.clear() }
        return .body(buffer)
    }

    /// Each read looks at the whole line again.
    private func unknownMethod(in buffer: ByteBuffer) -> Event? {
        guard UnknownMethod.mayBegin(buffer) else {
            return fail(UnknownMethod(firstLineOf: buffer).map { .unknownMethod($0) } ?? .malformed)
        }
        guard buffer.readableBytes <= limit else { return fail(.headTooLarge) }
        condition = .awaitsLineEnd
        return nil
    }
}

/// A request's line and header fields, as they were read.
struct ParsedHead {
    var method: String
    var target: String
    var isHTTP10 = false
    /// The peer wants to send further requests.
    var keepsAlive = true
    var headers = RequestHeaders()
}

extension c_llhttp_t {
    fileprivate var methodName: String {
        switch c_llhttp_method(rawValue: UInt32(method)) {
        case HTTP_POST: "POST"
        case HTTP_GET: "GET"
        case let method: c_llhttp_method_name(method).map { String(cString: $0) } ?? ""
        }
    }
}
