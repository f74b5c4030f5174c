import Rules
import Testing
import Vocabulary

@testable import Settings

@Suite("rules and tests")
struct RuleSettingsTests {
    private func rule(_ keys: String) -> String {
        file(rules: "rules:\n  - { name: r, source: etl, reload: { model: otc, tables: [A] }, \(keys) }")
    }

    @Test(
        "Conditions that mean nothing are errors where they stand",
        arguments: [
            ("{ ▶event: x }", "expected a JSONPath, header:NAME, any, all or none, found \"event\""),
            ("{ ▶'header: ': x }", "\" \" is not the name of a header"),
            ("{ $.a: ▶[x] }", "expected a condition, found a list"),
            ("{ $.a: ▶{} }", "expected a condition, found an empty mapping"),
            ("{ $.a: { ▶equals: x } }", "unknown key \"equals\" in a condition"),
            ("{ $.a: { in: ▶x } }", "expected a list, found a single value"),
            ("{ $.a: { in: ▶[] } }", "expected at least one entry"),
            ("{ $.a: { in: [▶[x]] } }", "expected a single value, found a list"),
            ("{ $.a: { above: ▶x } }", "expected a number, found \"x\""),
            ("{ $.a: { exists: ▶maybe } }", "expected true or false, found \"maybe\""),
            ("{ any: ▶{ $.a: 1 } }", "expected a list of mappings from JSONPaths to conditions, found a mapping"),
            ("{ none: ▶[] }", "expected a list of mappings from JSONPaths to conditions, found a list"),
            ("▶[$.a]", "expected a mapping from JSONPaths to conditions, found a list"),
            (
                "{ all: [{ $.a: x }], ▶nonne: [] }",
                "expected a JSONPath, header:NAME, any, all or none, found \"nonne\""
            ),
        ]
    )
    func conditions(_ when: String, _ message: String) {
        expectError(message, in: rule("when: \(when)"))
    }

    @Test("A path's own mistake is placed at the character, in quotes too")
    func pathPlaces() {
        expectError("a name or * must follow .", in: rule("when: { $.a.▶: x }"))
        expectError("a name or * must follow .", in: rule("when: { '$.a.▶': x }"))
    }

    @Test(
        "One path that must equal two scalars is an error at the second",
        arguments: [
            "{ $.a: x, all: [{ $.a: ▶y }] }", "{ all: [{ $.a: x }, { $.b: 1, $.a: ▶y }] }",
            "{ $.a: x, any: [{ $.a: ▶y }, { $.b: 1 }] }", "{ none: [{ $.a: x, all: [{ $.a: ▶y }] }] }",
        ]
    )
    func contradictions(_ when: String) {
        expectError("$.a can never equal both \"x\" and \"y\"", in: rule("when: \(when)"))
    }

    @Test(
        "What can hold at the same time is no contradiction",
        arguments: [
            "{ $.a: x, all: [{ $.a: x }] }", "{ $.a: 1, all: [{ $.a: 1.0 }] }", "{ any: [{ $.a: x }, { $.a: y }] }",
            "{ '$.a[*]': x, all: [{ '$.a[*]': y }] }", "{ $.a: x, none: [{ $.a: y }] }",
            "{ $.a: x, all: [{ $.a: { not: y } }] }",
        ]
    )
    func noContradictions(_ when: String) {
        #expect(findings(rule("when: \(when)")) == [])
    }

    @Test("Operators of one mapping test one value; not and exists stand beside it")
    func predicates() throws {
        func predicate(_ text: String) throws -> Predicate? {
            guard case .all(let all) = try load(rule("when: { $.a: \(text) }")).rules[0].condition,
                case .test(_, let predicate)? = all.first
            else { return nil }
            return predicate
        }
        let above = try #require(Number("1"))
        let below = try #require(Number("5.5"))
        #expect(try predicate("{ above: 1, below: 5.5 }") == .value([.above(above), .below(below)]))
        #expect(try predicate("{ exists: false }") == .exists(false))
        #expect(try predicate("{ not: x }") == .not(.value([.equals(Scalar("x"))])))
        #expect(
            try predicate("{ not: { not: { in: [a, 1, ~, ] } } }")
                == .not(.not(.value([.isIn([Scalar("a"), Scalar("1"), .init("~")])])))
        )
        #expect(
            try predicate("{ glob: 'a*', not: ab }")
                == .every([.value([.glob(try Glob("a*"))]), .not(.value([.equals(Scalar("ab"))]))])
        )
        #expect(try predicate("") == .value([.equals(.null)]))
        #expect(try predicate("''") == .value([.equals(Scalar(""))]))
    }

    @Test(
        "Table mappings are checked",
        arguments: [
            ("▶EKKO", "expected a list of tables, all or a mapping, found \"EKKO\""),
            ("▶[]", "expected at least one entry"), ("[A, ▶'']", "expected a table, found an empty text"),
            ("▶{ case: upper }", "missing key \"from\" in tables"),
            ("{ from: $.a, case: ▶camel }", "unknown case \"camel\""),
            ("{ from: $.a, unknown: ▶drop }", "unknown policy \"drop\""),
            ("{ from: $.a, map: ▶[x] }", "expected a mapping from text to text, found a list"),
            ("{ data_source: x, ▶from: $.a }", "unknown key \"from\" in tables"),
            ("{ data_source: ▶'' }", "expected a dataSourceId, found an empty text"),
            ("[A, ▶'data_source:']", "expected a dataSourceId after data_source:"),
            (
                "{ from: $.a, replace: { pattern: '(a)', with: ▶$2 } }",
                "`$2` names a group that the pattern does not have; it has 1"
            ),
        ]
    )
    func tables(_ tables: String, _ message: String) {
        let text = "rules: [{ name: r, source: etl, reload: { model: otc, tables: \(tables) } }]"
        expectError(message, in: file(rules: text))
    }

    @Test("A pattern's own mistake is found")
    func patterns() {
        #expect(findings(rule("when: { $.a: { matches: '(a' } }")).count == 1)
        #expect(findings(rule("when: { $.a: { glob: '[a' } }")).count == 1)
    }

    @Test("A rule names a source once")
    func uniqueSources() {
        expectError(
            "repeated source \"etl\"; it stands at 7:25 too",
            in: file(rules: "rules:\n  - { name: r, source: [etl, ▶etl], reload: { model: otc, tables: all } }")
        )
    }

    @Test("Rules and tests have names that no two share")
    func uniqueNames() {
        let entry = "name: r, source: etl, reload: { model: otc, tables: all }"
        expectError(
            "repeated name \"r\" of a rule; it stands at 7:13 too",
            in: file(rules: "rules:\n  - { \(entry) }\n  - { \(entry.replacing("name: r", with: "name: ▶r")) }")
        )
        expectError(
            "repeated name \"t\" of a test; it stands at 9:13 too",
            in: file(
                more: """
                    tests:
                      - { name: t, source: etl, body: {}, expect: [] }
                      - { name: ▶t, source: etl, body: {}, expect: [] }
                    """
            )
        )
    }

    @Test("References to a section that is itself wrong are not reported on top")
    func referencesIntoBrokenSections() {
        expectError("expected a mapping from names to models, found a list", in: file(models: "models: ▶[a]"))
        let models = "models:\n  otc: ▶{ pool_id: p }"
        expectError("missing key \"data_model_id\" in a model", in: file(models: models))
    }

    @Test(
        "Tests refer to what exists",
        arguments: [
            ("{ name: t, source: ▶elt, body: {}, expect: [] }", "there is no source \"elt\""),
            ("{ name: t, source: etl, body: {}, expect: [{ model: ▶otd, tables: all }] }", "there is no model \"otd\""),
            ("▶{ name: t, source: etl, expect: [] }", "missing key \"body\" in a test"),
            (
                "{ name: t, source: etl, body: { a: ▶18446744073709551616 }, expect: [] }",
                "no delivery can hold an integer beyond 64 bits"
            ),
        ]
    )
    func testReferences(_ test: String, _ message: String) {
        expectError(message, in: file(more: "tests: [\(test)]"))
    }

    @Test("A test's body and headers become a delivery")
    func delivery() throws {
        let test =
            "{ name: t, source: etl, headers: { X-A: 0123 }, body: { a: [1, NO, ~] }, expect: [{ model: otc, tables: all }] }"
        let read = try load(file(more: "tests: [\(test)]")).tests[0].test
        #expect(String(decoding: read.body, as: UTF8.self) == #"{"a":[1,"NO",null]}"#)
        #expect(read.headers.values(named: "x-a") == ["0123"])
        #expect(read.expect == [.init(model: "otc", tables: [.everything])])
    }
}
