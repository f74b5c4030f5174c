/// What two deliveries of one event have in common: the source and the event id. Held as a SHA-256, so that a key takes
/// the same room however long they are (queue.md Q17, Q23).
package struct DuplicateKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// What a restart finds it again by.
    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// The key that had these bytes; nil if they are none.
    package init?(bytes: [UInt8]) {
        guard bytes.count == MemoryLayout<SIMD4<UInt64>>.size else { return nil }
        words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// The first eight of its bytes: enough to find it by, not to be sure of it.
    var name: UInt64 { words[0] }

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
        self.words = words
    }
}
