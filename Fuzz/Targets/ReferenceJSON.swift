import JSONPath

/// A JSON value as plain Swift: what the reference evaluator walks.
indirect enum ReferenceValue: Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string([UInt8])
    case array([ReferenceValue])
    case object([Member])

    struct Member: Equatable {
        let name: [UInt8]
        let value: ReferenceValue
    }

    /// The members' values, by a name that occurs once.
    func member(_ name: [UInt8]) -> ReferenceValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

/// Reads JSON as product.md §3 has it, straight from RFC 8259's grammar and with none of simdjson's tricks: what it
/// takes must be what `JSONParser` takes.
struct ReferenceJSON {
    private struct Refused: Error {}

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Nil for what is no JSON.
    static func parse(_ text: [UInt8]) -> ReferenceValue? {
        let bytes = text.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.dropFirst(3)) : text
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var parser = ReferenceJSON(bytes: bytes)
        guard let value = try? parser.value() else { return nil }
        parser.skipBlanks()
        return parser.position == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func value() throws -> ReferenceValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return .object(try nested { parser in try parser.members() })
        case UInt8(ascii: "["): return .array(try nested { parser in try parser.elements() })
        case UInt8(ascii: "\""): return .string(try string())
        case .some:
            if take("null") { return .null }
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            return .number(try number())
        case nil: throw Refused()
        }
    }

    private mutating func nested<Result>(_ read: (inout Self) throws -> Result) throws -> Result {
        position += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= JSONParser.maximumDepth else { throw Refused() }
        return try read(&self)
    }

    private mutating func elements() throws -> [ReferenceValue] {
        var elements: [ReferenceValue] = []
        skipBlanks()
        if take("]") { return elements }
        repeat {
            elements.append(try value())
            skipBlanks()
        } while take(",")
        guard take("]") else { throw Refused() }
        return elements
    }

    /// Of repeated names the first counts.
    private mutating func members() throws -> [ReferenceValue.Member] {
        var members: [ReferenceValue.Member] = []
        skipBlanks()
        if take("}") { return members }
        repeat {
            skipBlanks()
            let name = try string()
            skipBlanks()
            guard take(":") else { throw Refused() }
            let value = try value()
            if !members.contains(where: { $0.name == name }) { members.append(.init(name: name, value: value)) }
            skipBlanks()
        } while take(",")
        guard take("}") else { throw Refused() }
        return members
    }

    private mutating func number() throws -> JSONNumber {
        let start = position
        while let byte = peek, byte.isASCIIDigit || "+-.eE".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = JSONNumber(json: text) else { throw Refused() }
        if case .double(let double) = number {
            let isInteger = !text.contains { ".eE".contains($0) }
            guard double.isFinite, !isInteger else { throw Refused() }
        }
        return number
    }

    private mutating func string() throws -> [UInt8] {
        guard take("\"") else { throw Refused() }
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw Refused()
            default: text.append(byte)
            }
        }
        throw Refused()
    }

    private mutating func escape() throws -> [UInt8] {
        let escaped = peek
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[position - 1]]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw Refused()
        }
        var units = [try unit()]
        if (0xD800..<0xDC00).contains(units[0]), take("\\u") { units.append(try unit()) }
        guard let text = String(validating: units, as: UTF16.self) else { throw Refused() }
        return Array(text.utf8)
    }

    private mutating func unit() throws -> UInt16 {
        guard position + 4 <= bytes.count else { throw Refused() }
        let digits = bytes[position..<position + 4]
        guard digits.allSatisfy(\.isHexDigit) else { throw Refused() }
        position += 4
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
    }
}

extension UInt8 {
    fileprivate var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isHexDigit: Bool {
        isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
