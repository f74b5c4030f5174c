import NIOCore
import NIOHTTP1

/// The request decoder of NIO, which knows a fixed list of methods and stops at any other: this reads from the request's
/// first line what was asked for, so that the answer can be the right one (405, or 404 for the path).
struct RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let decoder: HTTPRequestDecoder

    init(limits: NIOHTTPDecoderLimitConfiguration) { decoder = HTTPRequestDecoder(limitConfiguration: limits) }

    func decoderAdded(context: ChannelHandlerContext) { decoder.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { decoder.decoderRemoved(context: context) }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        do {
            return try decoder.decode(context: context, buffer: &buffer)
        } catch HTTPParserError.invalidMethod {
            throw UnknownMethod(firstLineOf: buffer) ?? HTTPParserError.invalidMethod
        }
    }

    func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }
}

/// A request line (RFC 9112 §3) that is well formed but for a method that the decoder does not know. Only such a line at
/// the start of what was read is recognised; anything else stays what it was to the decoder, malformed.
struct UnknownMethod: Error {
    let method: String
    let target: String

    init?(firstLineOf buffer: ByteBuffer) {
        // What a client sends after the last body beside its length is skipped, as the decoder does.
        let bytes = buffer.readableBytesView.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
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
        target = String(decoding: parts[1], as: UTF8.self)
    }
}

extension UInt8 {
    /// RFC 9110 §5.6.2.
    fileprivate var isTokenCharacter: Bool {
        isASCIILetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}
