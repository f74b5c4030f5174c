import Vocabulary

extension Duration {
    /// For people, in at most two units and three digits: `850ms`, `4.2s`, `1m05s`, `2h30m`, `3d04h`.
    package var shortText: String {
        let milliseconds = (nanoseconds + 500_000) / 1_000_000
        let seconds = (milliseconds + 500) / 1000
        func pair(_ value: Int64, _ unit: String, _ rest: Int64, _ smaller: String) -> String {
            rest == 0 ? "\(value)\(unit)" : "\(value)\(unit)\(rest < 10 ? "0" : "")\(rest)\(smaller)"
        }
        switch milliseconds {
        case 0: return "0s"
        case ..<1000: return "\(milliseconds)ms"
        case ..<9950:
            let tenths = (milliseconds + 50) / 100
            return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
        case ..<59_500: return "\(seconds)s"
        case ..<3_599_500: return pair(seconds / 60, "m", seconds % 60, "s")
        case ..<86_370_000:
            let minutes = (seconds + 30) / 60
            return pair(minutes / 60, "h", minutes % 60, "m")
        default:
            let hours = (seconds + 1800) / 3600
            return pair(hours / 24, "d", hours % 24, "h")
        }
    }
}

extension Double {
    /// With this many digits behind the point.
    package func text(digits: Int) -> String {
        var unit = 1.0
        for _ in 0..<digits { unit *= 10 }
        let whole = Int64((magnitude * unit).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let rest = String(whole % Int64(unit))
        return "\(sign)\(whole / Int64(unit))." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
