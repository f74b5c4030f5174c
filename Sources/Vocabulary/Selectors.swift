/// What a rule names (product.md §1): one table, every table of a data connection, or everything. Held as written;
/// the `Celonis` room turns it into table ids just before a load.
package enum Selector: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// `*`: a complete load.
    case everything
    /// `data_source:ID`: every table fed by one data connection.
    case dataSource(String)
    /// A table's id, `aliasOrName` or `name`.
    case table(String)

    package init(_ text: String) {
        if text == "*" {
            self = .everything
        } else if text.hasPrefix("data_source:") {
            self = .dataSource(String(text.dropFirst("data_source:".count)))
        } else {
            self = .table(text)
        }
    }

    package var description: String {
        switch self {
        case .everything: "*"
        case .dataSource(let id): "data_source:" + id
        case .table(let name): name
        }
    }

    package static func < (a: Self, b: Self) -> Bool {
        // The common case without a word for it: sets of thousands are sorted.
        if case .table(let a) = a, case .table(let b) = b { return a < b }
        return a.description < b.description
    }
}

/// What happens to a name that the model does not have (product.md §2.3). Where rules differ, `fail` wins.
package enum UnknownTables: String, Hashable, Sendable, Comparable, CaseIterable {
    case ignore, fail

    package static func < (a: Self, b: Self) -> Bool { a == .ignore && b == .fail }
}

/// A set of selectors, each with what an unknown name means for it. `*` absorbs every other selector, so a set that
/// holds it holds nothing else. Union is commutative, associative and idempotent: the order of arrivals never shows
/// in the result (queue.md Q14).
package struct SelectorSet: Hashable, Sendable {
    package private(set) var members: [Selector: UnknownTables] = [:]

    package init() {}

    package init(_ selectors: some Sequence<Selector>, unknown: UnknownTables = .fail) {
        for selector in selectors { insert(selector, unknown: unknown) }
    }

    /// Of selectors without `*`, or of `*` alone.
    package init(distinct members: [Selector: UnknownTables]) { self.members = members }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
    /// Looks nothing up: a set with `*` holds nothing else.
    package var isEverything: Bool { members.count == 1 && members.first?.key == .everything }

    /// In a stable order, for people and for requests.
    package var sorted: [Selector] { members.keys.sorted() }
    /// As the contract renders them: `["EKKO", "EKPO"]` or `["*"]`.
    package var texts: [String] {
        members.count == 1 ? members.keys.map(\.description) : members.keys.map(\.description).sorted()
    }
    /// The same, put in order where it is read.
    package var names: TableNames { TableNames(unordered: members.keys.map(\.description)) }

    package func contains(_ selector: Selector) -> Bool { isEverything || members[selector] != nil }
    package func isSuperset(of other: Self) -> Bool {
        isEverything || other.members.keys.allSatisfy { members[$0] != nil }
    }

    package mutating func insert(_ selector: Selector, unknown: UnknownTables) {
        if selector == .everything {
            members = [.everything: .fail]
        } else if members.isEmpty {
            members = [selector: unknown]
        } else if !isEverything {
            members[selector] = max(members[selector] ?? .ignore, unknown)
        }
    }

    package mutating func formUnion(_ other: Self) {
        for (selector, unknown) in other.members { insert(selector, unknown: unknown) }
    }

    package func union(_ other: Self) -> Self {
        var result = self
        result.formUnion(other)
        return result
    }

    /// Removes the given selectors; `*` goes only when named itself.
    package mutating func subtract(_ selectors: some Sequence<Selector>) {
        for selector in selectors { members[selector] = nil }
    }
}
