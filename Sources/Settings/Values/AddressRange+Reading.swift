import Vocabulary

extension Reader where Value == AddressRange {
    /// A block of addresses; one with host bits is taken as the block around it, with a warning.
    static var addressRange: Self {
        let schema = Schema.text(pattern: "^[^/]+/[0-9]+$", examples: ["10.0.0.0/8", "::1/128"])
        return Self(schema) { node, reading in
            let expected = "an address block such as 10.0.0.0/8 or ::1/128"
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            let address = IPAddress(scalar.text.prefix { $0 != "/" })
            guard let address, scalar.text.contains("/"), let range = AddressRange(scalar.text) else {
                let isAddress = address != nil && !scalar.text.contains("/")
                reading.report.error(
                    "expected \(expected), found \"\(scalar.text)\"",
                    at: node.span,
                    hint: isAddress
                        ? "for this one address write \(scalar.text)/\(scalar.text.contains(":") ? 128 : 32)" : nil
                )
                return nil
            }
            if range.first != address {
                reading.report.warning(
                    "\(scalar.text) has bits behind its prefix: it means the whole block around this address",
                    at: node.span
                )
            }
            return range
        }
    }
}
