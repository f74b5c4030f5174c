import JSONPath
import Testing
import Vocabulary

@testable import Rules

@Suite("Reasons and explanations")
struct ReasonsTests {
    @Test("The first condition that fails is told with what the event holds")
    func sentences() throws {
        let status = try test("$.data.status", equals("SUCCESSFUL"))
        #expect(
            try reason(.all([test("$.event", .exists(true)), status]), #"{"event":1,"data":{"status":"FAILED"}}"#)
                == #"$.data.status is "FAILED", not "SUCCESSFUL""#
        )
        #expect(try reason(.all([status]), "{}") == "$.data.status selects nothing")
        #expect(
            try reason(test("$.c", .isIn([Scalar("a"), Scalar("7")])), #"{"c":true}"#)
                == #"$.c is true, not one of "a", 7"#
        )
        #expect(try reason(test("$.c", .glob(Glob("x*"))), #"{"c":[]}"#) == #"$.c is an array, not like "x*""#)
        #expect(
            try reason(test("$.c", .matches(IRegexp("x+"))), #"{"c":{}}"#) == #"$.c is an object, not matching "x+""#
        )
        let five = try #require(Number("5"))
        #expect(try reason(test("$.c", .above(five), .below(five)), #"{"c":5}"#) == "$.c is 5, not above 5 and below 5")
        #expect(try reason(test("$.c", .exists(true)), "{}") == "$.c selects nothing")
        #expect(try reason(test("$.c", .exists(false)), #"{"c":null}"#) == "$.c is null, but must not be there")
        #expect(
            try reason(test("$.c", .not(.value([equals("a")]))), #"{"c":"a"}"#) == #"$.c is "a", but must not be "a""#
        )
        #expect(try reason(test("header:X", equals("a")), "{}", ["x": "b"]) == #"header:X is "b", not "a""#)
        #expect(try reason(status, #"{"data":{"status":"SUCCESSFUL"}}"#) == nil)
    }

    @Test("`any` tells why none holds, `none` which one does")
    func groups() throws {
        let a = try test("$.a", equals("1"))
        let b = try test("$.b", equals("1"))
        #expect(
            try reason(.any([a, b]), #"{"a":2}"#)
                == "no condition under `any` holds: $.a is 2, not 1; $.b selects nothing"
        )
        #expect(try reason(.none([a, b]), #"{"b":1}"#) == "a condition under `none` holds: $.b is 1")
        #expect(
            try reason(.any([a, b, a, b, a]), "{}")
                == "no condition under `any` holds: $.a selects nothing; $.b selects nothing; $.a selects nothing and 2 more"
        )
    }

    @Test("What an event holds is shown in bounded length and without control characters")
    func bounded() throws {
        let long = String(repeating: "é", count: 500_000)
        let text = try #require(try reason(test("$.c[*]", equals("1")), #"{"c":["\#(long)","a\u001b[2J\n",1.5,2,3]}"#))
        let shown = String(repeating: "é", count: 80)
        #expect(text == "$.c[*] is \"\(shown)…\", \"a\u{FFFD}[2J\\n\", 1.5 and 2 more, not 1")
    }

    @Test("`explain` shows every condition, also after the first that fails, and the tables")
    func explain() throws {
        let names = try EventNames(from: JSONPath("$.t[*]"), letterCase: .upper)
        let rules = RuleSet([
            rule(
                "r",
                .all([
                    try test("$.a", equals("1")), .any([try test("$.b", equals("2")), try test("$.c", .exists(true))]),
                ]),
                tables: .names(names)
            )
        ])
        try withJSON(#"{"a":3,"b":2,"t":["x","y"]}"#) { root in
            let explanation = try #require(rules.explain(source: "s", root: root, headers: HeaderList()).first)
            #expect(explanation.miss?.description == "$.a is 3, not 1")
            guard case .group(.all, held: false, let conditions) = explanation.condition, conditions.count == 2,
                case .test(let a) = conditions[0], case .group(.any, held: true, let alternatives) = conditions[1],
                alternatives.count == 2, case .test(let b) = alternatives[0], case .test(let c) = alternatives[1]
            else {
                Issue.record("not the rule's shape: \(explanation.condition)")
                return
            }
            #expect(a.subject == "$.a" && a.wanted == "1" && a.selected.shown == ["3"] && !a.held)
            #expect(a.reason?.description == "$.a is 3, not 1")
            #expect(b.held && b.reason == nil && b.selected.count == 1)
            #expect(!c.held && c.selected.count == 0)
            let expected = ReloadExplanation(
                model: "m",
                from: "$.t[*]",
                selectors: SelectorSet([.table("X"), .table("Y")])
            )
            #expect(explanation.reloads == [expected])
        }
    }

    @Test("S7: no reason and no explanation shows the value of a secret header, whoever asks and however it is written")
    func secretHeader() throws {
        let conditions = try [
            test("header:AUTHORIZATION", equals("x")), .any([test("header:authorization", equals("x"))]),
            .none([test("header:Authorization", .exists(true))]), test("header:Authorization", .not(.exists(true))),
        ]
        for condition in conditions {
            let rules = RuleSet([rule("r", condition)], secretHeaders: ["s": ["authorization"]])
            let headers: HeaderList = ["Authorization": "Bearer abc", "Other": "seen"]
            try withJSON("{}") { root in
                let miss = rules.verdicts(source: "s", root: root, headers: headers).first?.miss?.description ?? ""
                #expect(miss.contains("is (hidden)") && !miss.contains("abc"))
                let explanation = rules.explain(source: "s", root: root, headers: headers)
                #expect(!String(describing: explanation).contains("abc"))
            }
        }
        let open = RuleSet([rule("r", try test("header:Other", equals("x")))], secretHeaders: ["s": ["authorization"]])
        try withJSON("{}") { root in
            let headers: HeaderList = ["Other": "seen"]
            let miss = open.verdicts(source: "s", root: root, headers: headers).first?.miss?.description
            #expect(miss == #"header:Other is "seen", not "x""#)
        }
    }

    @Test(
        "Explaining says why a path names nothing",
        arguments: [
            ("{}", "$.t selects nothing"),
            (#"{"t":["x","y"]}"#, "$.t is an array, and only strings are names; $.t[*] selects what is in an array"),
            (#"{"t":{"name":"x"}}"#, "$.t is an object, and only strings are names"),
            (#"{"t":5}"#, "$.t is 5, and only strings are names"),
            (#"{"t":"SAP_"}"#, #"$.t is "SAP_", of which no name is left"#),
            (#"{"t":"SAP_X"}"#, nil),
        ]
    )
    func explainNoName(event: String, reason: String?) throws {
        let names = try EventNames(from: JSONPath("$.t"), stripPrefix: "SAP_")
        let rules = RuleSet([rule("r", .all([]), tables: .names(names))])
        try withJSON(event) { root in
            let explanation = try #require(rules.explain(source: "s", root: root, headers: HeaderList()).first)
            #expect(explanation.reloads.map(\.reason) == [reason])
            #expect(explanation.miss == (reason == nil ? nil : .noTables))
        }
    }
}
