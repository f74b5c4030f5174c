import JSONPath
import Vocabulary

/// What names an event among the events of its source, so that a repeated delivery is recognised: `event_id` in
/// product.md §2 and §2.2.
package struct EventKey: Hashable, Sendable {
    package let parts: [Subject]

    /// - Parameter parts: each a JSONPath or `header:NAME`, which must be a header that the scheme signs (queue.md Q17).
    package init(_ parts: [Subject]) { self.parts = parts }

    /// The key's parts for one event, in order: each one a letter for its kind, and its value. The parts must be kept
    /// apart, not joined, so that `a`, `bc` is another key than `ab`, `c` (queue.md Q17); the letter keeps the number 1
    /// apart from the string `1`, and a body's string from a header's value.
    ///
    /// nil, which means that nothing is a duplicate, for a part that is missing or selects other than one scalar. null
    /// counts as missing: it is no name, and an event taken for another's duplicate would be lost, while one too many
    /// costs a load.
    package func values(root: JSONNode, headers: any HeaderFields) -> [[UInt8]]? {
        var values: [[UInt8]] = []
        var evaluation = Evaluation(root, headers)
        for part in parts {
            let selection = evaluation.select(Lookup(subject: part, slot: nil))
            guard selection.count == 1, !evaluation.isStopped else { return nil }
            var bytes: [UInt8]?
            _ = selection.contains { value in
                bytes = value.keyBytes
                return true
            }
            guard let bytes else { return nil }
            values.append(bytes)
        }
        return values.isEmpty ? nil : values
    }
}

extension EventValue {
    /// nil for what names nothing.
    fileprivate var keyBytes: [UInt8]? {
        switch self {
        case .null, .container: nil
        case .bool(let bool): Array((bool ? "b1" : "b0").utf8)
        case .number(let number): Array("n\(number)".utf8)
        case .string(let text): [UInt8(ascii: "s")] + text
        case .header(let text): [UInt8(ascii: "h")] + text
        }
    }
}
