/// Durations as the configuration writes them: `500ms`, `30s`, `10m`, `1h30m`, `7d` (product.md §2.1).
package enum DurationText {
    /// A hundred years: far beyond any use, and far from what a clock in nanoseconds can hold.
    static let longest = Duration.seconds(36_500 * 86_400)

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Whole numbers with units, each unit smaller than the one before; nil for anything else, and beyond `longest`.
    package static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        var milliseconds: Int64 = 0
        var smallerUnits = units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            let name = rest.prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[name.endIndex...]
            guard let number = Int64(String(Substring(digits))),
                let unit = smallerUnits.firstIndex(where: { $0.name == String(Substring(name)) })
            else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: smallerUnits[unit].milliseconds)
            let (sum, sumOverflow) = milliseconds.addingReportingOverflow(product)
            guard !overflow, !sumOverflow else { return nil }
            milliseconds = sum
            smallerUnits = smallerUnits[(unit + 1)...]
        }
        let duration = Duration.milliseconds(milliseconds)
        return duration <= longest ? duration : nil
    }

    /// The same form, for messages: `1h30m`.
    static func text(_ duration: Duration) -> String {
        var rest = duration / .milliseconds(1)
        guard rest >= 1 else { return "0s" }
        var text = ""
        for unit in units {
            let count = Int64(rest) / unit.milliseconds
            if count > 0 { text += "\(count)\(unit.name)" }
            rest -= Double(count * unit.milliseconds)
        }
        return text
    }
}

extension Schema {
    fileprivate static var duration: Self {
        let units = ["d", "h", "m", "s", "ms"].map { "([0-9]+\($0))?" }.joined()
        return .text(pattern: "^(?=[0-9])\(units)$", examples: ["30s", "10m", "1h30m"])
    }
}

extension Reader where Value == Duration {
    /// A duration, `0s` included.
    static var duration: Self {
        let show: (Duration) -> JSONValue? = { .string(DurationText.text($0)) }
        return Self(.duration, show: show) { node, reading in
            let expected = "a duration such as 30s, 10m or 1h30m"
            guard let scalar = node.expectScalar(expected, reading.report) else { return nil }
            if let duration = DurationText.parse(scalar.text) { return duration }
            let isNumber = scalar.text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            reading.report.error(
                "expected \(expected), found \"\(scalar.text)\"",
                at: node.span,
                hint: isNumber && !scalar.text.isEmpty
                    ? "add a unit: \(scalar.text)s"
                    : "whole numbers with the units d, h, m, s, ms, in this order; at most 36500d"
            )
            return nil
        }
    }

    /// A duration longer than `0s`.
    static var positiveDuration: Self {
        duration.and { duration, span, report in
            if duration > .zero { return true }
            report.error("expected a duration longer than 0s", at: span)
            return false
        }
    }
}
