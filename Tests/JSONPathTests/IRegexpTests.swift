import Testing

@testable import JSONPath

@Suite("I-Regexp (RFC 9485)")
struct IRegexpTests {
    @Test(
        "whole values",
        arguments: [
            ("", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "xabc", false), ("abc", "abcx", false),
            ("a|b", "b", true), ("a|", "", true), ("|a", "a", true), ("(a|b)*c", "ababc", true), ("a+", "", false),
            ("a?", "aa", false), ("a{2}", "aa", true), ("a{2}", "aaa", false), ("a{2,}", "aaaaa", true),
            ("a{2,}", "a", false), ("a{1,3}", "aaa", true), ("a{1,3}", "aaaa", false), ("a{0}b", "b", true),
            (".", "\n", false), (".", "\r", false), (".", "\u{2028}", true), (".", "😀", true), ("..", "😀", false),
            ("[a-c]+", "abcab", true), ("[^a-c]", "d", true), ("[^a-c]", "b", false), ("[-a]", "-", true),
            ("[a-]", "-", true), ("[^-]", "-", false), ("[\\]\\[]+", "[]", true), ("[.*+?(){}|$]+", ".*+?(){}|$", true),
            ("[\\^x]", "^", true), ("[x^]", "^", true), ("\\.\\*\\\\", ".*\\", true), ("\\n\\r\\t", "\n\r\t", true),
            ("\\-", "-", true), ("\\{\\}\\|\\^", "{}|^", true), ("é+", "éé", true), ("[α-ω]+", "λόγος", false),
            ("[α-ωό]+", "λόγος", true), ("a,b-c/d", "a,b-c/d", true), ("2020-[0-9]{2}", "2020-11", true),
            ("[😀-😂]", "😁", true), ("]", "]", false), ("(a)(b)", "ab", true), ("(((a)))", "a", true),
        ]
    )
    func whole(pattern: String, text: String, matches: Bool) throws {
        guard let expression = try? IRegexp(pattern) else {
            #expect(!matches)
            return
        }
        #expect(try expression.matches(whole: text) == matches)
    }

    @Test(
        "some part of a value",
        arguments: [
            ("b", "abc", true), ("", "", true), ("", "abc", true), ("bc|x", "abc", true), ("c{2}", "abc", false),
            ("a.c", "xxabcxx", true), ("ab", "aab", true), ("^b", "ab", false), ("^a", "ab", true), ("a$", "ab", false),
            ("b$", "ab", true), ("^$", "", true), ("^$", "a", false),
        ]
    )
    func search(pattern: String, text: String, isFound: Bool) throws {
        #expect(try IRegexp(pattern).isFound(in: text) == isFound)
    }

    @Test("^ and $ are anchors at a branch's ends, and characters elsewhere")
    func anchors() throws {
        #expect(try IRegexp("^ab|c$").matches(whole: "ab"))
        #expect(try IRegexp("^a.*$").matches(whole: "abc"))
        #expect(try IRegexp("a^b$c").matches(whole: "a^b$c"))
        #expect(try IRegexp("a[$]").matches(whole: "a$"))
        #expect(try IRegexp("(^a)b").isFound(in: "ab"))
        #expect(try !IRegexp("x(^a)").isFound(in: "xa"))
    }

    @Test("every general category, its group and its complement")
    func categories() throws {
        let examples: [(String, Unicode.Scalar)] = [
            ("Lu", "A"), ("Ll", "ß"), ("Lt", "ǅ"), ("Lm", "ʰ"), ("Lo", "中"), ("Mn", "\u{301}"), ("Mc", "\u{903}"),
            ("Me", "\u{20DD}"), ("Nd", "٣"), ("Nl", "Ⅳ"), ("No", "½"), ("Pc", "_"), ("Pd", "-"), ("Ps", "("),
            ("Pe", ")"), ("Pi", "«"), ("Pf", "»"), ("Po", "!"), ("Sm", "+"), ("Sc", "€"), ("Sk", "^"), ("So", "©"),
            ("Zs", "\u{A0}"), ("Zl", "\u{2028}"), ("Zp", "\u{2029}"), ("Cc", "\u{7}"), ("Cf", "\u{200B}"),
            ("Co", "\u{E000}"), ("Cn", "\u{378}"),
        ]
        for (name, scalar) in examples {
            let text = String(Character(scalar))
            for category in [name, String(name.prefix(1))] {
                #expect(try IRegexp("\\p{\(category)}").matches(whole: text), "\(category)")
                #expect(try !IRegexp("\\P{\(category)}").matches(whole: text), "\(category)")
                #expect(try IRegexp("[0\\p{\(category)}]").matches(whole: text), "\(category)")
                #expect(try !IRegexp("[^\\p{\(category)}]").matches(whole: text), "\(category)")
            }
            for (other, _) in examples where other != name {
                #expect(try !IRegexp("\\p{\(other)}").matches(whole: text), "\(other) \(name)")
            }
        }
        #expect(try IRegexp("[\\P{L}a]+").matches(whole: "1a-"))
    }

    @Test(
        "what is no I-Regexp",
        arguments: [
            ("(", 0), ("a)", 1), ("[", 0), ("[]", 1), ("[^]", 2), ("*", 0), ("a**", 2), ("a+?", 2), ("a|*", 2),
            ("{", 0), ("}", 0),
            ("a{", 2), ("a{,2}", 2), ("a{2", 3), ("a{3,2}", 1), ("a{1}{2}", 4), ("]", 0), ("\\", 0), ("\\d", 0),
            ("\\w", 0), ("\\s", 0), ("\\b", 0), ("\\1", 0), ("\\$", 0), ("\\u0041", 0), ("\\p", 0), ("\\p{", 0),
            ("\\p{Xx}", 0),
            ("\\p{Cs}", 0), ("\\p{lu}", 0), ("\\p{}", 0), ("\\p{^L}", 0), ("[a-\\p{L}]", 3), ("[z-a]", 1),
            ("[a-b-c]", 4), ("[a--]", 3),
            ("[[a]]", 1), ("(?:a)", 1), ("(?i)a", 1), ("é(", 2),
        ]
    )
    func refused(pattern: String, offset: Int) {
        do throws(IRegexpError) {
            _ = try IRegexp(pattern)
            Issue.record("\(pattern) was taken")
        } catch {
            #expect(error.offset == offset, "\(pattern): \(error)")
        }
    }

    @Test(
        "a pattern too large or nested too deep is refused before it takes memory",
        arguments: [
            "(a{1000}){1000}", "((((a{99}){99}){99}){99}){99}", "(((((){1000}){1000}){1000}){1000}){1000}", "a{5001}",
            "a{99999999999999999999999}", "(a{0,99}){0,99}", String(repeating: "(", count: 100_000),
            String(repeating: "(", count: 200) + String(repeating: ")", count: 200),
            String(repeating: "a", count: 6000),
        ]
    )
    func tooLarge(pattern: String) {
        #expect(throws: IRegexpError.self) { try IRegexp(pattern) }
    }

    @Test(
        "hostile patterns take steps in proportion to the text",
        arguments: [
            "(a*)*b", "(a|a)*b", "(a|aa)+b", "((a*)*)*b", "(a?){50}a{50}b", "(.*)(.*)(.*)(.*)(.*)b", "(a|b|ab)*c",
            "(()*)*b",
        ]
    )
    func hostile(pattern: String) throws {
        let expression = try IRegexp(pattern)
        func steps(_ length: Int, _ run: (UnsafeBufferPointer<UInt8>, inout StepBudget) throws -> Bool) rethrows -> Int
        {
            var budget = StepBudget(.max)
            let text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
            let isMatch = try text.withUnsafeBufferPointer { try run($0, &budget) }
            #expect(!isMatch)
            return Int.max - budget.remaining
        }
        for length in [100, 100_000 / expression.size] {
            let bound = (length + 1) * (expression.size + 1)
            #expect(try steps(length) { try expression.matches(whole: $0, budget: &$1) } <= bound)
            #expect(try steps(length) { try expression.isFound(in: $0, budget: &$1) } <= bound)
        }
        #expect(try expression.caught(String(repeating: "a", count: 1000)) == nil)
    }

    @Test("a text of 100,000 characters takes no more steps than its length times the pattern's size")
    func longText() throws {
        let expression = try IRegexp("(a*)*b")
        var budget = StepBudget(100_001 * (expression.size + 1))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        #expect(try text.withUnsafeBufferPointer { try !expression.matches(whole: $0, budget: &budget) })
    }

    @Test("a match that takes more steps than granted says so")
    func exceeded() throws {
        let expression = try IRegexp("[a-z]*")
        let text = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        text.withUnsafeBufferPointer { text in
            var budget = StepBudget(10)
            #expect(throws: StepsExceeded.self) { try expression.matches(whole: text, budget: &budget) }
            #expect(budget.remaining == 0)
        }
    }

    @Test("groups catch what Perl's would: greedy, and the first branch that leads to a match")
    func captures() throws {
        func caught(_ pattern: String, _ text: String) throws -> [String?]? {
            try IRegexp(pattern).caught(text)?.map { $0.map(String.init) }
        }
        #expect(try caught("(.*)__v[0-9]+", "orders__v12") == ["orders__v12", "orders"])
        #expect(try caught("(.*)__v[0-9]+", "a__v1__v2") == ["a__v1__v2", "a__v1"])
        #expect(try caught("(.*)__v[0-9]+", "orders") == nil)
        #expect(try caught("(a*)(a*)", "aaa") == ["aaa", "aaa", ""])
        #expect(try caught("(a|ab)(c|bcd)(d*)", "abcd") == ["abcd", "a", "bcd", ""])
        #expect(try caught("(a)|(b)", "b") == ["b", nil, "b"])
        #expect(try caught("(a|b)*", "aab") == ["aab", "b"])
        #expect(try caught("(a?)(ab)?", "ab") == ["ab", "", "ab"])
        #expect(try caught("(é+)(😀)?x", "éé😀x") == ["éé😀x", "éé", "😀"])
        #expect(try caught("abc", "abc") == ["abc"])
        #expect(try IRegexp("((a)(b))c").groupCount == 3)
    }

    @Test("groups beyond the bound match, and are not reported")
    func manyGroups() throws {
        let expression = try IRegexp(String(repeating: "(a)", count: 150))
        #expect(try expression.caught(String(repeating: "a", count: 150))?.count == 100)
    }
}

extension IRegexp {
    func caught(_ text: String) throws -> [Substring?]? {
        var budget = StepBudget()
        return try captures(whole: text, budget: &budget)
    }
}
