import JSONPath
import Vocabulary

/// One event under evaluation. It lives inside the parser's `parse` only. When the event's step budget is used up,
/// nothing holds any more: `isStopped` tells.
struct Evaluation {
    let root: JSONNode
    let headers: any HeaderFields
    /// Names of header fields whose values are not shown.
    private let hidden: [String]
    private var budget: StepBudget
    /// The budget is used up: what was decided before stands, the rest is undecided.
    private(set) var isStopped = false
    private var kept: [Selection?]
    /// What reasons show of `kept`: rules tend to miss by the same few values.
    private var keptExcerpts: [SelectedValues?] = []

    init(
        _ root: JSONNode,
        _ headers: any HeaderFields,
        hiding hidden: [String] = [],
        slots: Int = 0,
        steps: Int = StepBudget.standard
    ) {
        self.root = root
        self.headers = headers
        self.hidden = hidden
        budget = StepBudget(steps)
        // One by one: `Array(repeating:)` of such elements looks its storage up by name, for every event.
        kept = []
        kept.reserveCapacity(slots)
        for _ in 0..<slots { kept.append(nil) }
    }

    mutating func holds(_ condition: CompiledCondition) -> Bool {
        if isStopped { return false }
        let isTrue =
            switch condition {
            case .all(let conditions): conditions.allSatisfy { holds($0) }
            case .any(let conditions): conditions.contains { holds($0) }
            case .none(let conditions): !conditions.contains { holds($0) }
            case .test(let lookup, let predicate): self.holds(predicate, select(lookup))
            }
        return isTrue && !isStopped
    }

    mutating func select(_ lookup: Lookup) -> Selection {
        guard let slot = lookup.slot else { return select(lookup.subject) }
        if let selection = kept[slot] { return selection }
        let selection = select(lookup.subject)
        kept[slot] = selection
        return selection
    }

    /// What reasons show of a selection.
    mutating func selectedValues(_ lookup: Lookup) -> SelectedValues {
        if case .header(let name) = lookup.subject, hidden.contains(where: { isSameHeaderName($0, name) }) {
            return SelectedValues(hiding: select(lookup).count)
        }
        guard let slot = lookup.slot else { return SelectedValues(select(lookup.subject)) }
        if keptExcerpts.isEmpty { keptExcerpts = Array(repeating: nil, count: kept.count) }
        if let excerpts = keptExcerpts[slot] { return excerpts }
        let excerpts = SelectedValues(select(lookup))
        keptExcerpts[slot] = excerpts
        return excerpts
    }

    mutating func select(_ subject: Subject) -> Selection {
        switch subject {
        case .header(let name): return .header(headers.values(named: name))
        case .path(let path):
            var selection = Selection.nothing
            switch path.forEach(in: root, budget: &budget, { selection.append($0) }) {
            case .completed, .stopped: break
            case .exceeded: isStopped = true
            }
            return selection
        }
    }

    private mutating func holds(_ predicate: Predicate, _ selection: Selection) -> Bool {
        switch predicate {
        case .value(let tests):
            // Stopped is as good as found: the caller looks at `isStopped`.
            selection.contains { value in isStopped || tests.allSatisfy { passes(value, $0) } }
        case .exists(let wanted): selection.isEmpty != wanted
        case .not(let inner): !holds(inner, selection)
        case .every(let predicates): predicates.allSatisfy { holds($0, selection) }
        }
    }

    private mutating func passes(_ value: EventValue, _ test: ValueTest) -> Bool {
        switch test {
        case .equals(let scalar): isEqual(scalar, value)
        case .isIn(let scalars): scalars.contains { isEqual($0, value) }
        case .glob(let glob):
            withText(of: value) { text, budget throws(StepsExceeded) in try glob.matches(text, budget: &budget) }
        case .matches(let pattern):
            withText(of: value) { text, budget throws(StepsExceeded) in
                try pattern.matches(whole: text, budget: &budget)
            }
        case .above(let number): value.number.map { number.value < $0 } ?? false
        case .below(let number): value.number.map { $0 < number.value } ?? false
        }
    }

    private mutating func isEqual(_ scalar: Scalar, _ value: EventValue) -> Bool {
        charge { budget throws(StepsExceeded) in
            try budget.spend(1)
            return scalar.isEqual(to: value)
        } ?? false
    }

    private mutating func withText(
        of value: EventValue,
        _ test: (UnsafeBufferPointer<UInt8>, inout StepBudget) throws(StepsExceeded) -> Bool
    ) -> Bool {
        guard let text = value.text else { return false }
        return charge { budget throws(StepsExceeded) in try test(text, &budget) } ?? false
    }

    /// Every string that the lookup selects, one after the other: a path may select a text of a megabyte a thousand times,
    /// and each time is work. Ends early when the event's step budget is used up.
    mutating func forEachString(_ lookup: Lookup, _ visit: (String, inout Evaluation) -> Void) {
        _ = select(lookup).contains { value in
            guard let text = value.text else { return false }
            chargeReading(of: value)
            if !isStopped { visit(String(decoding: text, as: UTF8.self), &self) }
            return isStopped
        }
    }

    /// To read a value is work: a path may select a long text again and again.
    mutating func chargeReading(of value: EventValue) {
        charge { budget throws(StepsExceeded) in try budget.spend(1 + (value.text?.count ?? 0) / 16) }
    }

    /// Does work on the event's budget; nil when that is used up.
    @discardableResult
    mutating func charge<Result>(_ work: (inout StepBudget) throws(StepsExceeded) -> Result) -> Result? {
        do throws(StepsExceeded) {
            return try work(&budget)
        } catch {
            isStopped = true
            return nil
        }
    }
}

/// What a subject selects in one event.
enum Selection {
    case nothing
    /// Apart from `nodes`, since most paths select one node, which then needs no array.
    case node(JSONNode)
    case nodes([JSONNode])
    case header([String])

    var count: Int {
        switch self {
        case .nothing: 0
        case .node: 1
        case .nodes(let nodes): nodes.count
        case .header(let values): values.count
        }
    }

    var isEmpty: Bool { count == 0 }

    /// Adds a node and asks for more, as a path's visitor does.
    mutating func append(_ node: JSONNode) -> Bool {
        switch self {
        case .nothing: self = .node(node)
        case .node(let first): self = .nodes([first, node])
        case .nodes(var nodes):
            self = .nothing
            nodes.append(node)
            self = .nodes(nodes)
        case .header: preconditionFailure("a path selects nodes only")
        }
        return true
    }

    /// Whether a selected value is as wanted; stops at the first.
    func contains(_ isWanted: (EventValue) -> Bool) -> Bool {
        switch self {
        case .nothing: return false
        case .node(let node): return isWanted(EventValue(node))
        case .nodes(let nodes): return nodes.contains { isWanted(EventValue($0)) }
        case .header(let values):
            return values.contains { value in
                var value = value
                return value.withUTF8 { isWanted(.header($0)) }
            }
        }
    }
}
