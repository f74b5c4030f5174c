/// Compiles RFC 9535's text, rule by rule of its grammar; `JSONPathParser+Filter` holds the filters'.
///
/// Evaluation recurses along the compiled query, so its size is what bounds the stack.
struct JSONPathParser {
    /// Segments in the whole query, its filters' included.
    static let maximumSegments = 500
    /// Filters, brackets and function calls inside each other.
    static let maximumNesting = 50
    /// RFC 9535 §2.1: whole numbers within I-JSON's exact range.
    static let maximumInteger = 1 << 53 - 1

    var scanner: Scanner
    /// What is valid and yet surely not meant.
    var warnings: [JSONPathError] = []
    private var segmentCount = 0
    private var nesting = 0

    init(_ query: String) {
        scanner = Scanner(query)
    }

    /// `jsonpath-query = root-identifier segments`
    mutating func parse() throws(JSONPathError) -> Query {
        guard scanner.take("$") else {
            throw error("a path begins with $", hint: hintForMissingRoot())
        }
        let query = Query(root: .document, segments: try segments())
        guard scanner.isAtEnd else { throw unexpectedAfterQuery() }
        return query
    }

    /// `segments = *(S segment)`; blank space that no segment follows is left alone.
    mutating func segments() throws(JSONPathError) -> [Segment] {
        var segments: [Segment] = []
        while true {
            let end = scanner.position
            scanner.skipBlanks()
            guard let segment = try segment() else {
                scanner.position = end
                return segments
            }
            segments.append(segment)
            segmentCount += 1
            if segmentCount > Self.maximumSegments {
                throw error("the path is too long: at most \(Self.maximumSegments) segments are taken")
            }
        }
    }

    private mutating func segment() throws(JSONPathError) -> Segment? {
        if scanner.take("..") {
            if scanner.take("[") { return .descendant(try bracketed()) }
            return .descendant([try shorthand(after: "..")])
        }
        if scanner.take(".") { return .child([try shorthand(after: ".")]) }
        if scanner.take("[") { return .child(try bracketed()) }
        return nil
    }

    /// `wildcard-selector / member-name-shorthand`
    private mutating func shorthand(after dots: String) throws(JSONPathError) -> Selector {
        if scanner.take("*") { return .wildcard }
        guard scanner.peek?.isNameStart == true else {
            throw error("a name or * must follow \(dots)", hint: hintForShorthand())
        }
        let start = scanner.position
        let name = scanner.take { $0.isNamePart }
        if scanner.isNext("-") { throw error("a name ends here", hint: hintForDash(nameStart: start)) }
        return .name(Array(name))
    }

    /// What follows `[`: `S selector *(S "," S selector) S "]"`
    private mutating func bracketed() throws(JSONPathError) -> [Selector] {
        let opening = scanner.position - 1
        var selectors: [Selector] = []
        repeat {
            scanner.skipBlanks()
            selectors.append(try selector())
            scanner.skipBlanks()
        } while scanner.take(",")
        guard scanner.take("]") else {
            if scanner.isAtEnd { throw error("this [ is never closed", at: opening) }
            throw error("] or , expected")
        }
        return selectors
    }

    private mutating func selector() throws(JSONPathError) -> Selector {
        switch scanner.peek {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return .name(try quoted())
        case UInt8(ascii: "*"):
            scanner.position += 1
            return .wildcard
        case UInt8(ascii: "?"):
            scanner.position += 1
            scanner.skipBlanks()
            return .filter(try nested { parser throws(JSONPathError) in try parser.condition() })
        case UInt8(ascii: ":"), UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            return try indexOrSlice()
        default:
            throw error("a quoted name, an index, a slice, * or ?filter must follow [", hint: hintForBracket())
        }
    }

    /// `index-selector / slice-selector`, the latter `[start S] ":" S [end S] [":" [S step]]`
    private mutating func indexOrSlice() throws(JSONPathError) -> Selector {
        let start = try integer()
        let afterStart = scanner.position
        scanner.skipBlanks()
        guard scanner.take(":") else {
            scanner.position = afterStart
            guard let start else { throw error("an index expected") }
            return .index(start)
        }
        scanner.skipBlanks()
        let end = try integer()
        let afterEnd = scanner.position
        scanner.skipBlanks()
        guard scanner.take(":") else {
            scanner.position = afterEnd
            return .slice(Slice(start: start, end: end, step: 1))
        }
        scanner.skipBlanks()
        return .slice(Slice(start: start, end: end, step: try integer() ?? 1))
    }

    /// `int = "0" / (["-"] DIGIT1 *DIGIT)`, within the exact range; nil if none comes next.
    private mutating func integer() throws(JSONPathError) -> Int? {
        let start = scanner.position
        let isNegative = scanner.take("-")
        let digits = scanner.take { $0.isDigit }
        guard let first = digits.first else {
            if isNegative { throw error("digits must follow -") }
            return nil
        }
        if first == UInt8(ascii: "0"), isNegative || digits.count > 1 {
            throw error("an index has no leading zero and no -0", at: start)
        }
        guard let value = Int(String(decoding: digits, as: UTF8.self)), value <= Self.maximumInteger else {
            throw error("an index must lie between -(2^53-1) and 2^53-1", at: start)
        }
        return isNegative ? -value : value
    }

    /// Parses something that may hold itself, within the bound.
    mutating func nested<Result>(
        _ parse: (inout Self) throws(JSONPathError) -> Result
    ) throws(JSONPathError) -> Result {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > Self.maximumNesting {
            throw error("nested too deep: at most \(Self.maximumNesting) levels are taken")
        }
        return try parse(&self)
    }

    func error(_ message: String, at offset: Int? = nil, hint: String? = nil) -> JSONPathError {
        JSONPathError(offset: offset ?? scanner.position, message: message, hint: hint)
    }
}
