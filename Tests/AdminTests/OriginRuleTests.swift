import Admin
import Testing
import Vocabulary

@Suite("Pages of other origins")
struct OriginRuleTests {
    private func isRefused(_ headers: HeaderList, isWrite: Bool = true, hasToken: Bool = false) -> Bool {
        OriginRule.refusal(of: headers, isWrite: isWrite, hasToken: hasToken) != nil
    }

    @Test("a person's own page and a script may write")
    func own() {
        #expect(!isRefused(["host": "127.0.0.1:9090"]))
        #expect(!isRefused(["host": "127.0.0.1:9090", "origin": "http://127.0.0.1:9090"]))
        #expect(
            !isRefused(["host": "localhost:9090", "origin": "http://localhost:9090", "sec-fetch-site": "same-origin"])
        )
        #expect(!isRefused(["host": "[::1]:9090"]))
        #expect(!isRefused(["host": "ops.example.com", "origin": "https://ops.example.com"], hasToken: true))
        #expect(!isRefused([:]))
    }

    @Test(
        "a page elsewhere may not, whatever the browser says of it",
        arguments: [
            ["host": "127.0.0.1:9090", "origin": "https://evil.example"],
            ["host": "127.0.0.1:9090", "origin": "http://127.0.0.1:8000"],
            ["host": "127.0.0.1:9090", "origin": "null"],
            ["host": "127.0.0.1:9090", "sec-fetch-site": "cross-site"],
            ["host": "127.0.0.1:9090", "sec-fetch-site": "same-site"],
        ] as [HeaderList]
    )
    func foreign(headers: HeaderList) {
        #expect(isRefused(headers))
        #expect(isRefused(headers, hasToken: true))
        #expect(!isRefused(headers, isWrite: false))
    }

    @Test("without a token, a name that somebody else's DNS points here is refused, also for reading")
    func rebinding() {
        let headers: HeaderList = ["host": "evil.example:9090", "origin": "http://evil.example:9090"]
        #expect(isRefused(headers))
        #expect(isRefused(headers, isWrite: false))
        #expect(isRefused(["host": "127.0.0.1.evil.example"], isWrite: false))
        #expect(!isRefused(headers, isWrite: false, hasToken: true))
    }
}
