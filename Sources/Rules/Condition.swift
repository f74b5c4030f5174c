import JSONPath

/// What must hold of an event for a rule to match: a tree of `all`, `any` and `none` over tests (product.md §2.3).
package indirect enum Condition: Hashable, Sendable {
    /// Every one holds; the empty list always does. A mapping of YAML is one of these, in the order written.
    case all([Condition])
    /// At least one holds; the empty list never does.
    case any([Condition])
    /// Not one holds; the empty list always does.
    case none([Condition])
    case test(Subject, Predicate)
}

/// What a test looks at.
package enum Subject: Hashable, Sendable {
    /// Every node that the path selects in the body.
    case path(JSONPath)
    /// Every value of a header field, as strings. Names are compared without regard to case.
    case header(String)

    private static let headerPrefix = "header:"

    /// `header:NAME`, or else a JSONPath.
    package init(_ text: String) throws(JSONPathError) {
        if text.hasPrefix(Self.headerPrefix) {
            self = .header(String(text.dropFirst(Self.headerPrefix.count)))
        } else {
            self = .path(try JSONPath(text))
        }
    }
}

extension Subject: CustomStringConvertible {
    /// As it is written in the configuration.
    package var description: String {
        switch self {
        case .path(let path): path.description
        case .header(let name): Self.headerPrefix + name
        }
    }
}

/// A condition on what a subject selects.
package indirect enum Predicate: Hashable, Sendable {
    /// Any one selected value passes all of these tests, as in `{ above: 1, below: 5 }`.
    case value([ValueTest])
    /// Whether anything is selected, whatever its kind: null is something.
    case exists(Bool)
    /// Holds exactly when the other does not, so also when nothing is selected.
    case not(Predicate)
    /// Several conditions in one mapping that are not all tests of a value, as in `{ glob: 'a*', not: ab }`.
    case every([Predicate])
}

/// A test of one value.
package enum ValueTest: Hashable, Sendable {
    case equals(Scalar)
    case isIn([Scalar])
    /// A string as a whole; no other kind of value.
    case glob(Glob)
    /// A string as a whole; no other kind of value.
    case matches(IRegexp)
    /// A number, or a header's value that is written as one.
    case above(Number)
    /// A number, or a header's value that is written as one.
    case below(Number)
}
