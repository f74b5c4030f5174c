/// What two deliveries of one event have in common: the source and the event id. Held as a SHA-256, so that a key takes
/// the same room however long they are (queue.md Q17, Q23), and no memory of its own.
package struct DuplicateKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    package init(words: SIMD4<UInt64>) { self.words = words }

    /// The key that had these bytes; nil if they are none.
    package init?(bytes: [UInt8]) {
        guard bytes.count == MemoryLayout<SIMD4<UInt64>>.size else { return nil }
        words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// What a restart finds it again by.
    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// The first eight of its bytes: enough to find it by, not to be sure of it.
    package var name: UInt64 { words[0] }
}
