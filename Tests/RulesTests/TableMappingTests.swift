import JSONPath
import Testing
import Vocabulary

@testable import Rules

@Suite("Table mappings")
struct TableMappingTests {
    private let tables = "$.tables[*].name"

    private func body(_ names: String...) -> String {
        #"{"tables":["# + names.map { #"{"name":"\#($0)"}"# }.joined(separator: ",") + "]}"
    }

    private func texts(_ mapping: EventNames, _ json: String) throws -> [String]? {
        try selectors(.names(mapping), json)?.texts
    }

    @Test("Fixed names and `all` do not look at the event")
    func fixed() throws {
        #expect(try selectors(.fixed([Selector("EKPO"), Selector("EKKO")]), "{}")?.texts == ["EKKO", "EKPO"])
        #expect(try selectors(.all, "{}")?.texts == ["*"])
        #expect(try selectors(.fixed([Selector("EKKO"), Selector("*")]), "{}")?.texts == ["*"])
    }

    @Test("`from` takes every string that the path selects, each once")
    func from() throws {
        let json = #"{"tables":[{"name":"b"},{"name":"a"},{"name":7},{"name":null},{"name":"a"},{}]}"#
        #expect(try texts(EventNames(from: JSONPath(tables)), json) == ["a", "b"])
    }

    @Test("strip_prefix, replace, map and case follow each other in this order")
    func order() throws {
        let mapping = try EventNames(
            from: JSONPath(tables),
            stripPrefix: "raw_",
            replace: Replacement(pattern: IRegexp("(.*)__v[0-9]+"), with: "$1"),
            map: ["kna1_customers": "Kna1", "raw_x": "wrong", "y__v1": "wrong", "Z": "wrong"],
            letterCase: .upper
        )
        #expect(
            try texts(mapping, body("raw_kna1_customers__v12")) == ["Kna1"],
            "a hit in map ends it: no case after it"
        )
        #expect(try texts(mapping, body("raw_x")) == ["X"], "map sees the name without its prefix")
        #expect(try texts(mapping, body("y__v1")) == ["Y"], "map sees the name after replace")
        #expect(try texts(mapping, body("z")) == ["Z"], "map does not see the changed case")
        #expect(try texts(mapping, body("raw_raw_a")) == ["RAW_A"], "a prefix goes once")
        #expect(try texts(mapping, body("a_raw_")) == ["A_RAW_"], "only from the front")
    }

    @Test("`replace` changes names that match as a whole, and leaves the others")
    func replace() throws {
        func apply(_ pattern: String, _ with: String, _ name: String) throws -> [String]? {
            let replacement = try Replacement(pattern: IRegexp(pattern), with: with)
            return try texts(EventNames(from: JSONPath(tables), replace: replacement), body(name))
        }
        #expect(try apply("(.*)__v[0-9]+", "$1", "orders__v2") == ["orders"])
        #expect(try apply("(.*)__v[0-9]+", "$1", "orders__v2_old") == ["orders__v2_old"], "a part is not enough")
        #expect(try apply("(a|b)_(.+)", "$2.$1-$0$$5", "b_x") == ["x.b-b_x$5"])
        #expect(try apply("(a)?b", "<$1>", "b") == ["<>"], "a group that took no part is empty")
    }

    @Test("A replacement that names a missing group, or has a loose dollar, is refused")
    func badReplacement() throws {
        let pattern = try IRegexp("(.*)x")
        #expect(throws: ReplacementError.noSuchGroup(2, of: 1)) { try Replacement(pattern: pattern, with: "$2") }
        #expect(throws: ReplacementError.looseDollar) { try Replacement(pattern: pattern, with: "a$") }
        #expect(throws: ReplacementError.looseDollar) { try Replacement(pattern: pattern, with: "$x") }
    }

    @Test("case: upper, lower and keep", arguments: [(LetterCase.upper, "ÄKKO"), (.lower, "äkko"), (.keep, "äKko")])
    func letterCase(letterCase: LetterCase, expected: String) throws {
        #expect(try texts(EventNames(from: JSONPath(tables), letterCase: letterCase), body("äKko")) == [expected])
    }

    @Test("`unknown` travels with the names; fixed ones are `fail`")
    func unknown() throws {
        let ignored = try selectors(.names(EventNames(from: JSONPath(tables), unknown: .ignore)), body("a"))
        #expect(ignored?.members == [.table("a"): .ignore])
        let failing = try selectors(.names(EventNames(from: JSONPath(tables))), body("a"))
        #expect(failing?.members == [.table("a"): .fail])
        #expect(try selectors(.fixed([.table("a")]), "{}")?.members == [.table("a"): .fail])
    }

    @Test("An event cannot ask for everything by a name; a map's author can")
    func noEscalation() throws {
        let mapping = try EventNames(from: JSONPath(tables), map: ["full": "*"])
        #expect(try selectors(.names(mapping), body("*"))?.members == [.table("*"): .fail])
        #expect(
            try selectors(.names(mapping), body("data_source:x"))?.members == [.table("data_source:x"): .fail]
        )
        #expect(try selectors(.names(mapping), body("full"))?.isEverything == true)
    }

    @Test("`data_source` is an id, or a path to one")
    func dataSource() throws {
        #expect(try selectors(.dataSource("7f1a"), "{}")?.texts == ["data_source:7f1a"])
        let mapping = try TableMapping.dataSourceFrom(JSONPath("$.id"))
        #expect(try selectors(mapping, #"{"id":"7f1a"}"#)?.texts == ["data_source:7f1a"])
        #expect(try selectors(mapping, #"{"id":7}"#) == nil)
    }

    @Test("A rule whose path selects no name did not match: no_tables")
    func noTables() throws {
        let rules = try RuleSet([rule("r", tables: .names(EventNames(from: JSONPath(tables))))])
        try withJSON(#"{"tables":[{"name":7}]}"#) { root in
            #expect(rules.match(source: "s", root: root, headers: HeaderList()).changes.isEmpty)
            let verdicts = rules.verdicts(source: "s", root: root, headers: HeaderList())
            #expect(verdicts == [RuleVerdict(rule: "r", miss: .noTables)])
            #expect(verdicts.first?.miss?.description == "no_tables")
        }
    }

    @Test("An empty name is none, as the event has it, without its prefix, or as a connection's id")
    func emptyNames() throws {
        #expect(try texts(EventNames(from: JSONPath(tables), stripPrefix: "raw_"), body("", "raw_", "a")) == ["a"])
        #expect(try texts(EventNames(from: JSONPath(tables)), body("")) == nil)
        #expect(try selectors(.dataSourceFrom(JSONPath("$.id")), #"{"id":""}"#) == nil)
    }

    @Test("Q23: what a trail keeps of an event that names much is its first names and how many there were")
    func abridged() throws {
        let mapping = TableMapping.names(try EventNames(from: JSONPath("$[*]")))
        func change(_ names: [String]) throws -> Change {
            let event = "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"
            return try withJSON(event) { root in
                let rules = RuleSet([rule("r", tables: mapping)])
                let matching = rules.match(source: "s", root: root, headers: HeaderList())
                return try #require(matching.changes.first)
            }
        }
        let many = try change((1000..<9000).map { "T\($0)" })
        #expect(many.isLong && many.tables.count == 8000)
        #expect(many.abridged.json.count < 2048 && many.abridged.tables.first == "T1000")
        #expect(many.abridged.names.hasSuffix(" and \(8000 - many.abridged.tables.count) more"))
        let long = try change(["*"] + (1...9).map { String(repeating: "x", count: 1000 + $0) })
        #expect(long.isLong && long.abridged.json.count < 2048 && long.abridged.names.hasPrefix("*, xxx"))
        #expect(long.abridged.names.hasSuffix("x… (1007 bytes) and 2 more"))
        #expect(try change(["EKKO", "EKPO"]).isLong == false)

        let written = rule("r", tables: .fixed((0..<1000).map { .table("T\($0)") }))
        try withJSON("{}") { root in
            let matching = RuleSet([written]).match(source: "s", root: root, headers: HeaderList())
            #expect(matching.changes.map(\.isLong) == [false], "all events share what a rule names")
        }
    }

    @Test("Q23: a name longer than any table's is known by its beginning and its length")
    func longName() throws {
        let long = String(repeating: "x", count: 5000)
        let mapping = TableMapping.names(try EventNames(from: JSONPath("$[*]")))
        let expected = SelectorSet([.table("EKKO"), .table(long.shown)])
        #expect(try selectors(mapping, #"["EKKO","\#(long)"]"#) == expected)
        let connection = TableMapping.dataSourceFrom(try JSONPath("$[*]"))
        #expect(try selectors(connection, #"["\#(long)"]"#) == SelectorSet([.dataSource(long.shown)]))
    }
}
