import JSONPath
import Vocabulary

/// What names an event among the events of its source, so that a repeated delivery is recognised: `event_id` in
/// product.md §2 and §2.2.
package struct EventKey: Hashable, Sendable {
    package let parts: [Subject]

    /// - Parameter parts: each a JSONPath or `header:NAME`, which must be a header that the scheme signs (queue.md Q17).
    package init(_ parts: [Subject]) { self.parts = parts }

    /// What is the same for two deliveries of one event, and for no others: of each part, in order, its length, a letter
    /// for its kind, and its value. The length keeps `a`, `bc` apart from `ab`, `c` (queue.md Q17); the letter keeps the
    /// number 1 apart from the string `1`, and a body's string from a header's value.
    ///
    /// nil, which means that nothing is a duplicate, for a part that is missing or selects other than one scalar. null
    /// counts as missing: it is no name, and an event taken for another's duplicate would be lost, while one too many
    /// costs a load.
    package func bytes(root: JSONNode, headers: any HeaderFields) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48 * parts.count)
        var evaluation = Evaluation(root, headers)
        for part in parts {
            let selection = evaluation.select(part)
            guard selection.count == 1, !evaluation.isStopped else { return nil }
            guard selection.contains({ $0.append(toKey: &bytes) }) else { return nil }
        }
        return parts.isEmpty ? nil : bytes
    }
}

extension EventValue {
    /// Adds one part; false for what names nothing.
    fileprivate func append(toKey bytes: inout [UInt8]) -> Bool {
        switch self {
        case .null, .container: return false
        case .bool(let bool): Self.append("b", (bool ? "1" : "0").utf8, to: &bytes)
        case .number(let number): Self.append("n", number.description.utf8, to: &bytes)
        case .string(let text): Self.append("s", text, to: &bytes)
        case .header(let text): Self.append("h", text, to: &bytes)
        }
        return true
    }

    private static func append(_ kind: Unicode.Scalar, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt64(value.count).bigEndian) { bytes += $0 }
        bytes.append(UInt8(ascii: kind))
        bytes += value
    }
}
