import Testing
import Vocabulary

@testable import ReloaderService

@Suite("Refused deliveries in the log")
struct RefusalDigestTests {
    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: 0) + .seconds(seconds) }

    @Test("the first is told at once, then one line a minute with the number since")
    func summary() {
        var digest = RefusalDigest()
        #expect(digest.refused(source: "a", reason: "missing", at: at(0)) == 1)
        for second in 1...59 { #expect(digest.refused(source: "a", reason: "missing", at: at(Int64(second))) == nil) }
        #expect(digest.refused(source: "a", reason: "missing", at: at(60)) == 60)
        #expect(digest.refused(source: "a", reason: "missing", at: at(61)) == nil)
        #expect(digest.refused(source: "a", reason: "missing", at: at(500)) == 2)
    }

    @Test("each source and each reason has its own lines")
    func kinds() {
        var digest = RefusalDigest()
        #expect(digest.refused(source: "a", reason: "missing", at: at(0)) == 1)
        #expect(digest.refused(source: "b", reason: "missing", at: at(1)) == 1)
        #expect(digest.refused(source: "a", reason: "mismatch", at: at(2)) == 1)
        #expect(digest.refused(source: "a", reason: "missing", at: at(3)) == nil)
    }
}
