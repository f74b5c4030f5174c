import JSONPath
import Vocabulary

/// How an event becomes selectors of a model (product.md §2.3).
package enum TableMapping: Hashable, Sendable {
    /// A complete load.
    case all
    /// As written in the rule; an unknown name is a failure.
    case fixed([Selector])
    /// Names that the event carries.
    case names(EventNames)
    /// The tables fed by one data connection whose id is written in the rule.
    case dataSource(String)
    /// The tables fed by each data connection whose id the path selects: every string among its nodes.
    case dataSourceFrom(JSONPath)
}

extension TableMapping {
    /// What it names without an event; nil where the names come from one.
    package var selectors: SelectorSet? {
        switch self {
        case .all: SelectorSet([.everything])
        case .fixed(let selectors): SelectorSet(selectors)
        case .dataSource(let id): SelectorSet([.dataSource(id)])
        case .names, .dataSourceFrom: nil
        }
    }
}

/// Table names taken from an event: every string that `from` selects, through `strip_prefix`, `replace`, `map` and
/// `case` in this order; a hit in `map` ends it.
package struct EventNames: Hashable, Sendable {
    package var from: JSONPath
    /// Removed once from the front of a name that begins with it.
    package var stripPrefix: String
    package var replace: Replacement?
    /// By name as it stands after `replace`. What it gives is a selector as the rule's author wrote it, so `*` and
    /// `data_source:ID` mean here what they mean in a list; in an event they are names like any other.
    package var map: [String: String]
    package var letterCase: LetterCase
    package var unknown: UnknownTables

    package init(
        from: JSONPath,
        stripPrefix: String = "",
        replace: Replacement? = nil,
        map: [String: String] = [:],
        letterCase: LetterCase = .keep,
        unknown: UnknownTables = .fail
    ) {
        self.from = from
        self.stripPrefix = stripPrefix
        self.replace = replace
        self.map = map
        self.letterCase = letterCase
        self.unknown = unknown
    }

    /// The selector for one name of the event.
    func selector(for name: String, budget: inout StepBudget) throws(StepsExceeded) -> Selector {
        try budget.spend(1 + name.utf8.count / 16)
        var name = name
        if name.utf8.starts(with: stripPrefix.utf8) {
            name = String(decoding: name.utf8.dropFirst(stripPrefix.utf8.count), as: UTF8.self)
        }
        if let replace { name = try replace.apply(to: name, budget: &budget) }
        if let written = map[name] { return Selector(written) }
        return .table(letterCase.apply(to: name).bounded)
    }
}

extension String {
    /// A name out of an event as the queue holds it. No table's is longer than a kilobyte: a longer one is known by its
    /// beginning and its length, so that what waits to be loaded does not take what events make up (queue.md Q23).
    var bounded: String { utf8.count <= 1024 ? self : shown }
}

/// `case: upper | lower | keep`, by Unicode's default mapping, whatever the machine's language.
package enum LetterCase: String, Hashable, Sendable, CaseIterable {
    case upper, lower, keep

    func apply(to text: String) -> String {
        switch self {
        case .upper: text.uppercased()
        case .lower: text.lowercased()
        case .keep: text
        }
    }
}
