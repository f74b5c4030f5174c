/// An I-Regexp (RFC 9485), matched in time linear in the text: no pattern and no text make it backtrack.
///
/// Beyond the RFC's letter, an unquantified `^` that begins a branch stands for the text's start and such a `$` that
/// ends one for its end, as RFC 9485 §5.3's mapping to ECMAScript has it and the JSONPath compliance suite expects;
/// anywhere else both are plain characters.
package struct IRegexp: Sendable {
    let program: PatternProgram
    private let pattern: String

    /// Compiles a pattern; refuses what is no I-Regexp, and what passes `PatternProgram`'s limits.
    package init(_ pattern: String) throws(IRegexpError) {
        var parser = IRegexpParser(pattern)
        program = try PatternProgram(parser.parse())
        self.pattern = pattern
    }

    /// How many groups the pattern has.
    package var groupCount: Int { program.groupCount }

    /// How many instructions the pattern compiled to.
    var size: Int { program.instructions.count }

    /// Whether the whole of `text` matches.
    package func matches(whole text: String) throws(StepsExceeded) -> Bool {
        var budget = StepBudget()
        return try Self.withUTF8(text) { text throws(StepsExceeded) in try matches(whole: text, budget: &budget) }
    }

    /// Whether the whole of `text`, which must be valid UTF-8, matches.
    package func matches(
        whole text: UnsafeBufferPointer<UInt8>,
        budget: inout StepBudget
    ) throws(StepsExceeded) -> Bool {
        var machine = PatternMachine(program)
        return try machine.run(text, anywhere: false, budget: &budget)
    }

    /// Whether some part of `text` matches.
    package func isFound(in text: String) throws(StepsExceeded) -> Bool {
        var budget = StepBudget()
        return try Self.withUTF8(text) { text throws(StepsExceeded) in try isFound(in: text, budget: &budget) }
    }

    /// Whether some part of `text`, which must be valid UTF-8, matches.
    package func isFound(
        in text: UnsafeBufferPointer<UInt8>,
        budget: inout StepBudget
    ) throws(StepsExceeded) -> Bool {
        var machine = PatternMachine(program)
        return try machine.run(text, anywhere: true, budget: &budget)
    }

    /// What each group caught if the whole of `text` matches, else nil. Position 0 is the whole text, then the groups
    /// in the order of their opening brackets, at most `PatternProgram.maximumCaptures`; nil for a group that took no
    /// part. Quantifiers are greedy and the first branch that leads to a match is taken, as in Perl.
    package func captures(whole text: String, budget: inout StepBudget) throws(StepsExceeded) -> [Substring?]? {
        let captured = try Self.withUTF8(text) { utf8 throws(StepsExceeded) in
            // Before there is room for them: a pattern may have 5,000 instructions, and 100 groups.
            try budget.spend(program.instructions.count * program.slotCount / 4)
            var machine = CapturingMachine(program)
            return try machine.run(utf8, budget: &budget)
        }
        return captured.map { ranges in
            ranges.map { range in
                range.map { range in
                    let utf8 = text.utf8
                    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
                    return text[start..<utf8.index(start, offsetBy: range.count)]
                }
            }
        }
    }

    /// `String.withUTF8`, which cannot carry a typed error.
    private static func withUTF8<Value>(
        _ text: String,
        _ body: (UnsafeBufferPointer<UInt8>) throws(StepsExceeded) -> Value
    ) throws(StepsExceeded) -> Value {
        var text = text
        let result = text.withUTF8 { utf8 -> Result<Value, StepsExceeded> in
            do throws(StepsExceeded) { return .success(try body(utf8)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

extension IRegexp: CustomStringConvertible {
    /// The pattern as it was written.
    package var description: String { pattern }
}

extension IRegexp: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.pattern == right.pattern }

    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }
}

/// Why a text is not an I-Regexp that this program takes.
package struct IRegexpError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the pattern: bytes of UTF-8 from its start.
    package let offset: Int
    /// What is wrong, and where it can be guessed what to write instead.
    package let message: String
    /// A pattern like any other, but for its size: finding that out was work.
    var isTooLarge = false

    /// One line with message and place.
    package var description: String { "\(message) (at offset \(offset))" }
}
