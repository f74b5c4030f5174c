/// How much work evaluation may still do, in steps: a node looked at, or one state of a pattern at one character, is
/// about one step. A hostile event or path uses up its budget and stops; it holds up nobody else.
package struct StepBudget: Sendable {
    /// Enough for a few plain queries over 1 MiB of JSON; some 50 ms of work.
    package static let standard = 10_000_000

    /// Steps that are left; never negative.
    package private(set) var remaining: Int

    /// A budget of that many steps.
    package init(_ steps: Int = Self.standard) {
        remaining = max(0, steps)
    }

    /// Takes `steps` off, or throws and is empty from then on.
    package mutating func spend(_ steps: Int) throws(StepsExceeded) {
        guard steps <= remaining else {
            remaining = 0
            throw StepsExceeded()
        }
        remaining -= steps
    }
}

/// The step budget was used up before an answer was known.
package struct StepsExceeded: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "The evaluation was stopped: it takes more steps than one event is granted." }
}
