import Testing
import Vocabulary

@testable import JSONPath

/// A second, simpler matcher: plain backtracking, which is exponential and so for short texts only.
private struct Backtracking {
    var captures: [Int: Range<Int>] = [:]
    let text: [UInt32]

    /// Matches `tree` at `position`, then what `rest` asks for; takes back what it noted if that fails.
    mutating func match(_ tree: PatternTree, _ position: Int, _ rest: (inout Self, Int) -> Bool) -> Bool {
        switch tree {
        case .one(let characterClass):
            position < text.count && characterClass.contains(text[position]) && rest(&self, position + 1)
        case .sequence(let parts): match(parts[...], position, rest)
        case .alternatives(let branches): branches.contains { match($0, position, rest) }
        case .group(let number, let inner): match(group: number, inner, position, rest)
        case .repeated(let inner, let minimum, let maximum): repeated(inner, minimum, maximum, position, rest)
        case .textStart: position == 0 && rest(&self, position)
        case .textEnd: position == text.count && rest(&self, position)
        }
    }

    private mutating func match(
        _ parts: ArraySlice<PatternTree>,
        _ position: Int,
        _ rest: (inout Self, Int) -> Bool
    ) -> Bool {
        guard let first = parts.first else { return rest(&self, position) }
        return match(first, position) { $0.match(parts.dropFirst(), $1, rest) }
    }

    private mutating func match(
        group number: Int,
        _ inner: PatternTree,
        _ position: Int,
        _ rest: (inout Self, Int) -> Bool
    ) -> Bool {
        match(inner, position) { machine, end in
            let before = machine.captures[number]
            machine.captures[number] = position..<end
            if rest(&machine, end) { return true }
            machine.captures[number] = before
            return false
        }
    }

    private mutating func repeated(
        _ inner: PatternTree,
        _ minimum: Int,
        _ maximum: Int?,
        _ position: Int,
        _ rest: (inout Self, Int) -> Bool
    ) -> Bool {
        if minimum > 0 {
            return match(inner, position) { $0.repeated(inner, minimum - 1, maximum.map { $0 - 1 }, $1, rest) }
        }
        if maximum != 0 {
            let more = match(inner, position) { machine, end in
                (maximum != nil || end > position) && machine.repeated(inner, 0, maximum.map { $0 - 1 }, end, rest)
            }
            if more { return true }
        }
        return rest(&self, position)
    }
}

@Suite("the pattern machines, against plain backtracking")
struct PatternMachineTests {
    private func pattern(_ depth: Int, using generator: inout SeededGenerator) -> String {
        let atoms = ["a", "b", ".", "[ab]", "[^a]", "c"]
        func atom(_ generator: inout SeededGenerator) -> String {
            if depth == 0 || Int.random(in: 0..<3, using: &generator) > 0 {
                return atoms.randomElement(using: &generator) ?? "a"
            }
            return "(" + pattern(depth - 1, using: &generator) + ")"
        }
        let quantifiers = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}"]
        let branches = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
            (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                atom(&generator) + (quantifiers.randomElement(using: &generator) ?? "")
            }.joined()
        }
        return branches.joined(separator: "|")
    }

    @Test("5000 random patterns and texts: the same texts match", arguments: [1, 2, 3, 4] as [UInt64])
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1250 {
            let source = pattern(2, using: &generator)
            let text = String(
                (0..<Int.random(in: 0...6, using: &generator)).map { _ in "abc".randomElement(using: &generator) ?? "a"
                }
            )
            var parser = IRegexpParser(source)
            let tree = try parser.parse()
            var reference = Backtracking(text: text.unicodeScalars.map(\.value))
            let expected = reference.match(tree, 0) { $1 == $0.text.count }
            let expression = try IRegexp(source)
            #expect(try expression.matches(whole: text) == expected, "seed \(seed): \(source) on \(text)")
            let captures = try expression.caught(text)
            #expect((captures != nil) == expected, "seed \(seed): \(source) on \(text)")

            let found = (0...text.count).contains { start in
                var reference = Backtracking(text: text.unicodeScalars.map(\.value))
                return reference.match(tree, start) { _, _ in true }
            }
            #expect(try expression.isFound(in: text) == found, "seed \(seed): \(source) in \(text)")

            // A loop over nothing has no captures that two engines agree on; all else has.
            guard expected, let captures, !source.contains(")*"), !source.contains(")+"), !source.contains(",}") else {
                continue
            }
            for (group, capture) in captures.enumerated().dropFirst() {
                let range = reference.captures[group]
                let wanted = range.map { String(Array(text)[$0]) }
                #expect(capture.map(String.init) == wanted, "seed \(seed): group \(group) of \(source) on \(text)")
            }
        }
    }
}
