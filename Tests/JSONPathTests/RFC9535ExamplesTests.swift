import Testing

@testable import JSONPath

/// Every example of RFC 9535's text, by section.
@Suite("RFC 9535's examples")
struct RFC9535ExamplesTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let query: String
        let result: [String]

        init(_ query: String, _ result: String...) {
            self.query = query
            self.result = result
        }

        var testDescription: String { query }
    }

    static let hobbit =
        #"{"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings","#
        + #""isbn":"0-395-19395-8","price":22.99}"#
    static let mobyDick =
        #"{"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99}"#
    static let sword = #"{"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99}"#
    static let sayings =
        #"{"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95}"#
    static let books = "[\(sayings),\(sword),\(mobyDick),\(hobbit)]"
    static let bicycle = #"{"color":"red","price":399}"#
    static let store = #"{"store":{"book":\#(books),"bicycle":\#(bicycle)}}"#

    @Test(
        "1.5: the bookstore",
        arguments: [
            Example(
                "$.store.book[*].author",
                #""Nigel Rees""#,
                #""Evelyn Waugh""#,
                #""Herman Melville""#,
                #""J. R. R. Tolkien""#
            ),
            Example("$..author", #""Nigel Rees""#, #""Evelyn Waugh""#, #""Herman Melville""#, #""J. R. R. Tolkien""#),
            Example("$.store.*", books, bicycle),
            Example("$.store..price", "8.95", "12.99", "8.99", "22.99", "399"),
            Example("$..book[2]", mobyDick),
            Example("$..book[2].author", #""Herman Melville""#),
            Example("$..book[2].publisher"),
            Example("$..book[-1]", hobbit),
            Example("$..book[0,1]", sayings, sword),
            Example("$..book[:2]", sayings, sword),
            Example("$..book[?@.isbn]", mobyDick, hobbit),
            Example("$..book[?@.price<10]", sayings, mobyDick),
        ]
    )
    func bookstore(example: Example) throws {
        #expect(try select(example.query, in: Self.store) == example.result)
    }

    @Test("1.5: $..* selects every member value and element")
    func everything() throws {
        #expect(try select("$..*", in: Self.store).count == 27)
    }

    @Test("1.5: the dot and the bracket notation are the same")
    func notations() throws {
        #expect(try select("$['store']['book'][0]['title']", in: Self.store) == [#""Sayings of the Century""#])
        #expect(try select("$.store.book[0].title", in: Self.store) == [#""Sayings of the Century""#])
        #expect(try select("$.store.book[?@.price < 10].title", in: Self.store).count == 2)
    }

    @Test("2.2: the root")
    func root() throws {
        #expect(try select("$", in: #"{"k":"v"}"#) == [#"{"k":"v"}"#])
    }

    @Test(
        "2.3.1: names",
        arguments: [
            Example("$.o['j j']", #"{"k.k":3}"#),
            Example("$.o['j j']['k.k']", "3"),
            Example(#"$.o["j j"]["k.k"]"#, "3"),
            Example(#"$["'"]["@"]"#, "2"),
        ]
    )
    func names(example: Example) throws {
        #expect(try select(example.query, in: #"{"o":{"j j":{"k.k":3}},"'":{"@":2}}"#) == example.result)
    }

    @Test(
        "2.3.2: wildcards",
        arguments: [
            Example("$[*]", #"{"j":1,"k":2}"#, "[5,3]"),
            Example("$.o[*]", "1", "2"),
            Example("$.o[*, *]", "1", "2", "1", "2"),
            Example("$.a[*]", "5", "3"),
        ]
    )
    func wildcards(example: Example) throws {
        #expect(try select(example.query, in: #"{"o":{"j":1,"k":2},"a":[5,3]}"#) == example.result)
    }

    @Test("2.3.3: indexes", arguments: [Example("$[1]", #""b""#), Example("$[-2]", #""a""#)])
    func indexes(example: Example) throws {
        #expect(try select(example.query, in: #"["a","b"]"#) == example.result)
    }

    @Test(
        "2.3.4: slices",
        arguments: [
            Example("$[1:3]", #""b""#, #""c""#),
            Example("$[5:]", #""f""#, #""g""#),
            Example("$[1:5:2]", #""b""#, #""d""#),
            Example("$[5:1:-2]", #""f""#, #""d""#),
            Example("$[::-1]", #""g""#, #""f""#, #""e""#, #""d""#, #""c""#, #""b""#, #""a""#),
        ]
    )
    func slices(example: Example) throws {
        #expect(try select(example.query, in: #"["a","b","c","d","e","f","g"]"#) == example.result)
    }

    @Test(
        "2.3.5: comparisons",
        arguments: [
            ("$.absent1 == $.absent2", true), ("$.absent1 <= $.absent2", true), ("$.absent == 'g'", false),
            ("$.absent1 != $.absent2", false), ("$.absent != 'g'", true), ("1 <= 2", true), ("1 > 2", false),
            ("13 == '13'", false), ("'a' <= 'b'", true), ("'a' > 'b'", false), ("$.obj == $.arr", false),
            ("$.obj != $.arr", true), ("$.obj == $.obj", true), ("$.obj != $.obj", false), ("$.arr == $.arr", true),
            ("$.arr != $.arr", false), ("$.obj == 17", false), ("$.obj != 17", true), ("$.obj <= $.arr", false),
            ("$.obj < $.arr", false), ("$.obj <= $.obj", true), ("$.arr <= $.arr", true), ("1 <= $.arr", false),
            ("1 >= $.arr", false), ("1 > $.arr", false), ("1 < $.arr", false), ("true <= true", true),
            ("true > true", false),
        ]
    )
    func comparisons(condition: String, holds: Bool) throws {
        let selected = try select("$[?\(condition)]", in: #"{"obj":{"x":"y"},"arr":[2,3]}"#)
        #expect(selected.count == (holds ? 2 : 0))
    }

    @Test(
        "2.3.5: filters",
        arguments: [
            Example("$.a[?@.b == 'kilo']", #"{"b":"kilo"}"#),
            Example("$.a[?(@.b == 'kilo')]", #"{"b":"kilo"}"#),
            Example("$.a[?@>3.5]", "5", "4", "6"),
            Example("$.a[?@.b]", #"{"b":"j"}"#, #"{"b":"k"}"#, #"{"b":{}}"#, #"{"b":"kilo"}"#),
            Example("$[?@.*]", filteredArray, filteredObject),
            Example("$[?@[?@.b]]", filteredArray),
            Example("$.o[?@<3, ?@<3]", "1", "2", "1", "2"),
            Example(#"$.a[?@<2 || @.b == "k"]"#, "1", #"{"b":"k"}"#),
            Example(#"$.a[?match(@.b, "[jk]")]"#, #"{"b":"j"}"#, #"{"b":"k"}"#),
            Example(#"$.a[?search(@.b, "[jk]")]"#, #"{"b":"j"}"#, #"{"b":"k"}"#, #"{"b":"kilo"}"#),
            Example("$.o[?@>1 && @<4]", "2", "3"),
            Example("$.o[?@.u || @.x]", #"{"u":6}"#),
            Example("$.a[?@.b == $.x]", "3", "5", "1", "2", "4", "6"),
            Example(
                "$.a[?@ == @]",
                "3",
                "5",
                "1",
                "2",
                "4",
                "6",
                #"{"b":"j"}"#,
                #"{"b":"k"}"#,
                #"{"b":{}}"#,
                #"{"b":"kilo"}"#
            ),
        ]
    )
    func filters(example: Example) throws {
        let document = #"{"a":\#(Self.filteredArray),"o":\#(Self.filteredObject),"e":"f"}"#
        #expect(try select(example.query, in: document) == example.result)
    }

    static let filteredArray = #"[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]"#
    static let filteredObject = #"{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}}"#

    @Test(
        "2.4.3: well-typed and not",
        arguments: [
            ("$[?length(@) < 3]", true), ("$[?length(@.*) < 3]", false), ("$[?count(@.*) == 1]", true),
            ("$[?count(1) == 1]", false), ("$[?count(foo(@.*)) == 1]", false),
            ("$[?match(@.timezone, 'Europe/.*')]", true), ("$[?match(@.timezone, 'Europe/.*') == true]", false),
            (#"$[?value(@..color) == "red"]"#, true), ("$[?value(@..color)]", false), ("$[?bar(@.a)]", false),
            ("$[?bnl(@.*)]", false), ("$[?blt(1==1)]", false), ("$[?blt(1)]", false), ("$[?bal(1)]", false),
        ]
    )
    func wellTyped(query: String, isValid: Bool) {
        let compiled = try? JSONPath(query)
        #expect((compiled != nil) == isValid)
    }

    @Test("2.4.4 to 2.4.8: the functions")
    func functions() throws {
        let written = #"[{"authors":["a","b","c","d","e"]},{"authors":["a"]}]"#
        #expect(try select("$[?length(@.authors) >= 5]", in: written).count == 1)
        let collected = #"[{"v":{"author":1},"w":{"author":2}},{"v":{"author":1}}]"#
        #expect(try select("$[?count(@.*.author) >= 2]", in: collected).count == 1)
        let dated = #"[{"date":"1974-05-11"},{"date":"1974-06-11"},{"date":"on 1974-05-11"},{"date":1974}]"#
        #expect(try select(#"$[?match(@.date, "1974-05-..")]"#, in: dated) == [#"{"date":"1974-05-11"}"#])
        let named = #"[{"author":"Bob Builder"},{"author":"Rob"},{"author":"A Rob B"},{"author":"bob"}]"#
        #expect(try select(#"$[?search(@.author, "[BR]ob")]"#, in: named).count == 3)
        let coloured = #"[{"x":{"color":"red"}},{"x":{"color":"red"},"color":"red"},{"color":"blue"}]"#
        #expect(try select(#"$[?value(@..color) == "red"]"#, in: coloured) == [#"{"x":{"color":"red"}}"#])
    }

    @Test(
        "2.5.1: child segments",
        arguments: [
            Example("$[0, 3]", #""a""#, #""d""#),
            Example("$[0:2, 5]", #""a""#, #""b""#, #""f""#),
            Example("$[0, 0]", #""a""#, #""a""#),
        ]
    )
    func childSegments(example: Example) throws {
        #expect(try select(example.query, in: #"["a","b","c","d","e","f","g"]"#) == example.result)
    }

    @Test(
        "2.5.2: descendant segments",
        arguments: [
            Example("$..j", "1", "4"),
            Example("$..[0]", "5", #"{"j":4}"#),
            Example(
                "$..[*]",
                #"{"j":1,"k":2}"#,
                #"[5,3,[{"j":4},{"k":6}]]"#,
                "1",
                "2",
                "5",
                "3",
                #"[{"j":4},{"k":6}]"#,
                #"{"j":4}"#,
                #"{"k":6}"#,
                "4",
                "6"
            ),
            Example(
                "$..*",
                #"{"j":1,"k":2}"#,
                #"[5,3,[{"j":4},{"k":6}]]"#,
                "1",
                "2",
                "5",
                "3",
                #"[{"j":4},{"k":6}]"#,
                #"{"j":4}"#,
                #"{"k":6}"#,
                "4",
                "6"
            ),
            Example("$..o", #"{"j":1,"k":2}"#),
            Example("$.o..[*, *]", "1", "2", "1", "2"),
            Example("$.a..[0, 1]", "5", "3", #"{"j":4}"#, #"{"k":6}"#),
        ]
    )
    func descendantSegments(example: Example) throws {
        #expect(try select(example.query, in: #"{"o":{"j":1,"k":2},"a":[5,3,[{"j":4},{"k":6}]]}"#) == example.result)
    }

    @Test(
        "2.6: null is a value like any other",
        arguments: [
            Example("$.a", "null"), Example("$.a[0]"), Example("$.a.d"), Example("$.b[0]", "null"),
            Example("$.b[*]", "null"), Example("$.b[?@]", "null"), Example("$.b[?@==null]", "null"),
            Example("$.c[?@.d==null]"), Example("$.null", "1"),
        ]
    )
    func null(example: Example) throws {
        #expect(try select(example.query, in: #"{"a":null,"b":[null],"c":[{}],"null":1}"#) == example.result)
    }

    @Test(
        "2.7: normalized paths",
        arguments: [
            ("$.a", #"{"a":1}"#, "$['a']"), ("$[1]", "[0,1]", "$[1]"), ("$[-3]", "[0,1,2,3,4]", "$[2]"),
            ("$.a.b[1:2]", #"{"a":{"b":[0,1]}}"#, "$['a']['b'][1]"),
            (#"$["\u000B"]"#, #"{"\u000b":1}"#, #"$['\u000b']"#), (#"$["\u0061"]"#, #"{"a":1}"#, "$['a']"),
            (#"$["'\\\n\""]"#, #"{"'\\\n\"":1}"#, #"$['\'\\\n"']"#),
        ]
    )
    func normalizedPaths(query: String, document: String, path: String) throws {
        #expect(try locate(query, in: document) == [path])
    }
}
