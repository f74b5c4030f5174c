import Vocabulary

extension DuplicateKey {
    /// `event` names the event among those of its source; every byte of it is from signed ones.
    package init(source: String, event: [UInt8]) {
        var words = SIMD4<UInt64>()
        var source = source
        source.withUTF8 { source in
            let start = MemoryLayout<UInt64>.size
            withUnsafeTemporaryAllocation(byteCount: start + source.count + event.count, alignment: start) { joined in
                // The length before the name: no text in one can move the border to the other.
                joined.storeBytes(of: UInt64(source.count).bigEndian, as: UInt64.self)
                joined[start...].copyBytes(from: source)
                joined[(start + source.count)...].copyBytes(from: event)
                withUnsafeMutableBytes(of: &words) { sha256(UnsafeRawBufferPointer(joined), into: $0) }
            }
        }
        self.init(words: words)
    }
}
