import Testing
import Vocabulary

@testable import ReloaderService

@Suite("The answer to a delivery")
struct DeliveryAnswerTests {
    @Test("it is the JSON of product.md §3, names escaped, an unknown time null")
    func accepted() {
        let answer = DeliveryAnswer(
            event: EventID(rawValue: 1),
            status: .accepted,
            entries: [
                .init(
                    job: JobID(rawValue: 2),
                    model: "a\"b",
                    rule: "r\\",
                    tables: ["EKKO", "\u{1}"],
                    loadAt: WallTime(milliseconds: 0)
                ),
                .init(job: JobID(rawValue: 2), model: "m", rule: "s", tables: [], loadAt: nil),
            ]
        )
        #expect(
            String(decoding: answer.json, as: UTF8.self) == """
                {"event":"evt_0000000000001","status":"accepted","jobs":[\
                {"id":"job_0000000000002","model":"a\\"b","rule":"r\\\\","tables":["EKKO","\\u0001"],\
                "load_at":"1970-01-01T00:00:00.000Z"},\
                {"id":"job_0000000000002","model":"m","rule":"s","tables":[],"load_at":null}]}
                """
        )
    }

    @Test("without jobs the list is there and empty", arguments: [DeliveryAnswer.Status.unmatched, .duplicate])
    func empty(status: DeliveryAnswer.Status) {
        let answer = DeliveryAnswer(event: EventID(rawValue: 1), status: status)
        #expect(
            String(decoding: answer.json, as: UTF8.self)
                == #"{"event":"evt_0000000000001","status":"\#(status.text)","jobs":[]}"#
        )
    }
}
