import CLLHTTP

/// What llhttp tells of a request while it reads, put together. A value at a fixed place and not an object: to reach an
/// object from C is to count it, twice for each header field.
struct ParserState {
    enum Phase { case between, line, target, name, value, body, trailerName, trailerValue }

    /// At what llhttp was told to pause.
    enum Stop: Equatable {
        case head, end
        /// Bytes of the body, by their place in what is being read.
        case body(start: Int, count: Int)
    }

    /// llhttp's own words for a callback's result.
    private enum Result {
        static let goOn: Int32 = 0
        static let pause = Int32(HPE_PAUSED.rawValue)
        static let fail: Int32 = -1
    }

    private(set) var phase = Phase.between
    /// nil while it goes on.
    private(set) var stop: Stop?
    private(set) var isTooLarge = false
    /// The bytes of a head from its target on, as far as they are kept.
    private(set) var head: [UInt8] = []
    private var targetEnd = 0
    private var fields: [RequestHeaders.Field] = []
    private var size = 0
    private var count = 0
    /// What is being read.
    private var base: UnsafePointer<CChar>?
    /// What to add to a place in what is being read for its place in the head.
    private var shift = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var isInsideHead: Bool {
        switch phase {
        case .line, .target, .name, .value: true
        case .between, .body, .trailerName, .trailerValue: false
        }
    }

    mutating func begin(at base: UnsafePointer<CChar>) {
        self.base = base
        shift = head.count
        stop = nil
    }

    /// llhttp has read these bytes: keeps what belongs to a head, whether it is complete or not.
    mutating func ended(_ bytes: UnsafeRawBufferPointer.SubSequence) {
        if stop == .head || isInsideHead && phase != .line { head += bytes.dropFirst(max(0, -shift)) }
    }

    /// What the head says that is complete.
    mutating func takeHead() -> (target: String, headers: RequestHeaders) {
        // llhttp drops white space before a value, not after it.
        for index in fields.indices {
            while fields[index].valueEnd > fields[index].valueStart, isBlank(before: fields[index].valueEnd) {
                fields[index].valueEnd -= 1
            }
        }
        defer {
            head = []
            fields = []
        }
        return (String(decoding: head[..<targetEnd], as: UTF8.self), RequestHeaders(head, fields: fields))
    }

    private func isBlank(before end: UInt32) -> Bool {
        let byte = head[Int(end) - 1]
        return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    // MARK: What llhttp calls

    mutating func messageBegan() -> Int32 {
        phase = .line
        size = 0
        count = 0
        return Result.goOn
    }

    mutating func targetRead(_ start: UnsafePointer<CChar>, _ length: Int) -> Int32 {
        if phase == .line {
            phase = .target
            // The line is read from its beginning.
            size = offset(of: start)
            shift = -place(of: start)
            fields.reserveCapacity(16)
        }
        targetEnd = place(of: start) + length
        return counted(length)
    }

    mutating func nameRead(_ start: UnsafePointer<CChar>, _ length: Int) -> Int32 {
        switch phase {
        case .name: fields[fields.count - 1].nameEnd = UInt32(place(of: start) + length)
        case .target, .value:
            phase = .name
            count += 1
            let start = UInt32(place(of: start))
            fields.append(RequestHeaders.Field(nameStart: start, nameEnd: start + UInt32(length)))
        case .trailerName: break
        case .body, .trailerValue:
            phase = .trailerName
            count += 1
        case .between, .line: return Result.fail
        }
        return counted(length)
    }

    mutating func valueRead(_ start: UnsafePointer<CChar>, _ length: Int) -> Int32 {
        switch phase {
        case .name:
            let last = fields.count - 1
            // llhttp takes a field without a name for one.
            guard fields[last].nameEnd > fields[last].nameStart else { return Result.fail }
            phase = .value
            fields[last].valueStart = UInt32(place(of: start))
            fields[last].valueEnd = UInt32(place(of: start) + length)
        case .value: fields[fields.count - 1].valueEnd = UInt32(place(of: start) + length)
        case .trailerName: phase = .trailerValue
        case .trailerValue: break
        case .between, .line, .target, .body: return Result.fail
        }
        return counted(length)
    }

    /// What stands behind a chunk's size. Nobody here uses it, so no limit of the body's would end it (CVE-2024-22019).
    mutating func extensionRead(_ length: Int) -> Int32 { counted(length) }

    mutating func headEnded() -> Int32 {
        phase = .body
        stop = .head
        return Result.pause
    }

    mutating func bodyRead(_ start: UnsafePointer<CChar>, _ length: Int) -> Int32 {
        // So it says when it is asked to go on and there is nothing new.
        guard length > 0 else { return Result.goOn }
        stop = .body(start: offset(of: start), count: length)
        return Result.pause
    }

    mutating func messageEnded() -> Int32 {
        phase = .between
        stop = .end
        return Result.pause
    }

    private func offset(of pointer: UnsafePointer<CChar>) -> Int { base.map { pointer - $0 } ?? 0 }

    private func place(of pointer: UnsafePointer<CChar>) -> Int { offset(of: pointer) + shift }

    private mutating func counted(_ length: Int) -> Int32 {
        size += length
        // Beside the size, so that a head of thousands of empty fields is one too.
        isTooLarge = size > limit || count > Self.mostFields
        return isTooLarge ? Result.fail : Result.goOn
    }

    private static let mostFields = 128
}

/// The calls of all parsers, which find their state by the pointer that llhttp carries along. `nonisolated(unsafe)`: it is
/// written here, once, and llhttp only reads it.
nonisolated(unsafe) let parserCalls: UnsafePointer<c_llhttp_settings_t> = {
    let calls = UnsafeMutablePointer<c_llhttp_settings_t>.allocate(capacity: 1)
    c_llhttp_settings_init(calls)
    calls.pointee.on_message_begin = { $0.state.pointee.messageBegan() }
    calls.pointee.on_url = { $0.state.pointee.targetRead($1.unsafelyUnwrapped, $2) }
    calls.pointee.on_header_field = { $0.state.pointee.nameRead($1.unsafelyUnwrapped, $2) }
    calls.pointee.on_header_value = { $0.state.pointee.valueRead($1.unsafelyUnwrapped, $2) }
    calls.pointee.on_chunk_extension_name = { $0.state.pointee.extensionRead($2) }
    calls.pointee.on_chunk_extension_value = { $0.state.pointee.extensionRead($2) }
    calls.pointee.on_headers_complete = { $0.state.pointee.headEnded() }
    calls.pointee.on_body = { $0.state.pointee.bodyRead($1.unsafelyUnwrapped, $2) }
    calls.pointee.on_message_complete = {
        // Or the length would be counted on where the next request has none (nodejs/llhttp issue 202).
        $0?.pointee.content_length = 0
        return $0.state.pointee.messageEnded()
    }
    return UnsafePointer(calls)
}()

extension UnsafeMutablePointer<c_llhttp_t>? {
    /// llhttp hands the parser over in each call.
    fileprivate var state: UnsafeMutablePointer<ParserState> {
        unsafelyUnwrapped.pointee.data.assumingMemoryBound(to: ParserState.self)
    }
}
