import Testing

@testable import JSONPath

@Suite("what a path may be, and what is said of one that is none")
struct JSONPathParserTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let query: String
        let offset: Int
        let hint: String?

        init(_ query: String, at offset: Int, hint: String? = nil) {
            self.query = query
            self.offset = offset
            self.hint = hint
        }

        var testDescription: String { query }
    }

    private func error(_ query: String) -> JSONPathError? {
        do throws(JSONPathError) {
            _ = try JSONPath(query)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a mistake is placed, and what was meant is guessed",
        arguments: [
            Mistake("", at: 0, hint: "$ alone is the whole document"),
            Mistake("event", at: 0, hint: "write $.event"),
            Mistake(".event", at: 0, hint: "write $.event"),
            Mistake("[0]", at: 0, hint: "write $[0]"),
            Mistake("@.a", at: 0, hint: "@ stands inside filters only"),
            Mistake(" $", at: 0, hint: "remove the space before it"),
            Mistake("$ ", at: 1, hint: "remove the space after it"),
            Mistake("$.a-b", at: 3, hint: "names with '-' need brackets: ['a-b']"),
            Mistake("$.data.table-name.x", at: 12, hint: "names with '-' need brackets: ['table-name']"),
            Mistake("$.", at: 2, hint: "remove the dot, or name a member"),
            Mistake("$..", at: 3, hint: "remove the dot, or name a member"),
            Mistake("$.1a", at: 2, hint: "write an index as [1a], a name as ['1a']"),
            Mistake("$.[0]", at: 2, hint: "no dot before ["),
            Mistake("$.'a'", at: 2, hint: "a quoted name stands in brackets: ['name']"),
            Mistake("$. a", at: 2, hint: "no space after a dot"),
            Mistake("$[a]", at: 2, hint: "a name stands in quotes: ['a']"),
            Mistake("$[(@.a)]", at: 2, hint: "a filter begins with a question mark: [?(…)]"),
            Mistake("$[@.a]", at: 2, hint: "a filter begins with a question mark: [?@…]"),
            Mistake("$['a'", at: 1),
            Mistake("$['a", at: 2),
            Mistake("$['é'x]", at: 6),
            Mistake("$[01]", at: 2),
            Mistake("$[-0]", at: 2),
            Mistake("$[9007199254740992]", at: 2),
            Mistake("$[99999999999999999999]", at: 2),
            Mistake("$[]", at: 2),
            Mistake("$[1,]", at: 4),
            Mistake("$a", at: 1, hint: "segments are .name, .*, [...] and ..name"),
            Mistake(
                #"$["\x"]"#,
                at: 3,
                hint: #"a backslash itself is written \\; only the enclosing quote is escaped"#
            ),
            Mistake(
                #"$['\"']"#,
                at: 3,
                hint: #"a backslash itself is written \\; only the enclosing quote is escaped"#
            ),
            Mistake(#"$["\u12"]"#, at: 3),
            Mistake(#"$["\ud800"]"#, at: 3, hint: #"write \uD83D\uDE00, or the character"#),
            Mistake("$['a\nb']", at: 4, hint: #"write \u00XX, or \n, \r, \t"#),
            Mistake("$[?@.a = 1]", at: 7, hint: "write =="),
            Mistake("$[?@.a === 1]", at: 7, hint: "write == or !="),
            Mistake("$[?@.a =~ 'x']", at: 7, hint: "write match(@.name, 'pattern') or search(…)"),
            Mistake("$[?@.a <> 1]", at: 7, hint: "write !="),
            Mistake("$[?@.a and @.b]", at: 7, hint: "write &&"),
            Mistake("$[?@.a & @.b]", at: 7, hint: "write &&"),
            Mistake("$[?@.a | @.b]", at: 7, hint: "write ||"),
            Mistake("$[?@.a == True]", at: 10, hint: "write true"),
            Mistake("$[?@.a in ['x']]", at: 7, hint: "write @.name == 'a' || @.name == 'b'"),
            Mistake("$[?!@.a == 1]", at: 4, hint: "write !(… == …), or !="),
            Mistake(
                "$[?@.* == 1]",
                at: 3,
                hint: "use names and indexes only, or put the comparison into a filter of that path"
            ),
            Mistake("$[?1]", at: 3, hint: "compare it, as in length(@.a) > 0"),
            Mistake("$[?length(@.a)]", at: 3, hint: "compare it, as in length(@.a) > 0"),
            Mistake("$[?len(@.a) > 1]", at: 3, hint: "there are length, count, match, search and value"),
            Mistake("$[?length(@.a, 1) > 1]", at: 3),
            Mistake("$[?length(@.*) > 1]", at: 10, hint: "use a path of names and indexes only, or value(…)"),
            Mistake("$[?count('a') > 1]", at: 9, hint: "such as count(@.*)"),
            Mistake("$[?match(@.a, 'x') == true]", at: 3, hint: "leave the comparison out"),
            Mistake("$[?(@.a]", at: 7),
            Mistake("$[?@.a == 01]", at: 10),
            Mistake("$[?@.a == 1.]", at: 11),
            Mistake("$[?]", at: 3),
        ]
    )
    func mistakes(mistake: Mistake) {
        let error = error(mistake.query)
        #expect(error?.offset == mistake.offset)
        #expect(error?.hint == mistake.hint)
    }

    @Test("an error reads as one line")
    func line() {
        #expect(
            error("$.a-b")?.description == "a name ends here (at offset 3); names with '-' need brackets: ['a-b']"
        )
    }

    @Test("names without quotes: letters, digits after the first, _, and everything beyond ASCII")
    func names() throws {
        #expect(try select("$._a1.ünïcode.☺", in: #"{"_a1":{"ünïcode":{"☺":1}}}"#) == ["1"])
        #expect(error("$.a\u{7F}") != nil)
    }

    @Test("every escape of a quoted name")
    func escapes() throws {
        let json = #"{"\b\f\n\r\t/\\'\"é😀":1}"#
        #expect(try select(#"$['\b\f\n\r\t\/\\\'"\u00E9\uD83D\uDE00']"#, in: json) == ["1"])
        #expect(try select(#"$["\b\f\n\r\t/\\'\"é😀"]"#, in: json) == ["1"])
    }

    @Test("blank space is taken where the grammar has it")
    func blanks() throws {
        let json = #"{"a":[[1,2,3]]}"#
        #expect(try select("$ \t\n\r.a [ 0 ]\n[ 0 : 3 : 2 , -1 ]", in: json) == ["1", "3", "3"])
        #expect(try select("$.a[ ? ( @[ 0 ] ) && ! ( count( @ .* ) < 1 ) ]", in: json) == ["[1,2,3]"])
    }

    @Test("a query is singular by its form: names and indexes alone")
    func singular() throws {
        for query in ["$", "$.a", "$['a'][0]", "$[-1]", "$ .a"] { #expect(try JSONPath(query).isSingular, "\(query)") }
        for query in ["$.*", "$..a", "$[0,1]", "$[0:1]", "$[?@]", "$['a','a']"] {
            #expect(try !JSONPath(query).isSingular, "\(query)")
        }
    }

    @Test("a pattern that can match nothing is valid, and warned about")
    func warnings() throws {
        let warnings = try JSONPath(#"$[?match(@.a, '\\d+') || search(@, 'ok')]"#).warnings
        #expect(warnings.map(\.offset) == [14])
        #expect(warnings.first?.message.contains("I-Regexp has no \\d; write [0-9]") == true)
        #expect(try JSONPath("$[?match(@.a, @.b)]").warnings.isEmpty)
    }

    @Test("a path is what was written: description, equality, hash")
    func identity() throws {
        let path = try JSONPath("$['a']")
        #expect(path.description == "$['a']")
        #expect(Set([path, try JSONPath("$['a']"), try JSONPath("$.a")]).count == 2)
    }

    @Test("nesting and length are bounded, with a clear error; what is within the bounds runs")
    func bounds() throws {
        let levels = JSONPathParser.maximumNesting
        func filters(_ count: Int) -> String {
            "$" + String(repeating: "[?@", count: count) + String(repeating: "]", count: count)
        }
        func brackets(_ count: Int) -> String {
            "$[?" + String(repeating: "(", count: count - 1) + "@" + String(repeating: ")", count: count - 1) + "]"
        }
        func calls(_ count: Int) -> String {
            "$[?" + String(repeating: "length(", count: count - 1) + "1" + String(repeating: ")", count: count - 1)
                + "==1]"
        }
        for query in [filters, brackets, calls] {
            #expect(error(query(levels)) == nil)
            #expect(error(query(levels + 1))?.message.contains("nested too deep") == true)
            #expect(error(query(100_000))?.message.contains("nested too deep") == true)
        }
        let segments = JSONPathParser.maximumSegments
        #expect(error("$" + String(repeating: ".a", count: segments)) == nil)
        #expect(error("$" + String(repeating: ".a", count: segments + 1))?.message.contains("too long") == true)

        let deep = String(repeating: "[", count: 1024) + String(repeating: "]", count: 1024)
        #expect(try select("$" + String(repeating: "[*]", count: segments), in: deep).count == 1)
        #expect(try select(filters(levels), in: deep).count == 1)
    }
}
