/// The header fields of a delivery as its rooms need them. Names are compared without regard to case; every value of
/// a repeated field is given, in order, since a repeated signature is a refusal (queue.md S6).
package protocol HeaderFields {
    /// Calls `visit` with every value of the field, in order; makes no array, because every verification comes here.
    func forEachValue(named name: String, _ visit: (String) -> Void)

    /// The same, of the values' bytes as they were sent: no text is made of them.
    func forEachValueBytes(named name: String, _ visit: (ArraySlice<UInt8>) -> Void)
}

extension HeaderFields {
    package func forEachValueBytes(named name: String, _ visit: (ArraySlice<UInt8>) -> Void) {
        forEachValue(named: name) { visit(Array($0.utf8)[...]) }
    }

    /// Every value of the field, in order.
    package func values(named name: String) -> [String] {
        var values: [String] = []
        forEachValue(named: name) { values.append($0) }
        return values
    }
}

/// Header fields held in an array: for tests, `explain`, `send` and a configuration's own `tests`.
package struct HeaderList: HeaderFields, Sendable, ExpressibleByDictionaryLiteral {
    package var fields: [(name: String, value: String)]

    /// What its values take together.
    package var valueBytes: Int { fields.reduce(0) { $0 + $1.value.utf8.count } }

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }
    package init(dictionaryLiteral elements: (String, String)...) { fields = elements.map { ($0.0, $0.1) } }

    package func forEachValue(named name: String, _ visit: (String) -> Void) {
        for index in fields.indices where isSameHeaderName(fields[index].name, name) { visit(fields[index].value) }
    }
}

/// Whether two names of header fields are the same: compared without regard to case (RFC 9110 §5.1). Every verification
/// asks this of every header, so it compares bytes where they lie, and most often they are the same as they are.
package func isSameHeaderName(_ one: String, _ other: String) -> Bool {
    guard one.utf8.count == other.utf8.count else { return false }
    if one == other { return true }
    let isSame = one.utf8.withContiguousStorageIfAvailable { one in
        other.utf8.withContiguousStorageIfAvailable { other in isSameHeaderName(one, other) }
    }
    return (isSame ?? nil) ?? one.utf8.elementsEqual(other.utf8) { lower($0) == lower($1) }
}

/// As `isSameHeaderName(_:_:)`, of names where they lie.
package func isSameHeaderName(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    for index in 0..<one.count where one[index] != other[index] {
        if lower(one[index]) != lower(other[index]) { return false }
    }
    return true
}

private func lower(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
