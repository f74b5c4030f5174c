import CSimdJSON

/// Why a text is not the JSON that product.md §3 takes in.
package enum JSONError: Error, Equatable, Sendable, CaseIterable {
    /// Nothing but white space.
    case empty
    /// Longer than the parser's bound.
    case tooLarge
    /// Nested deeper than the parser's bound.
    case tooDeep
    /// Not UTF-8.
    case invalidUTF8
    /// A number that JSON does not allow, an integer beyond 64 bits, or a number beyond a double.
    case invalidNumber
    /// A string without its end, with a bare control character, or with an escape that JSON does not have.
    case invalidString
    /// An escape `\uD800`…`\uDFFF` without its other half: no Unicode text.
    case loneSurrogate
    /// Anything else that is not JSON, such as text after the value.
    case syntax
    /// The system gave no memory.
    case outOfMemory
}

extension JSONError: CustomStringConvertible {
    /// A sentence for the sender.
    package var description: String {
        switch self {
        case .empty: "The body is empty; it must be one JSON value."
        case .tooLarge: "The JSON text is larger than this parser takes."
        case .tooDeep: "The JSON text is nested too deep: at most \(JSONParser.maximumDepth) levels are read."
        case .invalidUTF8: "The body is not valid UTF-8."
        case .invalidNumber: "A number is not valid JSON, an integer beyond 64 bits, or beyond what a double holds."
        case .invalidString:
            "A string is not valid JSON: it is not closed, holds a bare control character or a wrong escape."
        case .loneSurrogate: "A string escapes half of a surrogate pair (\\uD800 to \\uDFFF), which is no character."
        case .syntax: "The body is not valid JSON."
        case .outOfMemory: "There is no memory to read the JSON text."
        }
    }
}

/// Reads JSON texts one after the other into memory that it keeps, so that after the first few a parse allocates
/// nothing. Made for one thread or event loop; that it cannot be copied keeps a second parse from starting while
/// a document is looked at.
package struct JSONParser: ~Copyable {
    /// How deep arrays and objects may nest (product.md §3).
    package static let maximumDepth = 1024

    private let handle: OpaquePointer?

    /// Bytes that a text may have unless something else is asked for.
    package static let standardLimit = 64 << 20

    /// A parser for texts of at most `maximumBytes`. It holds about 15 times the longest text that it has seen.
    /// `enclosingDepth` is for what holds such a text inside something of our own.
    package init(maximumBytes: Int = Self.standardLimit, enclosingDepth: Int = 0) {
        handle = csj_parser_create(maximumBytes, Self.maximumDepth + enclosingDepth)
    }

    deinit {
        if let handle { csj_parser_free(handle) }
    }

    /// Parses `bytes` and calls `body` with the document's root. Nodes are places in the parser's memory: none may
    /// leave `body`.
    ///
    /// A byte order mark is skipped; of repeated names in one object the first counts, the others do not exist.
    package mutating func parse<Result>(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (JSONNode) -> Result
    ) throws(JSONError) -> Result {
        guard let handle else { throw .outOfMemory }
        var root = CSJNode()
        if let error = JSONError(csj_parse(handle, bytes.baseAddress, bytes.count, &root)) { throw error }
        return body(JSONNode(handle: root))
    }

    /// As `parse(_:_:)` of a buffer.
    package mutating func parse<Result>(
        _ bytes: [UInt8],
        _ body: (JSONNode) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try parse(UnsafeRawBufferPointer(buffer), body)
        }
    }
}

extension JSONError {
    fileprivate init?(_ code: CSJError) {
        switch code {
        case .none: return nil
        case .empty: self = .empty
        case .tooLarge: self = .tooLarge
        case .tooDeep: self = .tooDeep
        case .invalidUTF8: self = .invalidUTF8
        case .number: self = .invalidNumber
        case .string: self = .invalidString
        case .loneSurrogate: self = .loneSurrogate
        case .syntax: self = .syntax
        case .outOfMemory: self = .outOfMemory
        }
    }
}
