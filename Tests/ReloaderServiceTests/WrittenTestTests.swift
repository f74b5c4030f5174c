import ReloaderService
import Settings
import Testing
import Vocabulary

@Suite("check --write-test")
struct WrittenTestTests {
    private static let configuration = """
        celonis: { base_url: https://acme.celonis.cloud, auth: { type: api_key, key: env:KEY } }
        models: { "order: to cash": { pool_id: p, data_model_id: d }, all: { pool_id: p, data_model_id: e } }
        sources: { etl: { signature: { bearer: true }, secrets: [env:S] } }
        rules:
          - name: r
            source: etl
            when: { header:X-Kind: { not: "" } }
            reload:
              - { model: "order: to cash", tables: { from: "$.tables[*]" } }
              - { model: all, tables: all }

        """

    private func written(
        _ body: String,
        headers: HeaderList = ["X-Kind": "sap", "Authorization": "Bearer canary"],
        in text: String = configuration,
        event: String = "/tmp/event.json"
    ) throws -> WrittenTest {
        let loaded = SettingsLoader.load(text: text, file: "f", secrets: nil)
        let configuration = try #require(loaded.configuration, "\(loaded.diagnostics)")
        return try WrittenTest(configuration, source: "etl", headers: headers, body: Array(body.utf8), event: event)
    }

    private func check(_ text: String) -> ConfigurationFile {
        ConfigurationFile(bytes: Array(text.utf8), name: "f", secrets: nil, mustRun: true)
    }

    @Test(
        "what it writes passes check, and stands for the same event",
        arguments: [
            #"{}"#, #"[]"#, #"null"#, #""""#, #"5"#, #"[[],{},[[1]],{"a":[{"b":{}}]}]"#,
            #"{"a":"yes","b":"no","c":"null","d":"~","e":"","f":" x ","g":"true","h":"0123","i":"1e3","j":"0x1F"}"#,
            #"{"a":true,"b":false,"c":null,"d":-0.0,"e":1e-7,"f":1.5e300,"g":5e-324,"h":100000000000000000000.0}"#,
            #"{"a":18446744073709551615,"b":-9223372036854775808,"c":9007199254740993,"d":0.1,"e":1.0}"#,
            ##"{"a: b":"c: d","#x":"# no comment","it's":"\"quoted\"","back\\slash":"\\n","- a":"- b","[x]":"{y}"}"##,
            #"{"tab":"a\tb","lines":"a\nb\r\n\n c","nul":"\u0000\u0001\u001b","del":"\u007f\u0085","sep":"\u2028\u2029"}"#,
            #"{"grün":"naïve — 日本語 😀","bom":"\ufeff","non":"\ufffe\uffff\u{1f600}","rtl":"\u202e"}"#
                .replacing("\\u{1f600}", with: "😀"),
            #"{"*a":"*b","&a":"&b","!a":"!b","%a":"%b","@a":"@b","`a":"`b","|":">","?":"? a",":":":","<<":"=","---":"..."}"#,
            #"{"null":1,"true":2,"1":3,"":4," ":5,"tables":["EKKO","it's: a # table","5","null","all"]}"#,
            #"{"a":1,"a":2,"tables":["A",1,null,["B"]]}"#,
            #"{"date":"2026-11-24","time":"12:30:45","version":"1.2.3"}"#,
        ]
    )
    func roundTrip(body: String) throws {
        let test = try written(body)
        let checked = check(Self.configuration + test.text)
        #expect(checked.diagnostics == [], "\(test.text)")
        let again = try #require(checked.configuration?.tests.first?.test)
        // Written from what was read, it is the same text: nothing changed its value or kind.
        let second = try written(String(decoding: again.body, as: UTF8.self))
        #expect(second.text == test.text)
    }

    @Test("deep nesting and long keys are written as far as a file can hold them")
    func extremes() throws {
        let key = String(repeating: "k", count: 5000)
        let depth = YAMLText.deepest
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"\#(key)":"#, "}]")] {
            let count = open.hasPrefix("[{") ? depth / 2 : depth
            let body = String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
            let test = try written(body)
            #expect(check(Self.configuration + test.text).diagnostics == [])
        }
        let body = String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1)
        _ = try written(body)
        #expect(throws: WrittenTest.TooDeep.self) { try written("[" + body + "]") }
    }

    @Test("only headers that rules name are written, each once, and the expectation is of those")
    func headers() throws {
        let test = try written("{}", headers: ["X-KIND": "a: b", "x-kind": "c", "Authorization": "canary"])
        #expect(test.text.contains("X-Kind: \"a: b\"\n"))
        #expect(test.shortened == ["X-Kind"])
        #expect(!test.text.contains("canary"))
        #expect(check(Self.configuration + test.text).diagnostics == [])
        let empty = try written("{}", headers: ["X-Kind": ""])
        #expect(empty.text.hasSuffix("expect: []\n"))
        #expect(check(Self.configuration + empty.text).diagnostics == [])
    }

    @Test("reads like this, and the next one gets a name of its own")
    func shape() throws {
        let test = try written(#"{"kind":"done","tables":["EKKO","5"],"rows":[{"count":1,"ok":true},{}]}"#)
        #expect(
            test.text == """
                tests:
                  - name: captured event.json
                    source: etl
                    headers:
                      X-Kind: sap
                    body:
                      kind: done
                      tables:
                        - EKKO
                        - "5"
                      rows:
                        - count: 1
                          ok: true
                        - {}
                    expect:
                      - model: all
                        tables: all
                      - model: "order: to cash"
                        tables: ["5", EKKO]

                """
        )
        let second = try written("{}", in: Self.configuration + test.text)
        #expect(second.text.hasPrefix("  - name: captured event.json 2\n"))
        #expect(check(Self.configuration + test.text + second.text).diagnostics == [])
    }
}
