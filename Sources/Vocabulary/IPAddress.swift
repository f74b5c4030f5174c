/// An IPv4 or IPv6 address as a number. An IPv4 address and the IPv6 address that maps it (`::ffff:a.b.c.d`) are the
/// same value, so that a dual-stack socket changes nothing about who is let in.
package struct IPAddress: Hashable, Sendable {
    /// The IPv6 address, or `::ffff:a.b.c.d` for IPv4; network order, the first byte highest.
    private(set) var high: UInt64
    private(set) var low: UInt64

    /// Whether this is no IPv4 address, mapped or plain.
    package var isIPv6: Bool { high != 0 || low >> 32 != 0xffff }

    fileprivate init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 & 0xff == 127 }

    /// - Parameter v4: four bytes in network order as one number.
    package init(v4: UInt32) { self.init(high: 0, low: 0xffff_0000_0000 | UInt64(v4)) }

    /// - Parameter v6: sixteen bytes in network order; nil for any other number of bytes.
    package init?(v6: some Collection<UInt8>) {
        guard v6.count == 16 else { return nil }
        self.init(
            high: v6.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: v6.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        )
    }

    /// - Parameter text: `192.0.2.1` or an RFC 4291 §2.2 form; no zone, no port, no leading zeros in IPv4.
    package init?(_ text: some StringProtocol) {
        if !text.contains(":") {
            guard let v4 = Self.parseV4(text) else { return nil }
            self.init(v4: v4)
            return
        }
        // At most one `::`, which stands for the groups that are missing.
        guard let gap = text.firstIndex(where: "::", in: text) else {
            guard let groups = Self.parseGroups(text), groups.count == 8 else { return nil }
            self.init(groups: groups)
            return
        }
        guard let front = Self.parseGroups(text[..<gap], endsInV4: false),
            let back = Self.parseGroups(text[text.index(gap, offsetBy: 2)...]), front.count + back.count < 8
        else { return nil }
        self.init(groups: front + Array(repeating: 0, count: 8 - front.count - back.count) + back)
    }

    private init(groups: [UInt16]) {
        self.init(
            high: groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) },
            low: groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) }
        )
    }

    private static func parseV4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 48, let byte = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    /// Groups of hexadecimal digits; at the address's end a dotted IPv4 address may stand for two.
    private static func parseGroups(_ text: some StringProtocol, endsInV4: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if endsInV4, index == parts.count - 1, let v4 = parseV4(part) {
                groups += [UInt16(v4 >> 16), UInt16(v4 & 0xffff)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted for IPv4; eight groups, not shortened, for IPv6.
    package var description: String {
        if !isIPv6 {
            return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xff) }.joined(separator: ".")
        }
        return [high, low].flatMap { half in
            [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xffff, radix: 16) }
        }.joined(separator: ":")
    }
}

/// A CIDR range, `10.0.0.0/8` or `2001:db8::/32`; an address alone is the range of itself. IPv4 ranges hold IPv4
/// addresses only, IPv6 ranges IPv6 addresses only: `::/0` lets no IPv4 peer in (product.md §2, `allow_from`).
package struct AddressRange: Hashable, Sendable {
    private let base: IPAddress
    /// How many leading bits of the 128 count.
    private let bits: Int

    /// - Parameter text: bits beyond the prefix may be set and do not count; nil if it is no range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(parts[0]) else { return nil }
        // A mapped address counts 128 bits as it is written, a dotted one 32 at its end.
        let written = parts[0].contains(":") ? 128 : 32
        var length = written
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
                let prefix = Int(parts[1]), prefix <= written
            else { return nil }
            length = prefix
        }
        self.base = base
        bits = length + (128 - written)
        // A mapped range shorter than the mapping itself would hold neither family sensibly.
        guard base.isIPv6 || bits >= 96 else { return nil }
    }

    /// Its first address: bits beyond the prefix are 0.
    package var first: IPAddress {
        IPAddress(high: base.high & Self.mask(min(bits, 64)), low: base.low & Self.mask(max(bits - 64, 0)))
    }

    /// Whether it holds every address of its family: `0.0.0.0/0` or `::/0`.
    package var isEverything: Bool { bits == (base.isIPv6 ? 0 : 96) }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv6 == base.isIPv6 else { return false }
        let highMask = Self.mask(min(bits, 64))
        let lowMask = Self.mask(max(bits - 64, 0))
        return (address.high ^ base.high) & highMask == 0 && (address.low ^ base.low) & lowMask == 0
    }

    private static func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : UInt64.max << UInt64(64 - bits) }
}

extension StringProtocol {
    /// Where `pattern` first stands in `text`.
    fileprivate func firstIndex(where pattern: String, in text: Self) -> Index? {
        text.indices.first { text[$0...].hasPrefix(pattern) }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
