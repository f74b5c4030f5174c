import Vocabulary

/// How Celonis writes times.
extension WallTime {
    /// From the fixed form of an HTTP date (RFC 9110 §5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`; nil for others.
    package init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            let date = Self.milliseconds(year: parts[3], month: "\(month + 1)", day: parts[1], time: parts[4])
        else { return nil }
        self.init(milliseconds: date)
    }

    /// From the `startDate` of last-load: milliseconds since 1970, or ISO 8601 with `Z` or an offset. nil for anything
    /// else, also for a time without a zone, which might be anywhere.
    package init?(loadDate text: String) {
        if let milliseconds = Int64(text) {
            self.init(milliseconds: milliseconds)
            return
        }
        let halves = text.split(whereSeparator: { $0 == "T" || $0 == " " })
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        let clock = halves[1].prefix { $0.isNumber || $0 == ":" || $0 == "." || $0 == "," }
        let parts = clock.split(maxSplits: 1, whereSeparator: { $0 == "." || $0 == "," })
        guard date.count == 3, let time = parts.first,
            let offset = Self.offset(halves[1][clock.endIndex...]),
            let whole = Self.milliseconds(year: date[0], month: date[1], day: date[2], time: time)
        else { return nil }
        let fraction = parts.count > 1 ? parts[1].prefix(3) : "0"
        guard let digits = Int64(fraction) else { return nil }
        let scale: Int64 = [100, 10, 1][fraction.count - 1]
        self.init(milliseconds: whole + digits * scale - offset)
    }

    /// `Z`, `+01:00`, `+0100` or `+01` in milliseconds.
    private static func offset(_ text: Substring) -> Int64? {
        if text == "Z" || text == "z" { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard let sign = text.first, sign == "+" || sign == "-", digits.count == 4 || digits.count == 2,
            let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.count == 4 ? digits.suffix(2) : "0")
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000
    }

    /// Milliseconds since 1970 of a date and an `HH:MM:SS` in UTC.
    private static func milliseconds(
        year: some StringProtocol,
        month: some StringProtocol,
        day: some StringProtocol,
        time: some StringProtocol
    ) -> Int64? {
        let clock = time.split(separator: ":").compactMap { Int64($0) }
        guard let year = Int64(year), let month = Int64(month), let day = Int64(day), clock.count == 3,
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        return (days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1000
    }
}
