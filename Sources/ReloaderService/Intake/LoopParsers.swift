import JSONPath

/// One JSON parser for each event loop of a server, so that its memory is used again and no delivery waits for another
/// loop's.
final class LoopParsers: Sendable {
    private let parsers: [LoopParser]

    /// `@unchecked Sendable`: each is used on one event loop only, by `parse(_:loop:_:)`, whose callers pass their own.
    private final class LoopParser: @unchecked Sendable {
        var parser = JSONParser()
    }

    init(loops: Int) { parsers = (0..<loops).map { _ in LoopParser() } }

    /// Parses on the calling event loop, which is the one with this number.
    func parse<Result>(_ bytes: [UInt8], loop: Int, _ body: (JSONNode) -> Result) throws(JSONError) -> Result {
        try parsers[loop].parser.parse(bytes, body)
    }
}
