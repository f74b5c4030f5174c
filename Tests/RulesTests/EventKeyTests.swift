import JSONPath
import Rules
import Testing
import Vocabulary

@Suite("Event keys")
struct EventKeyTests {
    private func bytes(_ parts: [String], _ json: String, _ headers: HeaderList = [:]) throws -> [UInt8]? {
        let key = EventKey(try parts.map { try Subject($0) })
        return try withJSON(json) { key.bytes(root: $0, headers: headers) }
    }

    /// Each part as its kind and value.
    private func key(_ parts: String...) -> [UInt8] {
        parts.flatMap { [0, 0, 0, 0, 0, 0, 0, UInt8($0.utf8.count - 1)] + $0.utf8 }
    }

    @Test("A key has one value per part, from body and header")
    func parts() throws {
        let found = try bytes(["$.id", "$.n", "header:X-Id"], #"{"id":"a","n":7}"#, ["x-id": "h"])
        #expect(found == key("sa", "n7", "hh"))
    }

    @Test("Values of different kinds and other joints are other keys (Q17)")
    func distinct() throws {
        let jsons =
            [#"{"a":1,"b":""}"#, #"{"a":"1","b":""}"#, #"{"a":"ab","b":"c"}"#, #"{"a":"a","b":"bc"}"#]
            + [#"{"a":"abc","b":""}"#, #"{"a":"","b":"abc"}"#, #"{"a":"a\u0000","b":"b"}"#, #"{"a":"bc","b":"a"}"#]
            + [#"{"a":true,"b":""}"#, #"{"a":"true","b":""}"#, #"{"a":"b1","b":""}"#, #"{"a":1.5,"b":""}"#]
        let keys = try jsons.map { try #require(try bytes(["$.a", "$.b"], $0)) }
        #expect(Set(keys).count == jsons.count)
        #expect(try bytes(["$.a"], #"{"a":"\u0061"}"#) == bytes(["$.a"], #"{"a":"a"}"#), "spelling does not count")
    }

    @Test(
        "A missing part, or one that selects other than one scalar, is no key",
        arguments: [#"{"a":1}"#, #"{"a":1,"b":[1]}"#, #"{"a":1,"b":{}}"#, #"{"a":1,"b":null}"#, "[]"]
    )
    func noKey(json: String) throws {
        #expect(try bytes(["$.a", "$.b"], json) == nil)
    }

    @Test("Several selected values, an absent or a repeated header, and no parts at all are no key")
    func noKeyEither() throws {
        #expect(try bytes(["$.a[*]"], #"{"a":[1,2]}"#) == nil)
        #expect(try bytes(["$.a[*]"], #"{"a":[1]}"#) == key("n1"))
        #expect(try bytes(["header:X"], "{}") == nil)
        #expect(try bytes(["header:X"], "{}", ["x": "1", "X": "1"]) == nil)
        #expect(try bytes([], "{}") == nil)
    }
}
