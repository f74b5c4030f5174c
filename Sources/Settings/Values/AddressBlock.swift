/// A block of IP addresses in CIDR notation (RFC 4632, RFC 4291 §2.3): `10.0.0.0/8`, `::/0`.
package struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    /// The address in network order, 4 or 16 bytes; bits behind the prefix are 0.
    package let bytes: [UInt8]
    /// How many leading bits count.
    package let prefixLength: Int
    /// As written, for the room that matches addresses.
    package let description: String
    /// Bits behind the prefix were written: `10.1.2.3/8`.
    let hadHostBits: Bool

    /// Nil unless an address, a slash and a prefix length that the address can have.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]),
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1]), length <= address.bytes.count * 8
        else { return nil }
        bytes = address.bytes.indices.map { index in
            let bits = min(8, max(0, length - index * 8))
            return address.bytes[index] & ~UInt8(truncatingIfNeeded: 0xff >> bits)
        }
        prefixLength = length
        description = text
        hadHostBits = bytes != address.bytes
    }
}

extension Reader where Value == AddressBlock {
    /// A block of addresses; one with host bits is taken as the block around it, with a warning.
    static var addressBlock: Self {
        Self { node, reading in
            let expected = "an address block such as 10.0.0.0/8 or ::1/128"
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            guard let block = AddressBlock(scalar.text) else {
                let single = IPAddress(scalar.text).map { "\(scalar.text)/\($0.bytes.count * 8)" }
                reading.report.error(
                    "expected \(expected), found \"\(scalar.text)\"",
                    at: node.span,
                    hint: single.map { "for this one address write \($0)" }
                )
                return nil
            }
            if block.hadHostBits {
                reading.report.warning(
                    "\(block) has bits behind its prefix: it means the whole block around this address",
                    at: node.span
                )
            }
            return block
        }
    }
}
