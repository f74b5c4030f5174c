import JSONPath

/// Sizes in bytes as the configuration writes them: `64KiB`, `1MiB` (product.md §2.1).
enum SizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1),
    ]

    /// A whole number from 1 with a unit; nil for anything else, and above what an `Int` holds.
    static func parse(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let digits = text.dropLast(unit.name.count)
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(digits), number > 0
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// The same form, in the largest unit that leaves a whole number.
    static func text(_ bytes: Int) -> String {
        let unit = units.filter { bytes % $0.bytes == 0 }.max { $0.bytes < $1.bytes }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)B"
    }
}

extension Reader where Value == Int {
    /// A number of bytes, at least one.
    static var size: Self {
        let show: (Int) -> JSONValue? = { .string(SizeText.text($0)) }
        return parsed(
            "a size such as 64KiB or 1MiB",
            hint: "a whole number from 1 with the unit B, KiB, MiB or GiB",
            .text(pattern: "^[0-9]+(B|KiB|MiB|GiB)$", examples: ["64KiB", "1MiB"]),
            show: show
        ) {
            SizeText.parse($0)
        }
    }

    /// What a body may have: more than the JSON parser takes would be received whole, only to be refused.
    static var bodySize: Self {
        size.and { size, span, report in
            if size <= JSONParser.standardLimit { return true }
            report.error("expected at most \(SizeText.text(JSONParser.standardLimit))", at: span)
            return false
        }
    }
}
