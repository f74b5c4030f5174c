import Testing
import Vocabulary

@Suite("Times")
struct TimeTests {
    @Test(
        "RFC 3339 in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_102_444_799_000, "2099-12-31T23:59:59.000Z"),
            (.min, "0000-01-01T00:00:00.000Z"), (.max, "292278994-08-17T07:12:55.807Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (1_740_787_200_000, "2025-03-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func rfc3339(milliseconds: Int64, text: String) {
        #expect(WallTime(milliseconds: milliseconds).rfc3339 == text)
    }

    @Test("Q13: a monotonic time is shown by the wall clock's distance, before and after now")
    func wallOfMonotonic() {
        let now = Now(monotonic: MonotonicTime(nanoseconds: 10_000_000_000), wall: WallTime(milliseconds: 5000))
        #expect(now.wall(at: MonotonicTime(nanoseconds: 12_500_000_000)).milliseconds == 7500)
        #expect(now.wall(at: MonotonicTime(nanoseconds: 9_000_000_000)).milliseconds == 4000)
    }

    @Test("the longest duration saturates instead of overflowing")
    func saturation() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    }
}

@Suite("Identifiers")
struct IdentifierTests {
    @Test("text order is number order, and text leads back to the number", arguments: [0, 1, 31, 32, 1 << 40, .max])
    func roundTrip(value: UInt64) {
        let id = EventID(rawValue: value)
        #expect(EventID(id.description) == id)
        #expect(id.description.utf8.count == 17)
        if value > 0 { #expect(EventID(rawValue: value - 1).description < id.description) }
    }

    @Test(
        "other text is no identifier",
        arguments: ["", "evt_", "job_0000000000001", "evt_000000000000u", "evt_z000000000000"]
    )
    func refused(text: String) { #expect(EventID(text) == nil) }

    @Test("a later process begins above all that an earlier one handed out")
    func restart() {
        var first = IdentifierSequence(startingAt: WallTime(milliseconds: 1000))
        let last = (0..<999).map { _ in first.take() }.last ?? 0
        var second = IdentifierSequence(startingAt: WallTime(milliseconds: 1001))
        #expect(second.take() > last)
    }
}

@Suite("Selectors")
struct SelectorTests {
    @Test("the contract's text leads to the selector and back", arguments: ["*", "data_source:7f1a", "EKKO"])
    func text(text: String) { #expect(Selector(text).description == text) }

    @Test("* absorbs every other selector, before and after")
    func absorption() {
        var set = SelectorSet([.table("A"), .everything, .table("B")])
        #expect(set.texts == ["*"])
        set.insert(.table("C"), unknown: .ignore)
        #expect(set.texts == ["*"])
        #expect(set.contains(.table("X")))
    }

    @Test("fail wins over ignore, in both orders")
    func unknown() {
        let fail = SelectorSet([.table("A")], unknown: .fail)
        let ignore = SelectorSet([.table("A")], unknown: .ignore)
        #expect(fail.union(ignore).members[.table("A")] == .fail)
        #expect(ignore.union(fail).members[.table("A")] == .fail)
    }

    @Test("Q14: union is commutative, associative and idempotent")
    func union() {
        let selectors: [Selector] = [.table("A"), .table("B"), .dataSource("d"), .everything]
        let sets = (0..<16).flatMap { mask in
            [UnknownTables.fail, .ignore].map { policy in
                SelectorSet(
                    selectors.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element),
                    unknown: policy
                )
            }
        }
        for a in sets {
            #expect(a.union(a) == a)
            for b in sets {
                #expect(a.union(b) == b.union(a))
                #expect(a.union(b).isSuperset(of: a))
                for c in sets { #expect(a.union(b).union(c) == a.union(b.union(c))) }
            }
        }
    }
}

@Suite("Readings of the clocks")
struct NowTests {
    @Test("an instant is shown as the same time by every reading, before and after it")
    func stable() {
        let instant = MonotonicTime(nanoseconds: 5_000_000_123)
        let offset: Int64 = 1_700_000_000_000_444_555
        for distance in stride(from: -3_000_000, through: 3_000_000, by: 77_777) as StrideThrough<Int64> {
            let time = instant.nanoseconds + distance
            let now = Now(monotonic: MonotonicTime(nanoseconds: time), wallNanoseconds: time + offset)
            #expect(now.wall(at: instant).milliseconds == (instant.nanoseconds + offset) / 1_000_000, "\(distance)")
        }
        #expect(
            Now(monotonic: instant, wall: WallTime(milliseconds: 0)).wall(at: MonotonicTime(nanoseconds: .max))
                > WallTime(milliseconds: 0)
        )
    }

    @Test("RFC 3339 reads back what it wrote, in any zone; days that do not exist are none")
    func rfc3339() {
        func read(_ text: String) -> Int64? {
            var text = text
            return text.withUTF8 { WallTime(rfc3339: $0)?.milliseconds }
        }
        for milliseconds in stride(from: Int64(-100_000_000_000), through: 5_000_000_000_000, by: 86_399_877_123) {
            #expect(read(WallTime(milliseconds: milliseconds).rfc3339) == milliseconds)
        }
        #expect(read("2026-11-23T20:27:53Z") == 1_795_465_673_000)
        #expect(read("2026-11-23t21:27:53.5+01:00") == 1_795_465_673_500)
        #expect(read("2026-11-23 20:27:53.123456789z") == 1_795_465_673_123)
        #expect(read("2024-02-29T00:00:00Z") != nil)
        for wrong in [
            "", "2026-11-23", "2026-11-23T20:27:53", "2026-11-23T24:00:00Z", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-23T20:27:53.Z", "2026-11-23T20:27:53+0100",
            "2026-11-23T20:27:53Zx", "+026-11-23T20:27:53Z",
        ] {
            #expect(read(wrong) == nil, "\(wrong)")
        }
    }
}
