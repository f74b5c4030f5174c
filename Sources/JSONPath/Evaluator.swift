/// Runs one query over one document. It recurses along the query, never along the document: descendants are found by
/// a walk along the parser's tape, so the stack grows with the compiled query only, which the parser bounds.
struct Evaluator {
    /// Why a walk ended before its end.
    enum Halt: Error {
        case stopped
        case exceeded
    }

    typealias Visit = (JSONNode) throws(Halt) -> Void

    /// What a selected node costs: whoever collects them all uses memory for each.
    private static let visitCost = 8

    let document: JSONNode
    var budget: StepBudget

    mutating func evaluate(_ query: Query, from current: JSONNode, _ visit: Visit) throws(Halt) {
        let start =
            switch query.root {
            case .document: document
            case .current: current
            }
        if let singular = query.singular {
            if let node = try node(singular, from: start) { try visit(node) }
        } else {
            try walk(query.segments, 0, from: start, visit)
        }
    }

    mutating func node(_ query: SingularQuery, from start: JSONNode) throws(Halt) -> JSONNode? {
        var looked = 1
        let node = query.node(from: start, looked: &looked)
        try spend(looked)
        return node
    }

    mutating func spend(_ steps: Int) throws(Halt) {
        do throws(StepsExceeded) { try budget.spend(steps) } catch { throw .exceeded }
    }

    private mutating func walk(
        _ segments: [Segment],
        _ position: Int,
        from node: JSONNode,
        _ visit: Visit
    ) throws(Halt) {
        guard position < segments.count else {
            try spend(Self.visitCost)
            return try visit(node)
        }
        switch segments[position] {
        case .child(let selectors):
            for selector in selectors {
                try select(selector, among: node, segments, position + 1, visit)
            }
        case .descendant(let selectors):
            guard node.isContainer else { return }
            var next: JSONNode? = node
            while let container = next {
                for selector in selectors {
                    try select(selector, among: container, segments, position + 1, visit)
                }
                next = container.nextContainer(inside: node)
                try spend(container.walkCost(finding: next, inside: node))
            }
        }
    }

    /// Goes on, from `position`, with each child of `parent` that `selector` selects.
    private mutating func select(
        _ selector: Selector,
        among parent: JSONNode,
        _ segments: [Segment],
        _ position: Int,
        _ visit: Visit
    ) throws(Halt) {
        switch selector {
        case .name(let name):
            let child = name.withUnsafeBufferPointer { parent.member(utf8: $0) }
            try spend(parent.searchCost(finding: child))
            if let child { try walk(segments, position, from: child, visit) }
        case .index(let index):
            let child = parent.element(wrapping: index)
            try spend(parent.searchCost(finding: child))
            if let child { try walk(segments, position, from: child, visit) }
        case .wildcard:
            let isObject = parent.kind == .object
            var next = isObject ? parent.firstMember : parent.firstElement
            while let child = next {
                try spend(1)
                try walk(segments, position, from: child, visit)
                next = child.sibling(inObject: isObject)
            }
        case .slice(let slice):
            for child in try children(of: parent, in: slice) {
                try walk(segments, position, from: child, visit)
            }
        case .filter(let condition):
            let isObject = parent.kind == .object
            var next = isObject ? parent.firstMember : parent.firstElement
            while let child = next {
                try spend(1)
                if try holds(condition, at: child) { try walk(segments, position, from: child, visit) }
                next = child.sibling(inObject: isObject)
            }
        }
    }

    /// An array's elements in a slice. They are gathered first, because a document can only be read forwards.
    private mutating func children(of array: JSONNode, in slice: Slice) throws(Halt) -> [JSONNode] {
        guard array.kind == .array, let positions = slice.positions(count: array.count) else { return [] }
        try spend(1 + positions.last / 8 + positions.count)
        var children: [JSONNode] = []
        children.reserveCapacity(positions.count)
        var next = array.element(positions.first)
        while let child = next {
            children.append(child)
            guard children.count < positions.count else { break }
            for _ in 0..<positions.stride { next = next?.sibling(inObject: false) }
        }
        return slice.step < 0 ? children.reversed() : children
    }
}

extension Slice {
    /// The selected positions in ascending order, `first` and every `stride`th after it; nil if there is none
    /// (RFC 9535 §2.3.4.2.2).
    fileprivate func positions(count length: Int) -> (first: Int, stride: Int, count: Int, last: Int)? {
        func bounded(_ index: Int, _ low: Int, _ high: Int) -> Int {
            min(max(index >= 0 ? index : length + index, low), high)
        }
        let stride = Int(step.magnitude)
        if step > 0 {
            let lower = bounded(start ?? 0, 0, length)
            let upper = bounded(end ?? length, 0, length)
            guard lower < upper else { return nil }
            let more = (upper - lower - 1) / stride
            return (lower, stride, more + 1, lower + more * stride)
        }
        if step < 0 {
            let upper = bounded(start ?? length - 1, -1, length - 1)
            let lower = bounded(end ?? -length - 1, -1, length - 1)
            guard lower < upper else { return nil }
            let more = (upper - lower - 1) / stride
            return (upper - more * stride, stride, more + 1, upper)
        }
        return nil
    }
}
