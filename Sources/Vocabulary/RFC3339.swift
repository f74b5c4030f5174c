extension WallTime {
    /// RFC 3339 in UTC with milliseconds, e.g. `2026-11-23T20:27:53.120Z`: how every time is shown.
    package var rfc3339: String {
        let day: Int64 = 86_400_000
        var days = milliseconds / day
        var rest = milliseconds % day
        if rest < 0 {
            rest += day
            days -= 1
        }
        let (year, month, dayOfMonth) = Self.civil(fromDays: days)
        var text = ""
        text.reserveCapacity(24)
        func append(_ number: Int64, _ width: Int) {
            let digits = String(number)
            for _ in 0..<max(0, width - digits.utf8.count) { text.append("0") }
            text.append(digits)
        }
        append(year, 4)
        text.append("-")
        append(month, 2)
        text.append("-")
        append(dayOfMonth, 2)
        text.append("T")
        append(rest / 3_600_000, 2)
        text.append(":")
        append(rest / 60_000 % 60, 2)
        text.append(":")
        append(rest / 1000 % 60, 2)
        text.append(".")
        append(rest % 1000, 3)
        text.append("Z")
        return text
    }

    /// The Gregorian date of a day number counted from 1970-01-01 (Howard Hinnant's `civil_from_days`).
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
