import OffThePool
import Testing

@testable import JSONPath

@Suite("running a path over a document", .offThePool)
struct EvaluatorTests {
    @Test("a visitor that wants no more is not called again")
    func earlyStop() throws {
        for query in ["$.*", "$..*", "$[?@ > 0]", "$[0:9]", "$[0,1,2]", "$[9:0:-1]"] {
            let path = try JSONPath(query)
            try read("[1,2,3,4]") { root in
                var seen = 0
                let outcome = path.forEach(in: root) { _ in
                    seen += 1
                    return seen < 2
                }
                #expect(outcome == .stopped)
                #expect(seen == 2)
            }
        }
    }

    @Test("a walk to the end is completed, also one over nothing")
    func completed() throws {
        for (query, count) in [("$[*]", 2), ("$[0]", 1), ("$.a", 0), ("$..a", 0)] {
            let path = try JSONPath(query)
            try read("[1,2]") { root in
                var seen = 0
                let outcome = path.forEach(in: root) { _ in
                    seen += 1
                    return true
                }
                #expect(outcome == .completed)
                #expect(seen == count)
            }
        }
    }

    /// An array of arrays, `width` to the power of `depth` at the bottom.
    private func tree(width: Int, depth: Int) -> String {
        depth == 0
            ? "1"
            : "[" + Array(repeating: tree(width: width, depth: depth - 1), count: width).joined(separator: ",") + "]"
    }

    @Test(
        "a path that takes too many steps ends as exceeded, having visited no more nodes than it had steps for",
        arguments: [
            "$..*..*..*..*", "$[?@..[?@..[?@..[?@==7]]]]", "$..[?count($..*) == count($..*..*) && @ == 7]",
            "$[*,*,*,*][*,*,*,*][*,*,*,*][*,*,*,*][*,*,*,*]", "$..[?$..[?@ == 7]]",
            "$..[::-1]..[::-1]..[::-1]",
        ]
    )
    func exceeded(query: String) throws {
        let path = try JSONPath(query)
        let budget = 20_000
        try read(tree(width: 4, depth: 6)) { root in
            var left = StepBudget(budget)
            var seen = 0
            let outcome = path.forEach(in: root, budget: &left) { _ in
                seen += 1
                return true
            }
            #expect(outcome == .exceeded)
            #expect(left.remaining == 0)
            #expect(seen < budget)
        }
    }

    @Test("nodes(in:) throws rather than give half an answer")
    func exceededNodes() throws {
        let path = try JSONPath("$..*..*..*..*..*..*..*..*..*")
        try read(String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)) { root in
            var budget = StepBudget(100_000)
            _ = #expect(throws: StepsExceeded.self) { try path.nodes(in: root, budget: &budget) }
        }
    }

    @Test(
        "a plain path over 1 MiB stays within the standard budget",
        arguments: ["$[*]", "$..*", "$[?@ >= 0]", "$[::-1]"]
    )
    func standardBudget(query: String) throws {
        let path = try JSONPath(query)
        let count = 1 << 19
        try read("[" + String(repeating: "1,", count: count - 1) + "1]") { root in
            var seen = 0
            let outcome = path.forEach(in: root) { _ in
                seen += 1
                return true
            }
            #expect(outcome == .completed)
            #expect(seen == count)
        }
    }

    @Test("searching among many members costs steps, found or not")
    func searchCost() throws {
        let members = (0..<10_000).map { "\"k\($0)\":1" }.joined(separator: ",")
        try read("{\(members)}") { root in
            for query in ["$[?$.absent]", "$[?$.k9999]", "$[?$ == $]"] {
                var budget = StepBudget(1_000_000)
                let outcome = try? JSONPath(query).forEach(in: root, budget: &budget) { _ in true }
                #expect(outcome == .exceeded, "\(query)")
            }
        }
    }

    @Test("comparing long texts and many names again and again costs steps")
    func comparisonCost() throws {
        let long = String(repeating: "x", count: 50_000)
        let many = "[" + String(repeating: "1,", count: 1000) + "1]"
        for condition in ["$.a == $.b", "$.a <= $.b", "$.a < $.b", "length($.a) == 0"] {
            try read("{\"a\":\"\(long)\",\"b\":\"\(long)\",\"c\":\(many)}") { root in
                var budget = StepBudget(1_000_000)
                let outcome = try? JSONPath("$.c[?\(condition)]").forEach(in: root, budget: &budget) { _ in true }
                #expect(outcome == .exceeded, "\(condition)")
            }
        }
    }

    @Test("the search for one more container costs what was looked at, also where there is none")
    func lastContainerCost() throws {
        // 10,000 filters, each of which looks through 20,000 numbers for a second container.
        try read("[[1]," + String(repeating: "1,", count: 10_000) + "1]") { root in
            for query in ["$[?count($..[0]) > 5]", "$[?count($..[0:1]) > 5]"] {
                var budget = StepBudget(5_000_000)
                let outcome = try? JSONPath(query).forEach(in: root, budget: &budget) { _ in true }
                #expect(outcome == .exceeded, "\(query)")
            }
        }
    }

    @Test("a pattern from the document costs its compilation each time")
    func compilationCost() throws {
        let many = "[" + String(repeating: "1,", count: 1000) + "1]"
        for pattern in [String(repeating: "[a]", count: 100), "a{4000}", "a{5001}", String(repeating: "(", count: 300)]
        {
            try read("{\"p\":\"\(pattern)\",\"c\":\(many)}") { root in
                var budget = StepBudget(1_000_000)
                let outcome = try? JSONPath("$.c[?match('a', $.p)]").forEach(in: root, budget: &budget) { _ in true }
                #expect(outcome == .exceeded)
            }
        }
    }

    @Test("one budget may serve several paths; what was used is gone")
    func sharedBudget() throws {
        let path = try JSONPath("$[*]")
        try read("[1,2,3]") { root in
            var budget = StepBudget(80)
            #expect(path.forEach(in: root, budget: &budget) { _ in true } == .completed)
            #expect(path.forEach(in: root, budget: &budget) { _ in true } == .completed)
            #expect(path.forEach(in: root, budget: &budget) { _ in true } == .exceeded)
        }
    }

    @Test("a hostile pattern inside a filter uses up the budget instead of the time")
    func patternBudget() throws {
        let path = try JSONPath("$[?match(@, '(a{1,30})*b')]")
        try read("[\"\(String(repeating: "a", count: 10_000))\"]") { root in
            var budget = StepBudget(100_000)
            #expect(path.forEach(in: root, budget: &budget) { _ in true } == .exceeded)
        }
    }

    @Test("a pattern from the document works, a broken one matches nothing")
    func computedPattern() throws {
        let json = #"{"p":"a+","q":"(","v":["aa","b"]}"#
        #expect(try select("$.v[?match(@, $.p)]", in: json) == [#""aa""#])
        #expect(try select("$.v[?match(@, $.q)]", in: json) == [])
        #expect(try select("$.v[?!match(@, $.absent)]", in: json).count == 2)
        #expect(try select("$.v[?match(@, '(')]", in: json) == [])
    }

    @Test("slices, against the RFC's own loop", arguments: 0..<8)
    func slices(length: Int) throws {
        let json = "[" + (0..<length).map(String.init).joined(separator: ",") + "]"
        let bounds: [Int?] = [nil, -9, -8, -7, -3, -1, 0, 1, 2, 5, 7, 8, 9]
        for start in bounds {
            for end in bounds {
                for step in [nil, -9_007_199_254_740_991, -3, -2, -1, 0, 1, 2, 3, 9_007_199_254_740_991] {
                    let parts = [start, end, step].map { $0.map(String.init) ?? "" }
                    let query = "$[" + parts.joined(separator: ":") + "]"
                    let expected = loop(start, end, step ?? 1, length).map(String.init)
                    #expect(try select(query, in: json) == expected, "\(query) of \(length)")
                }
            }
        }
    }

    /// RFC 9535 §2.3.4.2.2, word by word.
    private func loop(_ start: Int?, _ end: Int?, _ step: Int, _ length: Int) -> [Int] {
        guard step != 0 else { return [] }
        func normalize(_ index: Int) -> Int { index >= 0 ? index : length + index }
        let first = normalize(start ?? (step > 0 ? 0 : length - 1))
        let last = normalize(end ?? (step > 0 ? length : -length - 1))
        if step > 0 {
            return Array(stride(from: min(max(first, 0), length), to: min(max(last, 0), length), by: step))
        }
        return Array(stride(from: min(max(first, -1), length - 1), to: min(max(last, -1), length - 1), by: step))
    }

    @Test("strings are ordered by their characters' numbers")
    func order() throws {
        #expect(try select(#"$[?@ > "\uFFFD"]"#, in: #"["\uD83D\uDE00","z","\uFFFE"]"#) == ["\"😀\"", "\"\u{FFFE}\""])
        #expect(try select("$[?@ < 'ab']", in: #"["a","ab","abc","b",""]"#) == [#""a""#, #""""#])
    }

    @Test("length counts characters, not bytes; of what has no length there is none")
    func length() throws {
        #expect(try select("$[?length(@) == 2]", in: #"["é😀","ab",[1,2],{"a":1,"b":2},2,null]"#).count == 4)
        #expect(try select("$[?length(@) == length($.absent)]", in: #"[1,true,null,"a"]"#) == ["1", "true", "null"])
    }

    @Test("integers compare exactly, also those in the path")
    func integers() throws {
        let json = "[9007199254740992,9007199254740993,18446744073709551615,1.0]"
        #expect(try select("$[?@ == 9007199254740993]", in: json) == ["9007199254740993"])
        #expect(try select("$[?@ > 9007199254740993]", in: json) == ["18446744073709551615"])
        #expect(try select("$[?@ == 1]", in: json) == ["1.0"])
        #expect(try select("$[?@ == 1e0]", in: json) == ["1.0"])
        #expect(try select("$[?@ < 1E400]", in: json).count == 4)
    }

    @Test("arrays and objects are equal by content, to any depth")
    func deepEquality() throws {
        let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(try select("$[?@ == $[0]]", in: "[\(deep),\(deep),[\(deep)],{}]").count == 2)
    }
}
