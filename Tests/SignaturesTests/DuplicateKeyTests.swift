import Testing
import Vocabulary

@testable import Signatures

@Suite struct DuplicateKeyTests {
    private func key(_ source: String, _ event: String) -> DuplicateKey {
        DuplicateKey(source: source, event: Array(event.utf8))
    }

    @Test("Q17: sources and events that read alike when joined have different keys")
    func joining() {
        let pairs = [("s", "abc"), ("sa", "bc"), ("sabc", ""), ("", "sabc"), ("s", "ab"), ("s", "")]
        #expect(Set(pairs.map { key($0.0, $0.1) }).count == pairs.count)
    }

    @Test("The same source and event have the same key")
    func equal() {
        #expect(key("fivetran", "b4703f73") == key("fivetran", "b4703f73"))
    }

    @Test("Q23: a key takes the same room however long its parts are")
    func size() {
        #expect(MemoryLayout<DuplicateKey>.size == 32)
    }
}
