import JSONPath
import Rules
import Testing
import Vocabulary

@Suite("Rule tests of a configuration")
struct RuleTestTests {
    private func rules() throws -> RuleSet {
        RuleSet([
            rule("orders", try test("$.event", equals("sync_end")), tables: .fixed([.table("EKKO")])),
            rule("items", try test("$.event", equals("sync_end")), tables: .fixed([.table("EKPO")])),
            rule("other", try test("header:X-Kind", equals("full")), tables: .all),
        ])
    }

    private func difference(
        _ json: String,
        headers: HeaderList = [:],
        _ expect: [(model: String, tables: [String])]
    ) throws -> String? {
        let test = RuleTest(
            name: "t",
            source: "s",
            headers: headers,
            body: Array(json.utf8),
            expect: expect.map { .init(model: $0.model, tables: $0.tables.map { Selector($0) }) }
        )
        return test.difference(from: try rules())?.joined(separator: "\n")
    }

    @Test("The exact set passes, merged per model, order ignored")
    func passes() throws {
        let json = #"{"event":"sync_end"}"#
        #expect(try difference(json, [("m", ["EKPO", "EKKO"])]) == nil)
        #expect(try difference(json, [("m", ["EKPO"]), ("m", ["EKKO", "EKPO"])]) == nil)
        #expect(try difference(json, headers: ["X-Kind": "full"], [("m", ["*"])]) == nil)
        #expect(try difference("{}", []) == nil)
    }

    @Test("Less, more, or another model fails with expected, got and the reasons")
    func fails() throws {
        #expect(
            try difference(#"{"event":"sync_end"}"#, [("m", ["EKKO"])])
                == """
                model "m": expected [EKKO], got [EKKO, EKPO]; not expected: EKPO
                rule "other" did not match: header:X-Kind selects nothing
                """
        )
        #expect(
            try difference(#"{"event":"sync_start"}"#, [("n", ["A"])])
                == """
                model "n": expected [A], got nothing
                rule "orders" did not match: $.event is "sync_start", not "sync_end"
                rule "items" did not match: $.event is "sync_start", not "sync_end"
                rule "other" did not match: header:X-Kind selects nothing
                """
        )
        #expect(
            try difference(#"{"event":"sync_end"}"#, [])?.hasPrefix(#"model "m": expected nothing, got [EKKO, EKPO]"#)
                == true
        )
    }

    @Test("A body that is no JSON fails with the parser's reason")
    func badBody() throws {
        #expect(try difference("{", [])?.hasPrefix("the body cannot be read: ") == true)
    }
}
