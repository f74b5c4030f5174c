import Testing

@testable import JSONPath

@Suite("nodes of a document")
struct JSONNodeTests {
    @Test("of repeated names the first counts: for lookup, members, count, wildcards, descendants, filters and text")
    func repeatedNames() throws {
        let json = #"{"a":{"x":1},"b":2,"a":{"x":3,"y":[4]},"\u0061":5,"b":[6]}"#
        try read(json) { root in
            #expect(root.member("a")?.json == #"{"x":1}"#)
            #expect(root.count == 2)
            #expect(root.members.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b"])
            #expect(root.json == #"{"a":{"x":1},"b":2}"#)
        }
        #expect(try select("$.*", in: json) == [#"{"x":1}"#, "2"])
        #expect(try select("$..*", in: json) == [#"{"x":1}"#, "2", "1"])
        #expect(try select("$..x", in: json) == ["1"])
        #expect(try select("$[?@ > 1]", in: json) == ["2"])
        #expect(try select("$[?length($) == 2]", in: json).count == 2)
        #expect(try select("$[?count($.*) == 2]", in: json).count == 2)
    }

    @Test("repeated names among many members are found too", arguments: [11, 12, 13, 14, 100, 5000])
    func manyRepeatedNames(names: Int) throws {
        let members = (0..<names * 2).map { "\"name\($0 % names)\":\($0)" }.joined(separator: ",")
        try read("[{\(members)}, 1]") { root in
            let object = root.element(0)
            #expect(object?.count == names)
            #expect(object?.members.compactMap { $0.value.number } == (0..<names).map { JSONNumber.signed(Int64($0)) })
            #expect(root.element(1)?.number == .signed(1))
        }
    }

    @Test("equal objects are equal whatever was repeated and in what order")
    func repeatedNamesInComparisons() throws {
        #expect(
            try select("$[?@ == $[0]]", in: #"[{"a":1,"b":2},{"b":2,"a":1,"a":3},{"a":1},{"a":1,"c":2}]"#).count == 2
        )
    }

    @Test("kinds and values")
    func values() throws {
        try read(#"[null,true,false,-1,18446744073709551615,1.5,"é\n",[],{}]"#) { root in
            let nodes = Array(root.elements)
            #expect(nodes.map(\.kind) == [.null, .bool, .bool, .number, .number, .number, .string, .array, .object])
            #expect(nodes.map(\.bool) == [nil, true, false, nil, nil, nil, nil, nil, nil])
            #expect(nodes.compactMap(\.number) == [.signed(-1), .unsigned(.max), .double(1.5)])
            #expect(nodes.compactMap(\.string) == ["é\n"])
            #expect(nodes[6].isString(utf8: Array("é\n".utf8)))
            #expect(!nodes[6].isString(utf8: Array("é".utf8)))
            #expect(!nodes[0].isString(utf8: []))
            #expect(root.json == #"[null,true,false,-1,18446744073709551615,1.5,"é\n",[],{}]"#)
        }
    }

    @Test("asking a node for what it has not gives nothing")
    func absent() throws {
        try read(#"{"a":[1]}"#) { root in
            #expect(root.member("b") == nil)
            #expect(root.element(0) == nil)
            #expect(root.member("a")?.element(1) == nil)
            #expect(root.member("a")?.element(-1) == nil)
            #expect(root.member("a")?.member("a") == nil)
            #expect(root.member("a")?.element(0)?.count == 0)
            #expect(Array(root.elements).isEmpty)
            #expect(root.number == nil)
        }
    }

    @Test("control characters are escaped when a value is written out")
    func escapes() throws {
        let json = #"{"\u0000\u001f\"\\\b\f\n\r\t":"\u007f/"}"#
        #expect(try read(json, \.json) == "{\"\\u0000\\u001f\\\"\\\\\\b\\f\\n\\r\\t\":\"\u{7F}/\"}")
    }

    @Test("a node of another document has no path in this one")
    func foreignPath() throws {
        try read("[1,[2]]") { root in
            let inner = root.element(1)
            #expect(inner.flatMap { root.normalizedPath(to: $0) } == "$[1]")
            #expect(inner.flatMap { $0.normalizedPath(to: root) } == nil)
        }
    }
}
