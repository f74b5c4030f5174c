import Testing

@testable import JSONPath

@Suite("JSON as product.md §3 takes it in")
struct JSONParserTests {
    /// The text parsed and written out again, or why it was refused.
    private func outcome(_ bytes: some Sequence<UInt8>) -> Result<String, JSONError> {
        var parser = JSONParser()
        do throws(JSONError) { return .success(try parser.parse(Array(bytes), \.json)) } catch {
            return .failure(error)
        }
    }

    private func nested(_ depth: Int, around value: String = "") -> String {
        String(repeating: "[", count: depth) + value + String(repeating: "]", count: depth)
    }

    @Test("depth 1024 is read, depth 1025 is not, whatever stands innermost", arguments: ["", "1", "{}"])
    func depth(innermost: String) {
        let own = innermost == "{}" ? 1 : 0
        #expect(outcome(nested(1024 - own, around: innermost).utf8) == .success(nested(1024 - own, around: innermost)))
        #expect(outcome(nested(1025 - own, around: innermost).utf8) == .failure(.tooDeep))
    }

    @Test("depth 100,000 is refused, closed or not")
    func deep() {
        #expect(outcome(nested(100_000).utf8) == .failure(.tooDeep))
        #expect(outcome(repeatElement(UInt8(ascii: "["), count: 100_000)) == .failure(.syntax))
        #expect(outcome(String(repeating: #"{"a":"#, count: 100_000).utf8) == .failure(.syntax))
    }

    @Test("1 MiB of one string")
    func longString() throws {
        let text = String(repeating: "x", count: 1 << 20)
        let length = try read("{\"a\":\"\(text)\"}") { $0.member("a")?.utf8?.count }
        #expect(length == 1 << 20)
        #expect(outcome(("\"" + text).utf8) == .failure(.invalidString))
        let escaped = String(repeating: #"\u00e9"#, count: 1 << 17)
        #expect(try read("\"\(escaped)\"") { $0.utf8?.count } == 1 << 18)
    }

    @Test("integers: all of 64 bits, signed and unsigned, and no more")
    func integers() {
        for number in ["9223372036854775807", "-9223372036854775808", "18446744073709551615", "0", "-1"] {
            #expect(outcome(number.utf8) == .success(number))
        }
        for number in ["18446744073709551616", "-9223372036854775809", "1" + String(repeating: "0", count: 1000)] {
            #expect(outcome(number.utf8) == .failure(.invalidNumber))
            #expect(outcome("[\(number)]".utf8) == .failure(.invalidNumber))
        }
    }

    @Test("what is no number", arguments: ["01", "1.", "-", "1e", "+1", ".5", "0x10", "NaN"])
    func badNumbers(text: String) {
        guard case .failure = outcome("[\(text)]".utf8) else {
            Issue.record("\(text) was read as a number")
            return
        }
    }

    @Test(
        "half a surrogate pair is refused, wherever it stands",
        arguments: [
            #""\ud800""#, #""\uDC00""#, #""\ud800\ud800""#, #""\ud800\u0041""#, #""\ud800x""#, #""\udc00\ud800""#,
            #"{"\udfff":1}"#, #"["\ud83d\ude00\ud83d"]"#, #""\\\ud800""#, #""\ud800\\udc00""#,
        ]
    )
    func loneSurrogates(text: String) {
        let outcome = outcome(text.utf8)
        #expect(outcome == .failure(.loneSurrogate) || outcome == .failure(.invalidString), "\(outcome)")
    }

    @Test("a whole pair is a character, an escaped backslash before u is none")
    func pairs() {
        #expect(outcome(#""\ud83d\ude00""#.utf8) == .success("\"😀\""))
        #expect(outcome(#""\uD7FF\uE000""#.utf8) == .success("\"\u{D7FF}\u{E000}\""))
        #expect(outcome(#""\\ud800""#.utf8) == .success(#""\\ud800""#))
    }

    @Test(
        "invalid UTF-8",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        #expect(outcome([0x22] + bytes + [0x22]) == .failure(.invalidUTF8))
    }

    @Test("a byte order mark is skipped once, and is nothing by itself")
    func byteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(outcome(mark + Array("[1]".utf8)) == .success("[1]"))
        #expect(outcome(mark) == .failure(.empty))
        #expect(outcome(mark + mark + Array("[1]".utf8)) == .failure(.syntax))
    }

    @Test("nothing, or white space alone, is empty", arguments: ["", " ", "\n\t\r "])
    func empty(text: String) {
        #expect(outcome(text.utf8) == .failure(.empty))
    }

    @Test(
        "what is not JSON",
        arguments: [
            "{", "[1,]", "{\"a\":1,}", "1 2", "[1]x", "tru", "'a'", "{a:1}", "[1}", "\u{0}", "{\"a\"}", "//\n1",
        ]
    )
    func syntax(text: String) {
        guard case .failure = outcome(text.utf8) else {
            Issue.record("\(text) was read")
            return
        }
    }

    @Test("a text beyond the parser's bound is refused, one at the bound is read")
    func bound() throws {
        var parser = JSONParser(maximumBytes: 10)
        #expect(throws: JSONError.tooLarge) { try parser.parse(Array("[123456789]".utf8), \.json) }
        #expect(try parser.parse(Array("[12345678]".utf8), \.json) == "[12345678]")
    }

    @Test("one parser reads on after errors, and texts of any size in any order")
    func reuse() throws {
        var parser = JSONParser()
        for size in [1, 5000, 3, 100_000, 7] {
            let text = "[" + Array(repeating: "1", count: size).joined(separator: ",") + "]"
            #expect(try parser.parse(Array(text.utf8), \.count) == size)
            #expect(throws: JSONError.self) { try parser.parse(Array("[1,".utf8), \.count) }
            #expect(throws: JSONError.self) { try parser.parse(Array(nested(2000).utf8), \.count) }
        }
    }

    @Test("every refusal is a sentence")
    func sentences() {
        for error in JSONError.allCases {
            #expect(error.description.hasSuffix("."))
        }
    }
}
