extension WallTime {
    /// RFC 3339 in UTC with milliseconds, e.g. `2026-11-23T20:27:53.120Z`: how every time is shown.
    package var rfc3339: String {
        var text: [UInt8] = []
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static let yearZero: Int64 = -62_167_219_200_000

    /// Appends `rfc3339`: the answer to every delivery says when its tables load.
    package func appendRFC3339(to text: inout [UInt8]) {
        let day: Int64 = 86_400_000
        // Nothing here is older than the year 0, for which there are no digits; a time from a disk may be any number.
        let milliseconds = max(milliseconds, Self.yearZero)
        var days = milliseconds / day
        var rest = milliseconds % day
        if rest < 0 {
            rest += day
            days -= 1
        }
        let (year, month, dayOfMonth) = Self.civil(fromDays: days)
        if year > 9999 { text += String(year / 10_000).utf8 }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { bytes in
            var position = 0
            /// So many digits, and what follows them.
            func write(_ number: Int64, _ digits: Int, _ next: Unicode.Scalar) {
                var rest = number
                for index in (position..<position + digits).reversed() {
                    bytes.initializeElement(at: index, to: UInt8(ascii: "0") + UInt8(rest % 10))
                    rest /= 10
                }
                bytes.initializeElement(at: position + digits, to: UInt8(ascii: next))
                position += digits + 1
            }
            write(year, 4, "-")
            write(month, 2, "-")
            write(dayOfMonth, 2, "T")
            write(rest / 3_600_000, 2, ":")
            write(rest / 60_000 % 60, 2, ":")
            write(rest / 1000 % 60, 2, ".")
            write(rest % 1000, 3, "Z")
            text.append(contentsOf: bytes)
        }
    }

    /// From RFC 3339 in any zone, as UTF-8; nil for anything else, days that do not exist included. Digits beyond the
    /// milliseconds are dropped, and a leap second is the second after it.
    package init?(rfc3339 text: UnsafeBufferPointer<UInt8>) {
        var rest = text[...]
        func number(_ digits: Int, before next: Unicode.Scalar? = nil) -> Int64? {
            var number: Int64 = 0
            for _ in 0..<digits {
                guard let digit = rest.popFirst()?.asDigit else { return nil }
                number = number * 10 + digit
            }
            if let next, rest.popFirst() != UInt8(ascii: next) { return nil }
            return number
        }
        guard let year = number(4, before: "-"), let month = number(2, before: "-"), let day = number(2),
            let separator = rest.popFirst(), separator | 32 == UInt8(ascii: "t") || separator == 32,
            let hour = number(2, before: ":"), let minute = number(2, before: ":"), let second = number(2),
            (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            var unit: Int64 = 100
            guard rest.first?.asDigit != nil else { return nil }
            while let digit = rest.first?.asDigit {
                fraction += digit * unit
                unit /= 10
                rest.removeFirst()
            }
        }
        var offset: Int64 = 0
        switch rest.popFirst() {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
        case .some(let sign) where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
            guard let hours = number(2, before: ":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            offset = (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
        default: return nil
        }
        guard rest.isEmpty else { return nil }
        let minutes = (Self.daysSince1970(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset
        self.init(milliseconds: (minutes * 60 + second) * 1000 + fraction)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day number of a Gregorian date counted from 1970-01-01 (Howard Hinnant's `days_from_civil`). A day beyond the
    /// month's end is one of the next month.
    package static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
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

extension UInt8 {
    fileprivate var asDigit: Int64? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) ? Int64(self - UInt8(ascii: "0")) : nil
    }
}
