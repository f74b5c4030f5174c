import ReloadQueue
import Rules
import Testing
import Vocabulary

@testable import ReloaderService

@Suite("The answer to a delivery")
struct DeliveryAnswerTests {
    private func reference(_ name: String) -> ModelReference {
        ModelReference(name: name, poolID: "p", dataModelID: "d")
    }

    @Test("it is the JSON of product.md §3, names escaped, an unknown time null")
    func accepted() {
        let answer = DeliveryAnswer(
            event: EventID(rawValue: 1),
            status: .accepted,
            changes: [
                Change(
                    rule: "r\\",
                    model: "a\"b",
                    selectors: SelectorSet([.table("EKKO"), .table("VB\u{1}")])
                ),
                Change(rule: "s", model: "m", selectors: SelectorSet([.everything])),
            ],
            admitted: [
                AdmittedChange(
                    model: reference("a\"b"),
                    job: JobID(rawValue: 2),
                    loadAt: WallTime(milliseconds: 0)
                ),
                AdmittedChange(model: reference("m"), job: JobID(rawValue: 3), loadAt: nil),
            ]
        )
        #expect(
            String(decoding: answer.json, as: UTF8.self) == """
                {"event":"evt_0000000000001","status":"accepted","jobs":[\
                {"id":"job_0000000000002","model":"a\\"b","rule":"r\\\\","tables":["EKKO","VB\\u0001"],\
                "load_at":"1970-01-01T00:00:00.000Z"},\
                {"id":"job_0000000000003","model":"m","rule":"s","tables":["*"],"load_at":null}]}
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
