import Vocabulary

extension DuplicateKey {
    /// `event` names the event among those of its source; every byte of it is from signed ones.
    package init(source: String, event: [UInt8]) {
        var joined: [UInt8] = []
        joined.reserveCapacity(8 + source.utf8.count + event.count)
        // The length before the name: no text in one can move the border to the other.
        withUnsafeBytes(of: UInt64(source.utf8.count).bigEndian) { joined += $0 }
        joined += source.utf8
        joined += event
        var words = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &words) { sha256(joined, into: $0) }
        self.init(words: words)
    }
}
