@testable import JSONPath

/// Matches a pattern by trying everything, one thing after another: what a plain backtracking engine does, and so
/// given up after some steps.
struct ReferenceMatcher {
    private struct GivenUp: Error {}

    private let text: [Unicode.Scalar]
    private var steps = 500

    /// Nil when it takes too long.
    static func matches(_ tree: PatternTree, whole text: String) -> Bool? {
        var matcher = ReferenceMatcher(text: Array(text.unicodeScalars))
        return try? matcher.match(tree, 0) { matcher, end in end == matcher.text.count }
    }

    /// Nil when it takes too long.
    static func isFound(_ tree: PatternTree, in text: String) -> Bool? {
        var matcher = ReferenceMatcher(text: Array(text.unicodeScalars))
        for start in 0...matcher.text.count {
            guard let isFound = try? matcher.match(tree, start, { _, _ in true }) else { return nil }
            if isFound { return true }
        }
        return false
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private typealias Next = (inout Self, Int) throws -> Bool

    private mutating func match(_ tree: PatternTree, _ position: Int, _ next: Next) throws -> Bool {
        steps -= 1
        if steps < 0 { throw GivenUp() }
        switch tree {
        case .one(let characterClass):
            guard position < text.count, characterClass.contains(text[position].value) else { return false }
            return try next(&self, position + 1)
        case .sequence(let parts): return try match(parts[...], position, next)
        case .alternatives(let branches):
            for branch in branches {
                if try match(branch, position, next) { return true }
            }
            return false
        case .group(_, let inner): return try match(inner, position, next)
        case .repeated(let inner, let minimum, let maximum):
            return try repeated(inner, minimum, maximum, position, next)
        case .textStart: return try position == 0 && next(&self, position)
        case .textEnd: return try position == text.count && next(&self, position)
        }
    }

    private mutating func match(_ parts: ArraySlice<PatternTree>, _ position: Int, _ next: Next) throws -> Bool {
        guard let first = parts.first else { return try next(&self, position) }
        return try match(first, position) { matcher, end in try matcher.match(parts.dropFirst(), end, next) }
    }

    /// Beyond the minimum, a round that takes nothing leads nowhere new.
    private mutating func repeated(
        _ inner: PatternTree,
        _ minimum: Int,
        _ maximum: Int?,
        _ position: Int,
        _ next: Next
    ) throws -> Bool {
        if maximum != 0 {
            let again = try match(inner, position) { matcher, end in
                if minimum == 0, end == position { return false }
                return try matcher.repeated(inner, max(0, minimum - 1), maximum.map { $0 - 1 }, end, next)
            }
            if again { return true }
        }
        return try minimum == 0 && next(&self, position)
    }
}
