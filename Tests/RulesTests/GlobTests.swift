import JSONPath
import Testing

@testable import Rules

@Suite("Globs")
struct GlobTests {
    private func matches(_ pattern: String, _ text: String, steps: Int = StepBudget.standard) throws -> Bool {
        let glob = try Glob(pattern)
        var budget = StepBudget(steps)
        let utf8 = Array(text.utf8)
        return try utf8.withUnsafeBufferPointer { try glob.matches($0, budget: &budget) }
    }

    @Test(
        "Patterns match whole texts",
        arguments: [
            ("", "", true), ("", "a", false), ("*", "", true), ("**", "abc", true), ("?", "", false),
            ("a", "a", true), ("a", "A", false), ("a*c", "abbc", true), ("a*c", "abcd", false),
            ("*a*b", "xaxxb", true), ("*ab", "aab", true), ("a?c", "aéc", true), ("a?c", "a😀c", true),
            ("a??c", "a😀c", false),
            ("[abc]x", "bx", true), ("[!abc]x", "bx", false), ("[!abc]x", "éx", true), ("[a-f]", "e", true),
            ("[a-f]", "g", false), ("[]]", "]", true), ("[!]]", "]", false), ("[a-]", "-", true), ("[-a]", "-", true),
            ("[*]", "*", true), ("[*]", "a", false), (#"\*"#, #"\abc"#, true), ("é*", "école", true),
            ("[α-ω]", "λ", true),
        ]
    )
    func table(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test("A class without its end and a reversed range are refused")
    func refused() {
        #expect(throws: GlobError.unclosedClass) { try Glob("a[bc") }
        #expect(throws: GlobError.unclosedClass) { try Glob("a[]") }
        #expect(throws: GlobError.reversedRange("z-a")) { try Glob("[z-a]") }
    }

    @Test("A hostile pattern takes at most text times pattern steps, and the budget ends even those")
    func boundedWork() throws {
        let text = String(repeating: "a", count: 2000)
        let pattern = String(repeating: "*a", count: 50) + "*b"
        #expect(try !matches(pattern, text, steps: text.utf8.count * (pattern.utf8.count + 1)))
        #expect(throws: StepsExceeded.self) { try matches("*b", text, steps: 100) }
    }
}
