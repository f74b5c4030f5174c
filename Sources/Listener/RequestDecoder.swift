import NIOCore
import NIOHTTP1

/// The request decoder of NIO, which knows a fixed list of methods and stops at any other: this reads from the request's
/// first line what was asked for, so that the answer can be the right one (405, or 404 for the path). It waits for the
/// line's end, as for any other request's.
struct RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let decoder: HTTPRequestDecoder
    private let longestLine: Int
    /// The decoder has given up on a line whose end is not here yet.
    private var awaitsLineEnd = false

    init(limits: NIOHTTPDecoderLimitConfiguration) {
        decoder = HTTPRequestDecoder(limitConfiguration: limits)
        longestLine = limits.maxHeaderListSize
    }

    func decoderAdded(context: ChannelHandlerContext) { decoder.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { decoder.decoderRemoved(context: context) }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard !awaitsLineEnd else { return try unknownMethod(in: buffer) }
        do {
            return try decoder.decode(context: context, buffer: &buffer)
        } catch HTTPParserError.invalidMethod {
            return try unknownMethod(in: buffer)
        }
    }

    private mutating func unknownMethod(in buffer: ByteBuffer) throws -> DecodingState {
        awaitsLineEnd = UnknownMethod.mayBegin(buffer)
        guard !awaitsLineEnd else {
            // Each read looks at the whole line again.
            guard buffer.readableBytes <= longestLine else { throw HTTPParserError.headerOverflow }
            return .needMoreData
        }
        throw UnknownMethod(firstLineOf: buffer) ?? HTTPParserError.invalidMethod
    }

    mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        guard !awaitsLineEnd else { throw HTTPParserError.invalidEOFState }
        return try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }
}

/// A request line (RFC 9112 §3) that is well formed but for a method that the decoder does not know. Only such a line at
/// the start of what was read is recognised, since the decoder does not say where it stopped; anything else stays what it
/// was to the decoder, malformed.
struct UnknownMethod: Error {
    let method: String
    let target: String

    /// What a client sends after the last body beside its length is skipped, as the decoder does.
    private static func line(_ buffer: ByteBuffer) -> ByteBufferView {
        buffer.readableBytesView.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// Whether this is the beginning of a line that could be one.
    static func mayBegin(_ buffer: ByteBuffer) -> Bool {
        let bytes = line(buffer)
        let method = bytes.prefix { $0 != UInt8(ascii: " ") }
        return !method.isEmpty && method.allSatisfy(\.isTokenCharacter) && !bytes.contains(UInt8(ascii: "\n"))
    }

    init?(firstLineOf buffer: ByteBuffer) {
        let bytes = Self.line(buffer)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end > bytes.startIndex,
            bytes[bytes.index(before: end)] == UInt8(ascii: "\r")
        else { return nil }
        let parts = bytes[..<bytes.index(before: end)].split(
            separator: UInt8(ascii: " "),
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenCharacter), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8)
        else { return nil }
        method = String(decoding: parts[0], as: UTF8.self)
        // The end of a longer word that the decoder has begun to read in an earlier buffer.
        guard case .RAW = HTTPMethod(rawValue: method) else { return nil }
        target = String(decoding: parts[1], as: UTF8.self)
    }
}

extension UInt8 {
    /// RFC 9110 §5.6.2.
    fileprivate var isTokenCharacter: Bool {
        isASCIILetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}
