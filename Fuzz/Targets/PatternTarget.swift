@testable import JSONPath

/// The longest text and the largest pattern that are run here: what large ones show, small ones show too, and more of
/// them can be tried.
private let longestText = 24
private let largestPattern = 300

/// The first line is a pattern, the rest a text. The answer is that of plain backtracking, and it takes no more steps
/// than the text's characters times the pattern's instructions.
let fuzzPattern: FuzzTarget = { input in
    let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let source = String(decoding: parts[0], as: UTF8.self)
    do throws(IRegexpError) {
        let pattern = try IRegexp(source)
        check(pattern.size <= PatternProgram.maximumSize, "too large")
        guard pattern.size <= largestPattern else { return }
        run(pattern, source, String(decoding: parts[1].prefix(longestText), as: UTF8.self))
    } catch {
        check((0...source.utf8.count).contains(error.offset), "an error outside the pattern: \(error)")
    }
}

private func run(_ pattern: IRegexp, _ source: String, _ text: String) {
    let utf8 = Array(text.utf8)
    let bound = (utf8.count + 2) * (pattern.size + 2)
    func within(_ body: (UnsafeBufferPointer<UInt8>, inout StepBudget) throws -> Bool) -> Bool {
        var budget = StepBudget(bound)
        guard let answer = try? utf8.withUnsafeBufferPointer({ try body($0, &budget) }) else {
            fatalError("\(source) takes over \(bound) steps")
        }
        return answer
    }
    let isWhole = within { try pattern.matches(whole: $0, budget: &$1) }
    let isFound = within { try pattern.isFound(in: $0, budget: &$1) }
    check(!isWhole || isFound, "\(source) matches the whole of a text, and is not found in it")
    var budget = StepBudget()
    if let captures = try? pattern.captures(whole: text, budget: &budget) {
        check(isWhole && captures.first == text[...], "captures what does not match")
        check(captures.count == min(pattern.groupCount, PatternProgram.maximumCaptures) + 1, "a group is missing")
    } else {
        check(!isWhole, "captures nothing")
    }
    var parser = IRegexpParser(source)
    guard let tree = try? parser.parse() else { fatalError("\(source) parses once only") }
    if let expected = ReferenceMatcher.matches(tree, whole: text) {
        check(expected == isWhole, "\(source) matches: \(isWhole)")
    }
    if let expected = ReferenceMatcher.isFound(tree, in: text) {
        check(expected == isFound, "\(source) is found: \(isFound)")
    }
}
