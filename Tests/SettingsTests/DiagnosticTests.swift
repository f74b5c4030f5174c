import Testing

@testable import Settings

@Suite("Diagnostics")
struct DiagnosticTests {
    @Test("A diagnostic reads like a compiler's")
    func rendering() {
        let text = file(models: "models:\n  otc: { pool_id: p, data_model_id: d, debounse: 1s }")
        let (_, diagnostics) = SettingsLoader.load(text: text, file: "etc/r.yaml", secrets: testSecrets)
        #expect(
            diagnostics.map(\.description) == [
                """
                etc/r.yaml:3:40: error: unknown key "debounse" in a model
                  otc: { pool_id: p, data_model_id: d, debounse
                                                       ^~~~~~~~
                    hint: did you mean "debounce"?
                """
            ]
        )
    }

    @Test("The caret stands under its character behind tabs and wide letters")
    func caret() {
        let diagnostic = Diagnostic(
            severity: .warning,
            file: "f",
            place: Place(line: 1, column: 4),
            length: 9,
            message: "m",
            excerpt: "\tüx: y"
        )
        #expect(diagnostic.description == "f:1:4: warning: m\n\tüx: y\n\t  ^~~")
    }

    @Test("A line behind a masked block is shown")
    func excerptAfterBlock() {
        let more = "limits:\n  bogus:\n    hunter2: x\n  history: 0"
        let (_, diagnostics) = SettingsLoader.load(text: file(more: more), file: "f", secrets: testSecrets)
        #expect(diagnostics.map(\.excerpt) == ["  bogus", "  history: 0"])
    }

    @Test("Every line end that YAML knows counts once", arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"])
    func lineEnds(_ end: String) {
        let text = file(more: "limits: { history: 0 }").replacing("\n", with: end)
        let (_, diagnostics) = SettingsLoader.load(text: text, file: "f", secrets: testSecrets)
        #expect(diagnostics.map(\.place) == [Place(line: 8, column: 20)])
        #expect(diagnostics.map(\.excerpt) == ["limits: { history: 0 }"])
    }

    @Test("JSON has the documented fields, escaped")
    func json() {
        let diagnostic = Diagnostic(
            severity: .error,
            file: "a\"b",
            place: Place(line: 2, column: 3),
            length: 4,
            message: "x\ny",
            notes: ["z\""],
            hint: nil
        )
        let expected =
            #"{"severity":"error","file":"a\"b","line":2,"column":3,"length":4,"message":"x\ny","notes":["z\""],"hint":null}"#
        #expect(diagnostic.json == expected)
    }

    @Test(
        "What was meant is guessed where it is near",
        arguments: [
            ("debounse", "debounce"), ("Debounce", "debounce"), ("max-wait", "max_wait"), ("maxwait", "max_wait"),
            ("edbounce", "debounce"), ("xyz", nil), ("", nil), (String(repeating: "a", count: 5000), nil),
        ]
    )
    func suggestions(_ written: String, _ expected: String?) {
        #expect(Suggestion.nearest(to: written, among: ["debounce", "max_wait", "load_cost"]) == expected)
    }

    @Test("Of equally near words the first in text order is meant")
    func ties() {
        #expect(Suggestion.nearest(to: "ab", among: ["ac", "aa"]) == "aa")
    }
}
