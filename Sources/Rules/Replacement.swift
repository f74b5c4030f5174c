import JSONPath

/// `replace: { pattern, with }`: a name that the pattern matches as a whole becomes `with`; any other stays as it is. So
/// `(.*)__v[0-9]+` with `$1` turns `orders__v2` into `orders` and leaves `orders__v2_old` alone: I-Regexp (RFC 9485)
/// patterns match whole texts, here as in `matches`.
///
/// In `with`, `$1` to `$9` are the pattern's groups (empty if a group took no part), `$0` is the whole name and `$$` a
/// dollar.
package struct Replacement: Sendable, Hashable {
    package let pattern: IRegexp
    /// As written.
    package let with: String
    private let parts: [Part]

    private enum Part: Hashable {
        case text(String)
        case group(Int)
    }

    package init(pattern: IRegexp, with: String) throws(ReplacementError) {
        self.pattern = pattern
        self.with = with
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(with)
        while let character = rest.popFirst() {
            guard character == "$" else {
                literal.append(character)
                continue
            }
            guard let next = rest.popFirst() else { throw .looseDollar }
            if next == "$" {
                literal.append("$")
            } else if next.isASCII, let group = next.wholeNumberValue {
                guard group <= pattern.groupCount else { throw .noSuchGroup(group, of: pattern.groupCount) }
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(.group(group))
            } else {
                throw .looseDollar
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// The name after the replacement.
    func apply(to name: String, budget: inout StepBudget) throws(StepsExceeded) -> String {
        guard let groups = try pattern.captures(whole: name, budget: &budget) else { return name }
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .group(let group): result += groups[group] ?? ""
            }
        }
        return result
    }
}

/// Why a `with` cannot be used.
package enum ReplacementError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchGroup(Int, of: Int)
    case looseDollar

    package var description: String {
        switch self {
        case .noSuchGroup(let group, of: let count):
            "`$\(group)` names a group that the pattern does not have; it has \(count)"
        case .looseDollar: "a `$` must be followed by a group's number or, to mean a dollar, by another `$`"
        }
    }
}
