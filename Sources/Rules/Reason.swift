/// Why a condition does not hold of an event. Its text is made when somebody reads it: the trail keeps many more reasons
/// than that.
package indirect enum Reason: Hashable, Sendable {
    /// What the subject selected is not what was asked for.
    case test(Subject, Predicate, SelectedValues)
    /// Nothing under `any` holds: the reasons of the first few of so many.
    case any([Reason], of: Int)
    /// This subject is as a condition under `none` has it.
    case none(Subject, SelectedValues)
    /// A whole group under `none` holds.
    case noneOfGroup
}

/// What a subject selected, in an excerpt that is short whatever the event holds.
package struct SelectedValues: Hashable, Sendable {
    /// How many values there are.
    package let count: Int
    /// The first three, at most 80 characters of each.
    package let shown: [String]

    static let limit = 3

    init(_ selection: Selection) {
        count = selection.count
        var shown: [String] = []
        _ = selection.contains { value in
            shown.append(value.excerpt)
            return shown.count == Self.limit
        }
        self.shown = shown
    }

    /// Of a header field that proves who sent the event: whoever reads why may not sign for him (queue.md S7).
    init(hiding count: Int) {
        self.count = count
        shown = Array(repeating: "(hidden)", count: min(count, Self.limit))
    }

    /// What the event holds there.
    func statement(_ subject: Subject) -> String {
        count == 0 ? "\(subject) selects nothing" : "\(subject) is " + list(shown, of: count)
    }
}

extension Reason: CustomStringConvertible {
    /// A sentence, e.g. `$.data.status is "FAILED", not "SUCCESSFUL"`.
    package var description: String {
        switch self {
        case .any(let reasons, let count):
            return "no condition under `any` holds: " + list(reasons.map(\.description), of: count, separator: "; ")
        case .none(let subject, let values):
            return "a condition under `none` holds: " + values.statement(subject)
        case .noneOfGroup: return "a group of conditions under `none` holds"
        case .test(let subject, let predicate, let values):
            let statement = values.statement(subject)
            switch predicate {
            case .value: return values.count == 0 ? statement : statement + ", not " + predicate.phrase
            case .exists(true): return statement
            case .exists(false): return statement + ", but must not be there"
            case .not(let inner): return statement + ", but must not be " + inner.phrase
            case .every: return statement + ", not " + predicate.phrase
            }
        }
    }
}

extension Predicate {
    /// What is wanted, to follow "is" or "not".
    var phrase: String {
        switch self {
        case .value(let tests): tests.map(\.phrase).joined(separator: " and ")
        case .exists(true): "there"
        case .exists(false): "absent"
        case .not(let inner): "not " + inner.phrase
        case .every(let predicates): predicates.map(\.phrase).joined(separator: " and ")
        }
    }
}

extension ValueTest {
    /// How many alternatives of an `in` are shown.
    private static let shownAlternatives = 10

    fileprivate var phrase: String {
        switch self {
        case .equals(let scalar): scalar.description
        case .isIn(let scalars):
            "one of " + list(scalars.prefix(Self.shownAlternatives).map(\.description), of: scalars.count)
        case .glob(let glob): "like \"\(glob.pattern)\""
        case .matches(let pattern): "matching \"\(pattern)\""
        case .above(let number): "above " + number.text
        case .below(let number): "below " + number.text
        }
    }
}

/// `a, b and 3 more`.
private func list(_ shown: [String], of count: Int, separator: String = ", ") -> String {
    shown.joined(separator: separator) + (count > shown.count ? " and \(count - shown.count) more" : "")
}
