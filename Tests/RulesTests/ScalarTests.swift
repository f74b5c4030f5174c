import Rules
import Testing

@Suite("Scalars")
struct ScalarTests {
    @Test(
        "A scalar equals what the table in its documentation says",
        arguments: [
            ("done", [#""done""#], [#""Done""#, #""done ""#, "null", "true", "1"]),
            ("10", ["10", "10.0", "1e1", #""10""#], [#""10.0""#, #""010""#, "11", "10.5", "true"]),
            ("10.0", ["10", "10.0", #""10.0""#], [#""10""#, "10.01"]),
            ("-3", ["-3", "-3.0", #""-3""#], ["3", #""3""#]),
            ("0123", ["123", #""0123""#], ["83", #""123""#]),
            ("0x1F", ["31", #""0x1F""#], [#""31""#]),
            ("0o17", ["15", #""0o17""#], ["17"]),
            (".5", ["0.5", #"".5""#], ["5"]),
            ("0", ["0", "-0", "0.0", "-0.0"], ["false", "null", #""""#]),
            (
                "9007199254740993", ["9007199254740993", #""9007199254740993""#],
                ["9007199254740992", #""9007199254740992""#]
            ),
            ("18446744073709551615", ["18446744073709551615"], ["18446744073709551614", "-1"]),
            ("18446744073709551616", ["18446744073709551616.0"], ["18446744073709551615"]),
            ("true", ["true", #""true""#], ["false", "1", #""True""#]),
            ("false", ["false", #""false""#], ["true", "0", "null"]),
            ("null", ["null", #""null""#], [#""""#, "false", "0"]),
            ("~", ["null", #""~""#], [#""null""#]),
            ("True", [#""True""#], ["true"]),
            ("NO", [#""NO""#], ["false", "true"]),
            ("yes", [#""yes""#], ["true"]),
            ("", [#""""#], ["null", "0"]),
            ("inf", [#""inf""#], ["1e308"]),
            ("é", [#""é""#, #""\u00e9""#], [#""e\u0301""#]),
        ]
    )
    func equality(text: String, equal: [String], unequal: [String]) throws {
        let condition = try test("$.v", equals(text))
        for json in equal {
            #expect(try holds(condition, #"{"v":\#(json)}"#), "\(text) must equal \(json)")
        }
        for json in unequal + ["{}", "[]"] {
            #expect(try !holds(condition, #"{"v":\#(json)}"#), "\(text) must not equal \(json)")
        }
        #expect(try !holds(condition, "{}"), "what is absent equals nothing")
    }

    @Test("A value left out in YAML is null")
    func leftOut() throws {
        let condition = try test("$.v", .equals(.null))
        #expect(try holds(condition, #"{"v":null}"#))
        #expect(try !holds(condition, #"{"v":""}"#))
    }

    @Test(
        "Texts that are no numbers are none",
        arguments: ["", "+", ".", "1e", "0x", "0x-1", "inf", "nan", "1_0", "1 "]
    )
    func noNumber(text: String) { #expect(Number(text) == nil) }
}
