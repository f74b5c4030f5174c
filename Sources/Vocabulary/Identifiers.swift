/// The name of an event in every log line, answer and trail: `evt_` and 13 characters that sort by age.
package struct EventID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init?(_ text: some StringProtocol) {
        guard let value = SortableText.decode(text, prefix: "evt_") else { return nil }
        rawValue = value
    }
    package var description: String { SortableText.encode(rawValue, prefix: "evt_") }
    /// Appends its text: the answer to every delivery names it.
    package func append(to text: inout [UInt8]) { SortableText.append(rawValue, prefix: "evt_", to: &text) }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The name of a job: `job_` and 13 characters that sort by age.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init?(_ text: some StringProtocol) {
        guard let value = SortableText.decode(text, prefix: "job_") else { return nil }
        rawValue = value
    }
    package var description: String { SortableText.encode(rawValue, prefix: "job_") }
    /// Appends its text: the answer to every delivery names it.
    package func append(to text: inout [UInt8]) { SortableText.append(rawValue, prefix: "job_", to: &text) }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Hands out numbers that are unique across restarts without remembering any: it starts from the wall clock in
/// microseconds and counts up by one, so a later process begins above every number of an earlier one as long as
/// fewer than a million a second were handed out.
package struct IdentifierSequence: Sendable {
    private var next: UInt64

    package init(startingAt wall: WallTime) { next = UInt64(max(0, wall.milliseconds)) * 1000 }

    /// Goes on above a number that was handed out before, should the wall clock have gone back since.
    package mutating func skip(past taken: UInt64) { next = max(next, taken &+ 1) }

    package mutating func take() -> UInt64 {
        defer { next += 1 }
        return next
    }
}

/// 64 bits as 13 characters of Crockford's base 32, most significant first, so that text order is number order.
private enum SortableText {
    static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    static func encode(_ value: UInt64, prefix: StaticString) -> String {
        var text: [UInt8] = []
        append(value, prefix: prefix, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    static func append(_ value: UInt64, prefix: StaticString, to text: inout [UInt8]) {
        text.append(prefix)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 13) { digits in
            for index in 0..<13 {
                digits.initializeElement(at: index, to: alphabet.utf8Start[Int(value >> UInt64(60 - 5 * index) & 31)])
            }
            text.append(contentsOf: digits)
        }
    }

    static func decode(_ text: some StringProtocol, prefix: String) -> UInt64? {
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 13 else { return nil }
        var value: UInt64 = 0
        for (index, byte) in text.utf8.dropFirst(prefix.utf8.count).enumerated() {
            guard let digit = alphabet.withUTF8Buffer({ $0.firstIndex(of: byte) }) else { return nil }
            if index == 0 && digit > 15 { return nil }
            value = value << 5 | UInt64(digit)
        }
        return value
    }
}
