import JSONPath
import Rules
import Testing
import Vocabulary

@Suite("Event keys")
struct EventKeyTests {
    private func values(_ parts: [String], _ json: String, _ headers: HeaderList = [:]) throws -> [[UInt8]]? {
        let key = EventKey(try parts.map { try Subject($0) })
        return try withJSON(json) { key.values(root: $0, headers: headers) }
    }

    @Test("A key has one value per part, from body and header")
    func parts() throws {
        let found = try values(["$.id", "$.n", "header:X-Id"], #"{"id":"a","n":7}"#, ["x-id": "h"])
        #expect(found == [Array("sa".utf8), Array("n7".utf8), Array("hh".utf8)])
    }

    @Test("Values of different kinds and other joints are other keys (Q17)")
    func distinct() throws {
        let jsons =
            [#"{"a":1,"b":""}"#, #"{"a":"1","b":""}"#, #"{"a":"ab","b":"c"}"#, #"{"a":"a","b":"bc"}"#]
            + [#"{"a":true,"b":""}"#, #"{"a":"true","b":""}"#, #"{"a":"b1","b":""}"#, #"{"a":1.5,"b":""}"#]
        let keys = try jsons.map { try #require(try values(["$.a", "$.b"], $0)) }
        #expect(Set(keys).count == jsons.count)
        #expect(try values(["$.a"], #"{"a":"\u0061"}"#) == values(["$.a"], #"{"a":"a"}"#), "spelling does not count")
    }

    @Test(
        "A missing part, or one that selects other than one scalar, is no key",
        arguments: [#"{"a":1}"#, #"{"a":1,"b":[1]}"#, #"{"a":1,"b":{}}"#, #"{"a":1,"b":null}"#, "[]"]
    )
    func noKey(json: String) throws {
        #expect(try values(["$.a", "$.b"], json) == nil)
    }

    @Test("Several selected values, an absent or a repeated header, and no parts at all are no key")
    func noKeyEither() throws {
        #expect(try values(["$.a[*]"], #"{"a":[1,2]}"#) == nil)
        #expect(try values(["$.a[*]"], #"{"a":[1]}"#) == [Array("n1".utf8)])
        #expect(try values(["header:X"], "{}") == nil)
        #expect(try values(["header:X"], "{}", ["x": "1", "X": "1"]) == nil)
        #expect(try values([], "{}") == nil)
    }
}
