import JSONPath

private let wrappings = 0xF0 as UInt8

/// The first byte, where it is high, puts the text behind it into that many more arrays around the depth limit. What
/// is JSON, and what it says, must be what a plain reader finds.
let fuzzJSON: FuzzTarget = { input in
    guard let first = input.first else { return }
    var text = Array(input.dropFirst())
    if first >= wrappings {
        let depth = JSONParser.maximumDepth - 8 + Int(first - wrappings)
        text = Array(repeating: UInt8(ascii: "["), count: depth) + text
        text += Array(repeating: UInt8(ascii: "]"), count: depth)
    }
    let expected = ReferenceJSON.parse(text)
    withJSON(text) { root in
        check((root == nil) == (expected == nil), "JSON for one, none for the other: \(expected as Any)")
        guard let root, let expected else { return }
        check(value(root) == expected, "the document reads differently")
        let written = Array(root.json.utf8)
        check(ReferenceJSON.parse(written) == expected, "what was written reads differently")
    }
}

/// One parser for the whole run, as an event loop has it: what an earlier text left in it must not show.
/// `nonisolated(unsafe)`: libFuzzer calls from one thread.
private nonisolated(unsafe) var parser = JSONParser()

/// Calls `body` with the document, or with nil where the text was refused.
func withJSON(_ text: [UInt8], _ body: (JSONNode?) -> Void) {
    do throws(JSONError) { try parser.parse(text) { root in body(root) } } catch { body(nil) }
}

/// A document as the reference has it, by what the nodes say.
func value(_ node: JSONNode) -> ReferenceValue {
    switch node.kind {
    case .null: return .null
    case .bool: return .bool(node.bool == true)
    case .number: return node.number.map(ReferenceValue.number) ?? .null
    case .string: return .string(node.utf8.map(Array.init) ?? [])
    case .array:
        let elements = node.elements.map(value)
        check(elements.count == node.count, "an array's count is wrong")
        return .array(elements)
    case .object:
        let members = node.members.map { ReferenceValue.Member(name: Array($0.name), value: value($0.value)) }
        check(members.count == node.count, "an object's count is wrong")
        for member in members {
            let found = node.member(String(decoding: member.name, as: UTF8.self))
            check(found.map(value) == member.value, "a member is not found by its name")
        }
        return .object(members)
    }
}
