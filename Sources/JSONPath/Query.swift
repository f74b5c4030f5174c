/// A compiled query: RFC 9535's syntax as values, names unescaped to UTF-8, functions resolved and their types checked.
struct Query: Sendable {
    enum Root: Sendable {
        /// `$`
        case document
        /// `@`
        case current
    }

    let root: Root
    let segments: [Segment]
    /// The same query, ready for a straight walk, if it is a singular query (RFC 9535 §2.3.5.1).
    let singular: SingularQuery?

    init(root: Root, segments: [Segment]) {
        self.root = root
        self.segments = segments
        singular = SingularQuery(segments)
    }
}

/// One step of a query, away from a node.
enum Segment: Sendable {
    /// Selects among the node's children.
    case child([Selector])
    /// Selects among the children of the node and of all its descendants.
    case descendant([Selector])
}

/// Which children.
enum Selector: Sendable {
    case name([UInt8])
    case wildcard
    case index(Int)
    case slice(Slice)
    case filter(Condition)
}

/// `start:end:step` (RFC 9535 §2.3.4).
struct Slice: Sendable {
    let start: Int?
    let end: Int?
    let step: Int
}

/// A filter's expression (RFC 9535 §2.3.5).
indirect enum Condition: Sendable {
    case any([Condition])
    case all([Condition])
    case not(Condition)
    case comparison(Operand, Comparison, Operand)
    case exists(Query)
    /// `match` (the whole text) and `search` (some part of it).
    case pattern(whole: Bool, text: Operand, pattern: PatternOperand)
}

enum Comparison: Sendable {
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
}

/// What has one value or none: a literal, a singular query, or a function of such a result (RFC 9535 §2.4.1).
indirect enum Operand: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string([UInt8])
    case singular(Query.Root, SingularQuery)
    case length(Operand)
    case count(Query)
    case value(Query)
}

enum PatternOperand: Sendable {
    /// A literal, compiled with the query; nil if it is no I-Regexp and so matches nothing (RFC 9535 §2.4.6).
    case literal(IRegexp?)
    /// A pattern that stands in the document.
    case computed(Operand)
}

/// A singular query as a flat list: no array within an array, so that walking it touches no reference counts.
struct SingularQuery: Sendable {
    enum Step: Sendable {
        /// The bytes of `names` from `start` to `end`.
        case name(start: Int, end: Int)
        case index(Int)
    }

    let steps: [Step]
    let names: [UInt8]

    /// Nil unless every segment holds exactly one name or index.
    init?(_ segments: [Segment]) {
        var steps: [Step] = []
        var names: [UInt8] = []
        for segment in segments {
            guard case .child(let selectors) = segment, selectors.count == 1 else { return nil }
            switch selectors[0] {
            case .name(let name):
                steps.append(.name(start: names.count, end: names.count + name.count))
                names += name
            case .index(let index):
                steps.append(.index(index))
            case .wildcard, .slice, .filter:
                return nil
            }
        }
        self.steps = steps
        self.names = names
    }

    /// As RFC 9535 §2.7 writes the path of a node, but for indexes that count from the end.
    var normalized: String {
        var path = Array("$".utf8)
        for step in steps {
            switch step {
            case .name(let start, let end):
                path += "['".utf8
                names[start..<end].withUnsafeBufferPointer { writeEscaped($0, quote: UInt8(ascii: "'"), to: &path) }
                path += "']".utf8
            case .index(let index): path += "[\(index)]".utf8
            }
        }
        return String(decoding: path, as: UTF8.self)
    }

    /// The node that the query selects, if any. What the walk looked at is added to `looked`.
    func node(from start: JSONNode, looked: inout Int) -> JSONNode? {
        names.withUnsafeBufferPointer { names in
            var node = start
            for step in steps {
                let child =
                    switch step {
                    case .name(let start, let end): node.member(utf8: UnsafeBufferPointer(rebasing: names[start..<end]))
                    case .index(let index): node.element(wrapping: index)
                    }
                looked += node.searchCost(finding: child)
                guard let child else { return nil }
                node = child
            }
            return node
        }
    }
}

extension JSONNode {
    /// An array's element; a negative index counts from the end.
    func element(wrapping index: Int) -> JSONNode? {
        index >= 0 ? element(index) : element(count + index)
    }

    /// The steps that it took to find, or not to find, a child of this node. A scan passes over a child in a
    /// fraction of what a step is granted.
    func searchCost(finding child: JSONNode?) -> Int {
        1 + (child.map { Int($0.handle.index - handle.index) } ?? count) / 8
    }

    /// The same of the container after this one: where there is none, all that is left of `top` was looked at.
    func walkCost(finding next: JSONNode?, inside top: JSONNode) -> Int {
        1 + Int((next?.handle.index ?? top.end) - handle.index) / 8
    }
}
