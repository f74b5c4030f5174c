extension Evaluator {
    /// Steps for each character of a pattern that stands in the document, and for each instruction that it becomes.
    private static let compilationCost = 8

    /// What an operand is worth at a node (RFC 9535 §2.3.5.2.2).
    private enum Value {
        /// A query that selected nothing, or a function without a result.
        case nothing
        case null
        case bool(Bool)
        case number(JSONNumber)
        case text(UnsafeBufferPointer<UInt8>)
        case literal([UInt8])
        case container(JSONNode)

        init(_ node: JSONNode) {
            switch node.kind {
            case .null: self = .null
            case .bool: self = .bool(node.bool == true)
            case .number: self = node.number.map(Value.number) ?? .nothing
            case .string: self = node.utf8.map(Value.text) ?? .nothing
            case .array, .object: self = .container(node)
            }
        }

        /// Calls `body` with a string's bytes; nil for what is no string.
        func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
            switch self {
            case .text(let text): body(text)
            case .literal(let text): text.withUnsafeBufferPointer(body)
            case .nothing, .null, .bool, .number, .container: nil
            }
        }
    }

    /// Whether a filter's expression is true of a node.
    mutating func holds(_ condition: Condition, at current: JSONNode) throws(Halt) -> Bool {
        try spend(1)
        switch condition {
        case .any(let parts):
            for part in parts {
                if try holds(part, at: current) { return true }
            }
            return false
        case .all(let parts):
            for part in parts {
                if try !holds(part, at: current) { return false }
            }
            return true
        case .not(let part):
            return try !holds(part, at: current)
        case .comparison(let left, let comparison, let right):
            return try compare(value(left, at: current), comparison, value(right, at: current))
        case .exists(let query):
            return try firstTwo(query, from: current, wanted: 1).count > 0
        case .pattern(let whole, let text, let pattern):
            return try matches(whole: whole, value(text, at: current), pattern, at: current)
        }
    }

    private mutating func value(_ operand: Operand, at current: JSONNode) throws(Halt) -> Value {
        switch operand {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return .number(value)
        case .string(let text): return .literal(text)
        case .singular(let root, let query):
            let start =
                switch root {
                case .document: document
                case .current: current
                }
            return try node(query, from: start).map(Value.init) ?? .nothing
        case .length(let operand):
            return try length(value(operand, at: current))
        case .count(let query):
            var count: Int64 = 0
            try evaluate(query, from: current) { _ in count += 1 }
            return .number(.signed(count))
        case .value(let query):
            let nodes = try firstTwo(query, from: current, wanted: 2)
            return nodes.count == 1 ? nodes.first.map(Value.init) ?? .nothing : .nothing
        }
    }

    /// The first selected node and how many of the `wanted` there are: enough to know of none, one, or more.
    private mutating func firstTwo(
        _ query: Query,
        from current: JSONNode,
        wanted: Int
    ) throws(Halt) -> (first: JSONNode?, count: Int) {
        var first: JSONNode?
        var count = 0
        do throws(Halt) {
            try evaluate(query, from: current) { node throws(Halt) in
                first = first ?? node
                count += 1
                if count == wanted { throw .stopped }
            }
        } catch {
            switch error {
            case .stopped: break
            case .exceeded: throw error
            }
        }
        return (first, count)
    }

    /// The `length` function: characters of a string, elements of an array, members of an object (RFC 9535 §2.4.4).
    private mutating func length(_ value: Value) throws(Halt) -> Value {
        if case .container(let node) = value { return .number(.signed(Int64(node.count))) }
        let text = value.withUTF8 { text in
            (bytes: text.count, scalars: text.reduce(into: Int64(0)) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 })
        }
        guard let text else { return .nothing }
        try spend(text.bytes / 16)
        return .number(.signed(text.scalars))
    }

    private mutating func matches(
        whole: Bool,
        _ text: Value,
        _ pattern: PatternOperand,
        at current: JSONNode
    ) throws(Halt) -> Bool {
        let expression: IRegexp
        switch pattern {
        case .literal(let literal):
            guard let literal else { return false }
            expression = literal
        case .computed(let operand):
            // Only a text can match: whatever else an event holds costs no compilation.
            guard text.withUTF8({ _ in }) != nil else { return false }
            let source = try value(operand, at: current).withUTF8 { String(decoding: $0, as: UTF8.self) }
            guard let source, let compiled = try compile(source) else { return false }
            expression = compiled
        }
        let result = text.withUTF8 { text -> Result<Bool, StepsExceeded> in
            do throws(StepsExceeded) {
                if whole { return .success(try expression.matches(whole: text, budget: &budget)) }
                return .success(try expression.isFound(in: text, budget: &budget))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let isMatch): return isMatch
        case .failure: throw .exceeded
        case nil: return false
        }
    }

    /// A pattern out of the event; nil where it is none. One that turns out to be too large has cost as much as the
    /// largest: an event may ask for the same again at each of its nodes.
    private mutating func compile(_ pattern: String) throws(Halt) -> IRegexp? {
        try spend(Self.compilationCost * pattern.utf8.count)
        let compiled: IRegexp
        do throws(IRegexpError) {
            compiled = try IRegexp(pattern)
        } catch {
            if error.isTooLarge { try spend(Self.compilationCost * PatternProgram.maximumSize) }
            return nil
        }
        try spend(Self.compilationCost * compiled.size)
        return compiled
    }

    private mutating func compare(_ left: Value, _ comparison: Comparison, _ right: Value) throws(Halt) -> Bool {
        switch comparison {
        case .equal: try isEqual(left, right)
        case .notEqual: try !isEqual(left, right)
        case .less: try isLess(left, right)
        case .greater: try isLess(right, left)
        case .lessOrEqual: try isLess(left, right) ? true : isEqual(left, right)
        case .greaterOrEqual: try isLess(right, left) ? true : isEqual(left, right)
        }
    }

    /// Only numbers and strings have an order; strings by their characters' numbers, which is the order of UTF-8 too.
    private mutating func isLess(_ left: Value, _ right: Value) throws(Halt) -> Bool {
        if case .number(let left) = left, case .number(let right) = right { return left < right }
        return try compareTexts(left, right) { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether both are strings of which `holds` is true. Reading them costs steps too: a long string may be compared
    /// with the same one again and again.
    private mutating func compareTexts(
        _ left: Value,
        _ right: Value,
        _ holds: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(Halt) -> Bool {
        let result = left.withUTF8 { left in
            right.withUTF8 { right in (holds: holds(left, right), bytes: min(left.count, right.count)) }
        }
        guard let result = result ?? nil else { return false }
        try spend(result.bytes / 8)
        return result.holds
    }

    private mutating func isEqual(_ left: Value, _ right: Value) throws(Halt) -> Bool {
        switch (left, right) {
        case (.nothing, .nothing), (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.number(let left), .number(let right)): return left == right
        case (.container(let left), .container(let right)): return try isEqual(left, right)
        case (.text, .text), (.text, .literal), (.literal, .text), (.literal, .literal):
            return try compareTexts(left, right) { $0.count == $1.count && $0.elementsEqual($1) }
        case (.nothing, _), (.null, _), (.bool, _), (.number, _), (.text, _), (.literal, _), (.container, _):
            return false
        }
    }

    /// Arrays and objects, compared to their depths, which the parser bounds.
    private mutating func isEqual(_ left: JSONNode, _ right: JSONNode) throws(Halt) -> Bool {
        guard left.kind == right.kind, left.count == right.count else { return false }
        if left.kind == .array {
            for (left, right) in zip(left.elements, right.elements) {
                try spend(1)
                guard try isEqual(Value(left), Value(right)) else { return false }
            }
            return true
        }
        for (name, value) in left.members {
            let other = right.member(utf8: name)
            try spend(right.searchCost(finding: other) * (1 + name.count / 32))
            guard let other, try isEqual(Value(value), Value(other)) else { return false }
        }
        return true
    }
}
