import Testing

@testable import Signatures

@Suite struct DuplicateKeyTests {
    private func key(_ source: String, _ parts: [String]) -> DuplicateKey {
        DuplicateKey(source: source, parts: parts.map { Array($0.utf8) })
    }

    @Test("Q17: tuples that read alike when joined have different keys")
    func joining() {
        let tuples: [(String, [String])] = [
            ("s", ["ab", "c"]), ("s", ["a", "bc"]), ("s", ["abc"]), ("s", ["abc", ""]), ("s", ["", "abc"]),
            ("sa", ["bc"]), ("sabc", []), ("s", []), ("s", ["a,b", "c"]), ("s", ["a", "b,c"]),
            ("s", ["a\u{0}b"]), ("s", ["a", "b"]), ("s", ["b", "a"]),
            ("s", ["a\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}b"]),
        ]
        #expect(Set(tuples.map { key($0.0, $0.1) }).count == tuples.count)
    }

    @Test("The same source and parts have the same key")
    func equal() {
        let parts = ["gentle_yak", "b4703f73", "sync_end", "SUCCESSFUL"]
        #expect(key("fivetran", parts) == key("fivetran", parts))
    }

    @Test("sync_start and sync_end of one sync are two events")
    func syncStartAndEnd() {
        let start = key("fivetran", ["gentle_yak", "b4703f73", "sync_start", ""])
        let end = key("fivetran", ["gentle_yak", "b4703f73", "sync_end", ""])
        #expect(start != end)
    }

    @Test("Q23: a key takes the same room however long its parts are")
    func size() {
        #expect(MemoryLayout<DuplicateKey>.size == 32)
    }
}
