import JSONPath
import Testing
import Vocabulary

@testable import Rules

@Suite("Rule sets")
struct RuleSetTests {
    private let sync = #"{"event":"sync_end","connector_id":"gentle_yak","data":{"status":"SUCCESSFUL"}}"#

    private func changes(_ rules: [Rule], source: String = "s", _ json: String) throws -> [Change] {
        let rules = RuleSet(rules)
        return try withJSON(json) { rules.match(source: source, root: $0, headers: HeaderList()).changes }
    }

    @Test("The contract's example rule")
    func example() throws {
        let rule = Rule(
            name: "sap-orders",
            sources: ["fivetran"],
            condition: .all([
                try test("$.event", equals("sync_end")), try test("$.data.status", equals("SUCCESSFUL")),
                try test("$.connector_id", .isIn([Scalar("gentle_yak"), Scalar("brave_fox")])),
            ]),
            reloads: [Reload(model: "order-to-cash", tables: .fixed([.table("EKKO"), .table("EKPO")]))]
        )
        let expected = written("sap-orders", "order-to-cash", [.table("EKKO"), .table("EKPO")])
        #expect(try changes([rule], source: "fivetran", sync) == [expected])
        #expect(try changes([rule], source: "other", sync) == [])
        #expect(try changes([rule], source: "fivetran", #"{"event":"sync_end"}"#) == [])
    }

    private func written(_ rule: String, _ model: String, _ selectors: [Selector]) -> Change {
        Change(rule: rule, model: model, selectors: SelectorSet(selectors), isWritten: true)
    }

    @Test("One entry per rule and model, in the file's order, reloads of one model merged")
    func entries() throws {
        let first = Rule(
            name: "first",
            sources: ["s", "t", "s"],
            reloads: [
                Reload(model: "a", tables: .fixed([.table("1")])), Reload(model: "b", tables: .all),
                Reload(model: "a", tables: .fixed([.table("2")])),
            ]
        )
        let second = rule("second", try test("$.event", equals("sync_end")))
        #expect(
            try changes([second, first], sync) == [
                written("second", "m", [.table("T")]), written("first", "a", [.table("1"), .table("2")]),
                written("first", "b", [.everything]),
            ]
        )
        #expect(try changes([second, first], source: "t", sync).map(\.rule) == ["first", "first"])
    }

    @Test("A reload without names is left out while the rule's others stand")
    func partlyWithoutTables() throws {
        let rule = Rule(
            name: "r",
            sources: ["s"],
            reloads: [
                Reload(model: "a", tables: .names(EventNames(from: try JSONPath("$.tables[*]")))),
                Reload(model: "b", tables: .all),
            ]
        )
        #expect(try changes([rule], sync).map(\.model) == ["b"])
    }

    @Test("A rule found by several of its equalities is one rule")
    func foundOnce() throws {
        let any = rule(
            "any",
            .any([try test("$.a", equals("1")), try test("$.b[*]", .isIn([Scalar("2"), Scalar("3")]))])
        )
        #expect(try changes([any], #"{"a":1,"b":[2,3,2]}"#).count == 1)
        #expect(try changes([any], #"{"b":[0,3]}"#).count == 1)
        #expect(try changes([any], #"{"a":2,"b":[1]}"#).isEmpty)
    }

    @Test("Test deliveries match no rule, not even one without `when`, on their own preset or without one")
    func testDeliveries() throws {
        let rules = RuleSet(
            [Rule(name: "r", sources: ["f", "g", "n", "a"], reloads: [Reload(model: "m", tables: .all)])],
            testDeliveries: ["f": .fivetran, "g": .github, "a": .any]
        )
        let ping: HeaderList = ["x-github-event": "ping"]
        let cases: [(source: String, json: String, headers: HeaderList, matches: Bool)] = [
            ("f", #"{"event":"test_event","connector_id":"_connector_1"}"#, [:], false),
            ("f", #"{"event":"sync_end"}"#, ping, true),
            ("g", #"{"event":"test_event"}"#, [:], true),
            ("g", "{}", ping, false),
            ("n", #"{"event":"test_event"}"#, ping, true),
            ("a", #"{"event":"test_event"}"#, [:], false), ("a", "{}", ping, false), ("a", "{}", [:], true),
        ]
        for (source, json, headers, matches) in cases {
            try withJSON(json) { root in
                #expect(!rules.match(source: source, root: root, headers: headers).changes.isEmpty == matches)
                let miss = rules.verdicts(source: source, root: root, headers: headers).first?.miss
                #expect(miss == (matches ? nil : .testDelivery))
            }
        }
    }

    @Test("Verdicts come in the file's order, at most as many as asked for")
    func verdicts() throws {
        let rules = RuleSet([rule("a", try test("$.x", equals("1"))), rule("b"), rule("c")])
        try withJSON("{}") { root in
            let verdicts = rules.verdicts(source: "s", root: root, headers: HeaderList(), limit: 2)
            #expect(verdicts.map(\.rule) == ["a", "b"])
            #expect(verdicts.map { $0.miss == nil } == [false, true])
        }
    }

    @Test("Header names that decide anything are known")
    func headerNames() throws {
        let rules = RuleSet(
            [rule("a", .any([try test("header:X-B", equals("1")), try test("header:X-A", .exists(true))]))],
            testDeliveries: ["s": .github]
        )
        #expect(rules.headerNames(source: "s") == ["X-A", "X-B", "X-GitHub-Event"])
        #expect(rules.headerNames(source: "other") == [])
    }

    @Test("An event that asks for too much work is stopped, and says so; what was decided before stands")
    func stopped() throws {
        let long = String(repeating: "x", count: 20_000)
        let rules = RuleSet(
            [
                rule("before"), rule("hostile", try test("$.v", .glob(Glob("*y")))), rule("after"),
                rule("negated", try test("$.v", .not(.exists(true)))),
            ],
            stepsPerEvent: 10_000
        )
        try withJSON(#"{"v":"\#(long)"}"#) { root in
            let matching = rules.match(source: "s", root: root, headers: HeaderList())
            #expect(matching.isStopped)
            #expect(matching.changes.map(\.rule) == ["before"])
            let verdicts = rules.verdicts(source: "s", root: root, headers: HeaderList())
            #expect(verdicts.map(\.miss) == [nil, .stopped, .stopped, .stopped])
        }
        try withJSON(#"{"v":"y"}"#) { root in
            let matching = rules.match(source: "s", root: root, headers: HeaderList())
            #expect(!matching.isStopped)
            #expect(matching.changes.map(\.rule) == ["before", "hostile", "after"])
        }
    }

    @Test("Names that take too much work stop the event too")
    func stoppedByNames() throws {
        let names = EventNames(from: try JSONPath("$.t[*]"))
        let rules = RuleSet([rule("r", tables: .names(names))], stepsPerEvent: 100)
        let json = #"{"t":["# + String(repeating: #""x","#, count: 100) + #""y"]}"#
        try withJSON(json) { root in
            let matching = rules.match(source: "s", root: root, headers: HeaderList())
            #expect(matching == Matching(changes: [], isStopped: true))
            #expect(rules.verdicts(source: "s", root: root, headers: HeaderList()).map(\.miss) == [.stopped])
        }
    }

    @Test("A path that selects a long text again and again is stopped, and has not copied it a thousand times")
    func repeatedText() throws {
        let text = String(repeating: "x", count: 100_000)
        let (open, close) = (String(repeating: #"{"t":"#, count: 900), String(repeating: "}", count: 900))
        let event = open + #"{"name":"\#(text)"}"# + close
        let from = try JSONPath("$..t..name")
        let mappings = [TableMapping.names(EventNames(from: from)), .dataSourceFrom(from)]
        let rules =
            mappings.map { RuleSet([rule("r", tables: $0)], stepsPerEvent: 3_000_000) }
            + [RuleSet([rule("r", try test("$..t..name", equals("y")))], stepsPerEvent: 3_000_000)]
        try withJSON(event) { root in
            for rules in rules {
                #expect(rules.match(source: "s", root: root, headers: HeaderList()).isStopped)
                #expect(throws: StepsExceeded.self) {
                    try rules.tables(source: "s", root: root, headers: HeaderList())
                }
            }
        }
    }

    @Test("What a replacement's pattern costs is charged to the event")
    func stoppedByReplacement() throws {
        let pattern = try IRegexp("(.{1,60})(.{1,60})(.{1,60})_v1")
        let replace = try Replacement(pattern: pattern, with: "$1")
        let names = EventNames(from: try JSONPath("$[*]"), replace: replace)
        let name = "\"" + String(repeating: "a", count: 180) + "\""
        let event = "[" + Array(repeating: name, count: 1000).joined(separator: ",") + "]"
        try withJSON(event) { root in
            let matching = RuleSet([rule("r", tables: .names(names))]).match(
                source: "s",
                root: root,
                headers: HeaderList()
            )
            #expect(matching.isStopped)
        }
    }

    @Test("Headers count once, however rules write them, and the sender's test is known by any spelling")
    func headerSpellings() throws {
        let rules = RuleSet(
            [
                rule("any"), rule("push", try test("header:x-github-event", equals("push"))),
                rule("Push", try test("header:X-Github-Event", equals("push"))),
            ],
            testDeliveries: ["s": .github]
        )
        #expect(rules.headerNames(source: "s").count == 1)
        let headers: HeaderList = ["X-GitHub-Event": "ping"]
        let kept = HeaderList(
            rules.headerNames(source: "s").flatMap { name in headers.values(named: name).map { (name, $0) } }
        )
        try withJSON("{}") { root in
            let misses = rules.verdicts(source: "s", root: root, headers: kept).map(\.miss)
            #expect(misses == [.testDelivery, .testDelivery, .testDelivery])
        }
    }

    @Test("Explaining grants each rule what the event is granted, and a test fails where the event is refused")
    func explainStopped() throws {
        let hostile = rule("hostile", try test("$..[?count($..*) > 1000000]", .exists(true)))
        let plain = rule("plain", try test("$.a", equals("x")))
        let event = #"{"a":"x","t":["# + Array(repeating: "[1]", count: 500).joined(separator: ",") + "]}"
        let rules = RuleSet([hostile, plain], stepsPerEvent: 20_000)
        try withJSON(event) { root in
            let explanations = rules.explain(source: "s", root: root, headers: HeaderList())
            #expect(explanations.map(\.miss) == [.stopped, nil])
        }
        let test = RuleTest(name: "t", source: "s", headers: HeaderList(), body: Array(event.utf8), expect: [])
        #expect(test.difference(from: rules)?.first?.contains("would answer 400") == true)
    }

    @Test("A value that an event repeats finds its rules once")
    func repeatedValue() throws {
        let rules = try (0..<100).map { rule("r\($0)", try test("$.t[*]", equals("x"))) }
        let json = #"{"t":["# + String(repeating: #""x","#, count: 5000) + #""y"]}"#
        #expect(try changes(rules, json).map(\.rule) == rules.map(\.name))
    }
}
