/// The header fields of a delivery as its rooms need them. Names are compared without regard to case; every value of
/// a repeated field is given, in order, since a repeated signature is a refusal (queue.md S6).
package protocol HeaderFields {
    func values(named name: String) -> [String]
}

/// Header fields held in an array: for tests, `explain`, `send` and a configuration's own `tests`.
package struct HeaderList: HeaderFields, Sendable, ExpressibleByDictionaryLiteral {
    package var fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }
    package init(dictionaryLiteral elements: (String, String)...) { fields = elements.map { ($0.0, $0.1) } }

    package func values(named name: String) -> [String] {
        fields.filter { $0.name.utf8.elementsEqual(name.utf8) { a, b in Self.lower(a) == Self.lower(b) } }.map(\.value)
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 32 : byte }
}
