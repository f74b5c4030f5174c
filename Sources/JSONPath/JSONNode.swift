import CSimdJSON

/// A place in a parsed document: two words that point into the parser's memory, valid inside `JSONParser.parse`'s
/// body only. Reading a node allocates nothing, unless a `String` is asked for.
package struct JSONNode {
    let handle: CSJNode

    /// What a JSON value is.
    package enum Kind: Sendable {
        case null
        case bool
        case number
        case string
        case array
        case object
    }

    /// What this value is.
    package var kind: Kind {
        switch csj_kind(handle) {
        case .null: .null
        case .false, .true: .bool
        case .signed, .unsigned, .double: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The value of a `true` or `false`.
    package var bool: Bool? {
        switch csj_kind(handle) {
        case .true: true
        case .false: false
        case .null, .signed, .unsigned, .double, .string, .array, .object: nil
        }
    }

    /// The value of a number.
    package var number: JSONNumber? {
        switch csj_kind(handle) {
        case .signed: .signed(csj_signed(handle))
        case .unsigned: .unsigned(csj_unsigned(handle))
        case .double: .double(csj_double(handle))
        case .null, .false, .true, .string, .array, .object: nil
        }
    }

    /// A string's text, unescaped, as UTF-8 where it lies; as short-lived as the node.
    package var utf8: UnsafeBufferPointer<UInt8>? {
        csj_kind(handle) == .string ? UnsafeBufferPointer(csj_text(handle)) : nil
    }

    /// A string's text, copied.
    package var string: String? {
        utf8.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether this is the string whose UTF-8 is `text`; makes no `String`.
    package func isString(utf8 text: [UInt8]) -> Bool {
        guard let utf8 else { return false }
        return text.withUnsafeBufferPointer { $0.isSame(as: utf8) }
    }

    /// How many elements an array or members an object has; 0 for anything else.
    package var count: Int {
        isContainer ? csj_count(handle) : 0
    }

    /// An object's member of that name; the time is linear in the object's members.
    package func member(_ name: String) -> JSONNode? {
        var name = name
        return name.withUTF8 { member(utf8: $0) }
    }

    /// An array's element, counted from 0; the time is linear in the position.
    package func element(_ position: Int) -> JSONNode? {
        guard position >= 0, csj_kind(handle) == .array else { return nil }
        return JSONNode(csj_element(handle, position))
    }

    /// An array's elements in order; empty for anything else.
    package var elements: Elements { Elements(upcoming: firstElement) }

    /// An object's members in the text's order, each name once; empty for anything else.
    package var members: Members { Members(upcoming: firstMember) }

    /// An array's elements.
    package struct Elements: Sequence, IteratorProtocol {
        fileprivate var upcoming: JSONNode?

        package mutating func next() -> JSONNode? {
            guard let node = upcoming else { return nil }
            upcoming = JSONNode(csj_next_element(node.handle))
            return node
        }
    }

    /// An object's members.
    package struct Members: Sequence, IteratorProtocol {
        fileprivate var upcoming: JSONNode?

        package mutating func next() -> (name: UnsafeBufferPointer<UInt8>, value: JSONNode)? {
            guard let node = upcoming else { return nil }
            upcoming = JSONNode(csj_next_member(node.handle))
            return (node.memberName, node)
        }
    }
}

extension JSONNode {
    /// The C face's "no node" as nil.
    init?(_ handle: CSJNode) {
        guard handle.index != 0 else { return nil }
        self.handle = handle
    }

    var isContainer: Bool {
        switch csj_kind(handle) {
        case .array, .object: true
        case .null, .false, .true, .signed, .unsigned, .double, .string: false
        }
    }

    var firstElement: JSONNode? {
        csj_kind(handle) == .array ? JSONNode(csj_first_element(handle)) : nil
    }

    var firstMember: JSONNode? {
        csj_kind(handle) == .object ? JSONNode(csj_first_member(handle)) : nil
    }

    /// The name of a node that came from an object.
    var memberName: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(csj_name(handle)) }

    func member(utf8 name: UnsafeBufferPointer<UInt8>) -> JSONNode? {
        guard csj_kind(handle) == .object else { return nil }
        return JSONNode(csj_member(handle, name.baseAddress, name.count))
    }

    /// The child that follows this one in its array (`inObject` false) or object.
    func sibling(inObject: Bool) -> JSONNode? {
        JSONNode(inObject ? csj_next_member(handle) : csj_next_element(handle))
    }

    /// The place behind an array or object.
    var end: Int { csj_end(handle) }

    /// The next array or object inside `top` in document order, parents before children.
    func nextContainer(inside top: JSONNode) -> JSONNode? {
        JSONNode(csj_next_container(top.handle, handle))
    }
}

extension UnsafeBufferPointer<UInt8> {
    init(_ text: CSJText) {
        self.init(start: text.bytes, count: text.length)
    }

    /// Whether both hold the same bytes. Rules ask this of every event; as a loop it is a tenth of `elementsEqual`.
    package func isSame(as other: Self) -> Bool {
        guard count == other.count else { return false }
        for position in 0..<count where self[position] != other[position] { return false }
        return true
    }
}
