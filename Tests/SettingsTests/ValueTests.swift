import Testing

@testable import Settings

@Suite("Durations, sizes and addresses")
struct ValueTests {
    @Test(
        "Durations are whole numbers with falling units",
        arguments: [
            ("500ms", 0.5), ("30s", 30), ("10m", 600), ("1h30m", 5400), ("7d", 604_800), ("0s", 0), ("90m", 5400),
            ("1d2h3m4s5ms", 93784.005), ("36500d", 3_153_600_000),
        ]
    )
    func durations(_ text: String, _ seconds: Double) {
        #expect(DurationText.parse(text) == .milliseconds(Int64((seconds * 1000).rounded())))
    }

    @Test(
        "Anything else is no duration, and none overflows",
        arguments: [
            "", "5", "s", "5 s", "1.5h", "-5s", "+5s", "30m1h", "1h1h", "5min", "5S", "1h30", "36501d", "5µs", "٣s",
            "9223372036854775807d", "99999999999999999999s", "9223372036854775807ms1ms",
        ]
    )
    func notDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "A duration in a message reads as it is written",
        arguments: ["0s", "500ms", "1h30m", "1d2h3m4s5ms", "36500d"]
    )
    func durationText(_ text: String) throws {
        #expect(DurationText.text(try #require(DurationText.parse(text))) == text)
    }

    @Test(
        "Sizes are whole numbers with binary units",
        arguments: [("1B", 1), ("64KiB", 65536), ("1MiB", 1 << 20), ("2GiB", 2 << 30)]
    )
    func sizes(_ text: String, _ bytes: Int) {
        #expect(SizeText.parse(text) == bytes)
    }

    @Test(
        "Anything else is no size",
        arguments: ["", "1", "0B", "1MB", "1mib", "1.5MiB", "-1B", "MiB", "9223372036854775807KiB"]
    )
    func notSizes(_ text: String) {
        #expect(SizeText.parse(text) == nil)
    }

    @Test("Web addresses are taken apart")
    func webAddresses() throws {
        let address = try #require(WebAddress("https://user:pw@[::1]:8443/a?b#c"))
        #expect(address.isSecure)
        #expect(address.host == "::1")
        #expect(address.port == 8443)
        #expect(address.rest == "/a?b#c")
        #expect(address.userInfo == "user:pw")
        #expect(address.isLoopback)
        #expect(address.description == "https://[::1]:8443")
        #expect(WebAddress("HTTP://Example.com")?.isSecure == false)
    }

    @Test(
        "Anything else is no web address",
        arguments: [
            "", "example.com", "ftp://a", "https://", "https:///x", "https://a b", "https://a:0", "https://a:x",
            "https://a\n", "https://é", "https://a@", "http:/a",
        ]
    )
    func notWebAddresses(_ text: String) {
        #expect(WebAddress(text) == nil)
    }
}
