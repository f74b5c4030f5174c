/// What two deliveries of one event have in common: the source and the parts of its event id. Held as a SHA-256, so
/// that a key takes the same room however long its parts are (queue.md Q17, Q23).
package struct DuplicateKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// `parts` in the order of the configured `event_id`, every one from signed bytes. A part that is a string and one
    /// that is a number of the same text are the same only if the caller writes them the same.
    package init(source: String, parts: [[UInt8]]) {
        var joined: [UInt8] = []
        for part in [Array(source.utf8)] + parts {
            // The length before each part: no text in one can move the border to the next.
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { joined += $0 }
            joined += part
        }
        words = sha256(joined).withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }
}
