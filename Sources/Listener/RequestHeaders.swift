import Vocabulary

/// The header fields of a request, as they lie in the bytes of its head: a delivery looks for a few of a dozen, and a text
/// is made of a value only where it is asked for.
package final class RequestHeaders: HeaderFields, Sendable {
    /// Where a field is, without the white space around its value.
    struct Field: Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32 = 0
        var valueEnd: UInt32 = 0

        fileprivate var nameLength: Int { Int(nameEnd &- nameStart) }
    }

    private let bytes: [UInt8]
    private let fields: [Field]

    /// None.
    init() {
        bytes = []
        fields = []
    }

    /// Fields that are places in these bytes.
    init(_ bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    var indices: Range<Int> { fields.indices }

    func nameLength(at index: Int) -> Int { fields[index].nameLength }

    func isNamed(_ name: String, at index: Int) -> Bool {
        let place = Int(fields[index].nameStart)..<Int(fields[index].nameEnd)
        return bytes.withUnsafeBufferPointer { bytes in
            let own = UnsafeBufferPointer(rebasing: bytes[place])
            return name.utf8.withContiguousStorageIfAvailable { isSameHeaderName(own, $0) }
                ?? isSameHeaderName(String(decoding: own, as: UTF8.self), name)
        }
    }

    func valueBytes(at index: Int) -> ArraySlice<UInt8> {
        bytes[Int(fields[index].valueStart)..<Int(fields[index].valueEnd)]
    }

    func value(at index: Int) -> String { String(decoding: valueBytes(at: index), as: UTF8.self) }

    /// Every value of the field in order, without white space at its ends (RFC 9110 §5.5); names compare without
    /// regard to case.
    package func forEachValue(named name: String, _ visit: (String) -> Void) {
        forEachIndex(of: name) { visit(value(at: $0)) }
    }

    /// As `forEachValue`, of the bytes where they lie.
    package func forEachValueBytes(named name: String, _ visit: (ArraySlice<UInt8>) -> Void) {
        forEachIndex(of: name) { visit(valueBytes(at: $0)) }
    }

    /// Whether the field was sent exactly once, with exactly this value.
    package func isOnly(_ name: String, _ value: StaticString) -> Bool {
        guard let index = onlyIndex(of: name) else { return false }
        let sent = valueBytes(at: index)
        guard sent.count == value.utf8CodeUnitCount else { return false }
        // As a loop: `elementsEqual` takes ten times as long.
        return sent.withUnsafeBufferPointer { sent in
            for index in sent.indices where sent[index] != value.utf8Start[index] { return false }
            return true
        }
    }

    /// The field's value if it was sent exactly once.
    package func only(_ name: String) -> String? { onlyIndex(of: name).map { value(at: $0) } }

    private func onlyIndex(of name: String) -> Int? {
        var found: Int?
        var isRepeated = false
        forEachIndex(of: name) { index in
            isRepeated = found != nil
            found = index
        }
        return isRepeated ? nil : found
    }

    private func forEachIndex(of name: String, _ visit: (Int) -> Void) {
        let length = name.utf8.count
        // Lengths first: most fields are not the wanted one.
        for index in fields.indices where fields[index].nameLength == length {
            if isNamed(name, at: index) { visit(index) }
        }
    }
}
