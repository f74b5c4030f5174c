import Celonis
import Testing
import Vocabulary

@Suite("Reading last-load")
struct LastLoadTests {
    private func read(_ body: String, status: Int = 200) -> LastLoadAnswer {
        LastLoadAnswer(status: status, body: Array(body.utf8), text: AnswerText())
    }

    @Test("Nothing, blanks and null mean: never loaded", arguments: ["", " \n", "null", " null "])
    func never(body: String) {
        #expect(read(body) == .neverLoaded)
        #expect(read("ignored", status: 204) == .neverLoaded)
    }

    @Test("Three statuses are in progress", arguments: ["RUNNING", "LOST_CONNECTION", "CANCELLING"])
    func inProgress(status: String) {
        let answer = read(#"{"dataLoadId":"a","startDate":1700000000000,"loadStatus":"\#(status)","extra":{}}"#)
        #expect(answer == .inProgress(LoadIdentity(id: "a", start: "1700000000000")))
    }

    @Test("Four statuses are ends, with Celonis's message")
    func ends() {
        let identity = LoadIdentity(id: "a", start: nil)
        #expect(read(#"{"dataLoadId":"a","loadStatus":"SUCCESS"}"#) == .ended(identity, .succeeded))
        #expect(read(#"{"dataLoadId":"a","loadStatus":"WARNING","message":"w"}"#) == .ended(identity, .warning("w")))
        #expect(read(#"{"dataLoadId":"a","loadStatus":"ERROR","message":null}"#) == .ended(identity, .failed(nil)))
        #expect(read(#"{"dataLoadId":"a","loadStatus":"CANCELED"}"#) == .ended(identity, .canceled(nil)))
    }

    @Test("An unknown or missing status is not understood, but keeps the load's identity")
    func unknown() {
        let identity = LoadIdentity(id: "7", start: nil)
        #expect(
            read(#"{"dataLoadId":7,"loadStatus":"NEW"}"#)
                == .notUnderstood("last-load shows the unknown status \"NEW\"", identity)
        )
        #expect(read(#"{"dataLoadId":7}"#) == .notUnderstood("last-load shows no status", identity))
    }

    @Test(
        "Other JSON, broken JSON and HTML are not understood",
        arguments: ["[]", "{", "<html>", "\"x\"", "\u{FEFF}x"]
    )
    func other(body: String) {
        #expect(read(body) == .notUnderstood("last-load is not a JSON object", nil))
    }

    @Test("Loads are compared by what both answers have")
    func identity() {
        let full = LoadIdentity(id: "a", start: "1")
        #expect(full.isSame(as: LoadIdentity(id: "a", start: "2")) == true)
        #expect(full.isSame(as: LoadIdentity(id: nil, start: "1")) == true)
        #expect(full.isSame(as: LoadIdentity(id: nil, start: "2")) == false)
        #expect(full.isSame(as: LoadIdentity(id: nil, start: nil)) == nil)
        #expect(full.baseline.mark == "a")
        #expect(LoadIdentity(id: nil, start: "1").baseline.mark == "1")
    }
}
