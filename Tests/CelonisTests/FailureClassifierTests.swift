import Celonis
import Testing
import Vocabulary

@Suite("Sorting failures")
struct FailureClassifierTests {
    private static let model = ModelReference(name: "m", poolID: "p", dataModelID: "d")
    private static let now = WallTime(milliseconds: 784_111_777_000)

    private func failure(
        _ status: Int,
        _ call: APICall = .tables(model),
        headers: HeaderList = [:],
        body: String = ""
    ) -> LoadFailure? {
        FailureClassifier(call: call, text: AnswerText())
            .failure(of: APIAnswer(status: status, headers: headers, body: Array(body.utf8)), now: Self.now)
    }

    private func kind(_ failure: LoadFailure?) -> String {
        switch failure {
        case nil: "none"
        case .transient: "transient"
        case .permanent: "permanent"
        case .canceled: "canceled"
        case .credentialsRefused: "credentials"
        case .poolForbidden: "pool"
        case .busy: "busy"
        case .unanswered: "unanswered"
        }
    }

    @Test(
        "Each status has its class, by the kind of call",
        arguments: [
            (200, "none none none"), (202, "none none none"), (204, "none none none"),
            (302, "transient transient transient"),
            (400, "permanent permanent credentials"), (401, "credentials credentials credentials"),
            (403, "pool pool credentials"), (404, "permanent permanent credentials"),
            (405, "permanent permanent credentials"), (408, "transient transient transient"),
            (409, "permanent busy credentials"), (410, "permanent permanent credentials"),
            (421, "transient transient transient"),
            (422, "permanent permanent credentials"), (423, "transient transient transient"),
            (425, "transient transient transient"), (429, "transient transient transient"),
            (500, "transient transient transient"), (502, "transient unanswered transient"),
            (503, "transient transient transient"), (504, "transient unanswered transient"),
        ]
    )
    func classes(status: Int, expected: String) {
        let calls = [APICall.tables(Self.model), .partialLoad(Self.model, ["a"]), .token]
        #expect(calls.map { kind(failure(status, $0)) }.joined(separator: " ") == expected)
    }

    @Test("Only a trigger that may have arrived is unanswered")
    func transport() {
        let trigger = FailureClassifier(call: .completeLoad(Self.model), text: AnswerText())
        let read = FailureClassifier(call: .lastLoad(Self.model), text: AnswerText())
        #expect(kind(trigger.failure(of: .noAnswer("reset"))) == "unanswered")
        #expect(kind(trigger.failure(of: .notSent("refused"))) == "transient")
        #expect(kind(read.failure(of: .noAnswer("reset"))) == "transient")
        #expect(kind(read.failure(of: .answerTooLarge(limit: 1 << 20))) == "transient")
    }

    @Test(
        "Q18: the longer of x-ratelimit-reset and Retry-After is the lower bound, an hour at most",
        arguments: [
            ("7", nil, 7), (nil, "8", 8), ("7", "8", 8), ("1800000000", nil, 3600), ("soon", nil, nil),
            ("-5", nil, nil),
            (nil, "Sun, 06 Nov 1994 08:50:37 GMT", 60), (nil, "Sun, 06 Nov 1994 08:00:00 GMT", nil),
            ("inf", nil, 3600), ("nan", nil, nil), (nil, "Thu, 29 Feb 2024 12:00:00 GMT", 3600),
        ] as [(String?, String?, Int?)]
    )
    func waits(reset: String?, retryAfter: String?, seconds: Int?) {
        var headers = HeaderList()
        if let reset { headers.fields.append(("X-RateLimit-Reset", reset)) }
        if let retryAfter { headers.fields.append(("retry-after", retryAfter)) }
        guard case .transient(_, let wait) = failure(429, headers: headers) else {
            Issue.record("not transient")
            return
        }
        #expect(wait == seconds.map { .seconds($0) })
    }

    @Test("Q18: what a busy Celonis asks for is a lower bound too")
    func busyWait() {
        let failure = failure(409, .completeLoad(Self.model), headers: ["retry-after": "30"])
        #expect(failure == .busy(failure?.message ?? "", retryAfter: .seconds(30)))
    }

    @Test(
        "Every shape of error body gives a sentence",
        arguments: [
            (#"{"message":"no such table"}"#, ": no such table"),
            (#"{"title":"Bad","detail":"why","errorCode":17}"#, ": Bad; why; 17"),
            (#"{"errors":[{"message":"first"},{"message":"second"}]}"#, ": first"),
            (#"{"error":{"message":"inner"},"frontendErrorKey":"key"}"#, ": inner; key"),
            (#"{"error":"invalid_client","error_description":"who?"}"#, ": who?; invalid_client"),
            ("plain\r\n  text", ": plain text"),
            ("<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>", ": 502 Bad Gateway"),
            ("<html><body><h1>Oops</h1>gone</body></html>", ": Oops gone"), ("", ""), ("{}", ""), ("null", ": null"),
        ]
    )
    func bodies(body: String, end: String) {
        let path = "/integration/api/v1/data-pools/p/data-models/d/tables"
        #expect(failure(400, body: body)?.message == "Celonis answered 400 to GET \(path)" + end)
    }

    @Test("A message is redacted first, then cut to 1 KiB between characters")
    func limits() {
        let secret = String(repeating: "s", count: 600)
        let text = AnswerText(redactor: Redactor([secret]))
        #expect(text.clean("a " + secret + " b") == "a [redacted] b")
        let long = text.clean(String(repeating: "€", count: 2000))
        #expect(long.utf8.count <= 1024 && long.utf8.count > 1018 && long.hasSuffix("€…"))
        #expect(text.clean("a\u{0}b\u{1B}c") == "a b c")
    }

    @Test("Ids are escaped in paths")
    func paths() {
        let model = ModelReference(name: "m", poolID: "a/../b?", dataModelID: "ü %")
        let failure = FailureClassifier(call: .lastLoad(model), text: AnswerText()).failure(of: .notSent("x"))
        #expect(failure.message.contains("/data-pools/a%2F..%2Fb%3F/data-models/%C3%BC%20%25/last-load"))
    }
}
