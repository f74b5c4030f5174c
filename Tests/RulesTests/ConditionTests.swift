import JSONPath
import Rules
import Testing
import Vocabulary

@Suite("Conditions")
struct ConditionTests {
    private func number(_ text: String) throws -> Number { try #require(Number(text)) }

    @Test("A path holds when any selected node satisfies the condition")
    func anyNode() throws {
        let condition = try test("$.t[*].n", equals("b"))
        #expect(try holds(condition, #"{"t":[{"n":"a"},{"n":"b"}]}"#))
        #expect(try !holds(condition, #"{"t":[{"n":"a"},{"n":"c"}]}"#))
        #expect(try !holds(condition, #"{"t":[]}"#))
    }

    @Test("`in` holds for each of its scalars and for no other")
    func isIn() throws {
        let condition = try test("$.v", .isIn([Scalar("a"), Scalar("7"), .null]))
        for json in [#""a""#, "7", #""7""#, "null"] { #expect(try holds(condition, #"{"v":\#(json)}"#)) }
        for json in [#""b""#, "8", "true"] { #expect(try !holds(condition, #"{"v":\#(json)}"#)) }
        #expect(try !holds(try test("$.v", .isIn([])), #"{"v":1}"#))
    }

    @Test("`glob` and `matches` look at whole strings only")
    func texts() throws {
        let glob = try test("$.v", .glob(Glob("sap_*")))
        #expect(try holds(glob, #"{"v":"sap_x"}"#))
        #expect(try !holds(glob, #"{"v":"a sap_x"}"#))
        #expect(try !holds(try test("$.v", .glob(Glob("*"))), #"{"v":1}"#))
        let pattern = try test("$.v", .matches(IRegexp("[a-z]+_v[0-9]")))
        #expect(try holds(pattern, #"{"v":"orders_v2"}"#))
        #expect(try !holds(pattern, #"{"v":"orders_v23"}"#))
        #expect(try !holds(try test("$.v", .matches(IRegexp("1"))), #"{"v":1}"#))
    }

    @Test("`above` and `below` compare numbers, integers exactly")
    func bounds() throws {
        let above = try test("$.v", .above(number("9007199254740992")))
        #expect(try holds(above, #"{"v":9007199254740993}"#))
        #expect(try !holds(above, #"{"v":9007199254740992}"#))
        #expect(try holds(test("$.v", .above(number("0"))), #"{"v":0.5}"#))
        #expect(try holds(test("$.v", .below(number("-1"))), #"{"v":-2}"#))
        #expect(try !holds(test("$.v", .below(number("-1"))), #"{"v":18446744073709551615}"#))
        #expect(try !holds(test("$.v", .above(number("1"))), #"{"v":"5"}"#), "a string is no number")
        #expect(try !holds(test("$.v", .above(number("1"))), "{}"))
    }

    @Test("Several tests in one mapping must pass for one and the same value")
    func sameValue() throws {
        let condition = try test("$.v[*]", .above(number("1")), .below(number("5")))
        #expect(try holds(condition, #"{"v":[0,3]}"#))
        #expect(try !holds(condition, #"{"v":[0,9]}"#))
    }

    @Test("`exists` asks whether anything is selected, null included")
    func exists() throws {
        #expect(try holds(test("$.v", .exists(true)), #"{"v":null}"#))
        #expect(try !holds(test("$.v", .exists(true)), "{}"))
        #expect(try holds(test("$.v", .exists(false)), "{}"))
        #expect(try !holds(test("$.v", .exists(false)), #"{"v":null}"#))
        #expect(try holds(test("$[?@.t=='done' && @.ok==true]", .exists(true)), #"[{"t":"done","ok":true}]"#))
        #expect(try !holds(test("$[?@.t=='done' && @.ok==true]", .exists(true)), #"[{"t":"done"},{"ok":true}]"#))
    }

    @Test("`not` holds exactly when the other does not, so also when nothing is selected")
    func not() throws {
        let condition = try test("$.v[*]", .not(.value([equals("a")])))
        #expect(try holds(condition, #"{"v":["b"]}"#))
        #expect(try !holds(condition, #"{"v":["b","a"]}"#))
        #expect(try holds(condition, "{}"))
        #expect(try !holds(test("$.v", .not(.not(.value([equals("a")])))), "{}"))
        #expect(try holds(test("$.v", .not(.exists(true))), "{}"))
    }

    @Test("A mixture of conditions in one mapping needs each of them")
    func every() throws {
        let condition = try test("$.v", .every([.value([.glob(Glob("a*"))]), .not(.value([equals("ab")]))]))
        #expect(try holds(condition, #"{"v":"ac"}"#))
        #expect(try !holds(condition, #"{"v":"ab"}"#))
        #expect(try !holds(condition, "{}"))
    }

    @Test("`all`, `any` and `none` nest; empty ones hold, do not hold, and hold")
    func groups() throws {
        let a = try test("$.a", equals("1"))
        let b = try test("$.b", equals("1"))
        for (json, hasA, hasB) in [
            ("{}", false, false), (#"{"a":1}"#, true, false), (#"{"b":1}"#, false, true),
            (#"{"a":1,"b":1}"#, true, true),
        ] {
            #expect(try holds(.all([a, b]), json) == (hasA && hasB))
            #expect(try holds(.any([a, b]), json) == (hasA || hasB))
            #expect(try holds(.none([a, b]), json) == !(hasA || hasB))
            #expect(try holds(.none([.all([a, b])]), json) == !(hasA && hasB))
        }
        #expect(try holds(.all([]), "{}"))
        #expect(try !holds(.any([]), "{}"))
        #expect(try holds(.none([]), "{}"))
    }

    @Test("A header stands where a path stands: any case, any value, as text or as a number")
    func headers() throws {
        let headers: HeaderList = ["X-Kind": "sync", "x-kind": "test", "X-Rows": "12"]
        #expect(try holds(test("header:x-KIND", equals("test")), "{}", headers))
        #expect(try !holds(test("header:x-kind", equals("other")), "{}", headers))
        #expect(try holds(test("header:X-Rows", equals("12")), "{}", headers))
        #expect(try holds(test("header:X-Rows", .above(number("9"))), "{}", headers))
        #expect(try !holds(test("header:X-Kind", .above(number("9"))), "{}", headers))
        #expect(try holds(test("header:X-Kind", .glob(Glob("s?nc"))), "{}", headers))
        #expect(try holds(test("header:X-None", .exists(false)), "{}", headers))
    }

    @Test("Of repeated keys the first counts")
    func repeatedKeys() throws {
        #expect(try holds(test("$.v", equals("1")), #"{"v":1,"v":2}"#))
        #expect(try !holds(test("$.v", equals("2")), #"{"v":1,"v":2}"#))
    }
}
