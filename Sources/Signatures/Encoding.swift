/// How bytes are written as text in a header or in a configured secret.
package enum Encoding: String, Sendable, Hashable, CaseIterable {
    /// RFC 4648 §8, digits of either case.
    case hex
    /// RFC 4648 §4, padded or not.
    case base64
    /// RFC 4648 §5, padded or not.
    case base64url

    /// What the bits behind the last whole byte of base64 may be.
    package enum TrailingBits: Sendable {
        /// RFC 4648 §3.5: one text for each value. Used wherever nothing else is said.
        case mustBeZero
        /// As most decoders do. Some senders generate such secrets.
        case ignored
    }

    /// The bytes that `text` stands for; nil for a foreign character (white space too), a wrong length or partial
    /// padding.
    package func decode(_ text: some Collection<UInt8>, trailingBits: TrailingBits = .mustBeZero) -> [UInt8]? {
        let decoded = text.withContiguousStorageIfAvailable { decode($0, trailingBits) }
        return decoded ?? Array(text).withUnsafeBufferPointer { decode($0, trailingBits) }
    }

    /// As `decode(_:trailingBits:)`, of a text where it lies.
    func decode(_ text: UnsafeBufferPointer<UInt8>, _ trailingBits: TrailingBits) -> [UInt8]? {
        switch self {
        case .hex: Self.decodeHex(text)
        case .base64: Self.decodeBase64(text, trailingBits, sixBits: Self.sixBits)
        case .base64url: Self.decodeBase64(text, trailingBits, sixBits: Self.sixBitsURL)
        }
    }

    /// The text of `bytes`: lower-case hex, padded base64, or base64url without padding (as RFC 7515 has it).
    package func encode(_ bytes: some Sequence<UInt8>) -> String {
        switch self {
        case .hex: Self.encodeHex(bytes)
        case .base64: Self.encodeBase64(bytes, alphabet: Self.alphabet, padded: true)
        case .base64url: Self.encodeBase64(bytes, alphabet: Self.alphabetURL, padded: false)
        }
    }

    /// The longest text that can stand for `count` bytes.
    func longestText(of count: Int) -> Int {
        switch self {
        case .hex: count * 2
        case .base64, .base64url: (count + 2) / 3 * 4
        }
    }
}

extension Encoding {
    private static let digits = Array("0123456789abcdef".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let alphabetURL = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func decodeHex(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        let count = text.count / 2
        // Not `Array(unsafeUninitializedCapacity:)`: the generic code behind it takes longer than all the rest here.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { decoded in
            var seen: UInt8 = 0
            for index in 0..<count {
                let (high, low) = (hexDigit(text[2 &* index]), hexDigit(text[2 &* index &+ 1]))
                seen |= high | low
                decoded.initializeElement(at: index, to: high << 4 | low & 15)
            }
            guard seen < 16 else { return nil }
            var bytes: [UInt8] = []
            bytes.append(contentsOf: UnsafeBufferPointer(decoded))
            return bytes
        }
    }

    /// What a character is worth as a digit; 255 for one that is none. Without branches and overflow checks, so that
    /// the compiler does many at once.
    private static func hexDigit(_ character: UInt8) -> UInt8 {
        let digit = character &- UInt8(ascii: "0")
        let letter = (character | 0x20) &- UInt8(ascii: "a")
        return digit < 10 ? digit : letter < 6 ? letter &+ 10 : 255
    }

    private static func decodeBase64(
        _ text: UnsafeBufferPointer<UInt8>,
        _ trailingBits: TrailingBits,
        sixBits: (UInt8) -> UInt8?
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var pending: UInt32 = 0
        var pendingBits = 0
        var characters = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = sixBits(character) else { return nil }
            characters += 1
            pending = pending << 6 | UInt32(value)
            pendingBits += 6
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(pendingBits)))
                pending &= (1 << UInt32(pendingBits)) - 1
            }
        }
        let lastGroup = characters % 4
        guard lastGroup != 1, padding == 0 || (lastGroup > 0 && padding == 4 - lastGroup) else { return nil }
        switch trailingBits {
        case .mustBeZero: return pending == 0 ? bytes : nil
        case .ignored: return bytes
        }
    }

    private static func sixBits(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: sixBitsInBothAlphabets(character)
        }
    }

    private static func sixBitsURL(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: sixBitsInBothAlphabets(character)
        }
    }

    private static func sixBitsInBothAlphabets(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        default: nil
        }
    }

    private static func encodeHex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func encodeBase64(_ bytes: some Sequence<UInt8>, alphabet: [UInt8], padded: Bool) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xffff
            pendingBits += 8
            while pendingBits >= 6 {
                pendingBits -= 6
                text.append(alphabet[Int(pending >> UInt32(pendingBits)) & 63])
            }
        }
        if pendingBits > 0 {
            text.append(alphabet[Int(pending << UInt32(6 - pendingBits)) & 63])
        }
        while padded, !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }
}
