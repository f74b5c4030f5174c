import Testing

@testable import Settings

/// What people write first, and what they are told to do about it.
@Suite("Hints for first mistakes")
struct HintTests {
    private static func rule(_ when: String = "{ $.event: a }", tables: String = "[EKKO]") -> String {
        file(rules: "rules:\n  - { name: r, source: etl, when: \(when), reload: { model: otc, tables: \(tables) } }")
    }

    @Test(
        "a condition in another tool's words",
        arguments: [
            ("equals", "for equality write the value itself: { $.event: sync_end }"),
            ("regex", "here it is called matches"), ("gt", "here it is called above"),
            ("<", "here it is called below"), ("like", "here it is called glob"), ("globb", "did you mean \"glob\"?"),
        ]
    )
    func operators(word: String, hint: String) {
        expectError(
            "unknown key \"\(word)\" in a condition",
            hint: hint,
            in: Self.rule("{ $.event: { ▶'\(word)': a } }")
        )
    }

    @Test("a path without its $, conditions as a list, as a text")
    func conditions() {
        expectError(
            "expected a JSONPath, header:NAME, any, all or none, found \"data.status\"",
            hint: "a JSONPath begins with $: $.data.status",
            in: Self.rule("{ ▶data.status: a }")
        )
        for wrong in ["[{ $.event: a }]", "\"$.event == 'a'\""] {
            expectError(
                "expected a mapping from JSONPaths to conditions, found \(wrong.hasPrefix("[") ? "a list" : "a single value")",
                hint: "write { $.event: sync_end }, or one a line without a dash",
                in: Self.rule("▶" + wrong)
            )
        }
    }

    @Test("one path that must equal two values, however it is spelt")
    func twoValues() {
        for other in ["$['event']", "$[\"event\"]"] {
            expectError(
                "\(other) can never equal both \"a\" and \"b\"",
                in: Self.rule("{ $.event: a, '\(other.replacing("'", with: "''"))': ▶b }")
            )
        }
        expectError(
            "$.a[0].b can never equal both \"a\" and \"b\"",
            in: Self.rule("{ \"$.a[0]['b']\": a, '$.a[0].b': ▶b }")
        )
        let fine = Self.rule("{ '$.a[0]': a, '$.a[1]': b, $.b: c, $.B: d }")
        #expect(findings(fine) == [])
    }

    @Test("other languages' booleans, ALL, models as a list")
    func values() {
        expectError(
            "expected true or false, found \"yes\"",
            hint: "write true, without quotes",
            in: Self.rule("{ $.event: { exists: ▶yes } }")
        )
        expectError(
            "expected a list of tables, all or a mapping, found \"ALL\"",
            hint: "write all",
            in: Self.rule(tables: "▶ALL")
        )
        expectError(
            "expected a list of tables, all or a mapping, found \"\"",
            hint: "write [EKKO, EKPO]",
            in: Self.rule(tables: "▶''")
        )
        expectError(
            "expected a mapping from names to models, found a list",
            hint: "begin each model with a name of your choice and a colon, without a dash",
            in: file(models: "models:\n  ▶- { pool_id: p, data_model_id: d }")
        )
    }

    @Test("what stands for itself and was meant to be more is a warning")
    func warnings() {
        #expect(
            findings(Self.rule("{ $.event: { matches: '^sync_.*$' } }"))
                == [
                    "7:57: warning: ^ and $ at the ends of a pattern are no characters, and say nothing: "
                        + "it always matches the whole value"
                ]
        )
        #expect(findings(Self.rule("{ $.event: { matches: 'sync_.*' } }")) == [])
        #expect(
            findings(file(models: "models:\n  otc: { pool_id: '${POOL}', data_model_id: d }"))
                == ["3:19: warning: ${…} stands for itself here"]
        )
        #expect(findings(Self.rule(tables: "[all]")).map { $0.hasSuffix("warning: a table named all") } == [true])
        let test = "tests:\n  - { name: t, source: etl, expect: [], body: '{\"a\": 1}' }"
        #expect(findings(file(more: test)) == ["9:47: warning: this body is a text, no event that a sender would send"])
    }

    @Test("a failing test says which tables are missing and which rule did not match, a line each")
    func failingTest() throws {
        let tests = "tests:\n  - { name: t, source: etl, body: { event: b }, expect: [{ model: otc, tables: [EKKO] }] }"
        let failure = try #require(try load(Self.rule() + tests).testFailures().first)
        #expect(
            failure.description == """
                reloader.yaml:10:13: error: test "t" fails: model "otc": expected [EKKO], got nothing
                    rule "r" did not match: $.event is "b", not "a"
                """
        )
    }
}
