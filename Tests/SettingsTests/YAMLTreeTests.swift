import Testing
import Vocabulary

@testable import Settings

/// The tree of a text, written as one line: enough to see what was understood.
private func tree(_ text: String) -> (tree: String?, findings: [String]) {
    let report = Report(source: SourceText(text), file: "f.yaml")
    let root = YAMLTree.parse(Array(text.utf8), report: report)
    return (root.map(describe), report.diagnostics().map { "\($0.place) \($0.message)" })
}

private func describe(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let scalar): (scalar.isPlain ? scalar.text : "'\(scalar.text)'") + "@\(node.span.start)"
    case .sequence(let nodes): "[" + nodes.map(describe).joined(separator: " ") + "]"
    case .mapping(let pairs): "{" + pairs.map { $0.key + ":" + describe($0.value) }.joined(separator: " ") + "}"
    }
}

@Suite("YAML with places")
struct YAMLTreeTests {
    @Test("Every value knows where it stands, in all of YAML's styles")
    func places() {
        let text = "a: 1\nb:\n  - x\n  - 'y z'\nc: { d: \"e\", f: [g, h] }\nü: |\n  text\n"
        let expected = "{a:1@1:4 b:[x@3:5 'y z'@4:5] c:{d:'e'@5:9 f:[g@5:18 h@5:21]} ü:'text\n'@6:4}"
        #expect(tree(text).tree == expected)
    }

    @Test("Every repeated key is reported at its own place, whatever the depth")
    func repeatedKeys() {
        #expect(
            tree("a: 1\nb: { c: 1, d: 2, c: 3 }\na: 2\n? a\n: 3\n'b': 1\n").findings == [
                "2:18 repeated key \"c\"; it stands at 2:6 too",
                "3:1 repeated key \"a\"; it stands at 1:1 too",
                "4:3 repeated key \"a\"; it stands at 1:1 too",
                "6:1 repeated key \"b\"; it stands at 2:1 too",
            ]
        )
    }

    @Test(
        "Broken YAML is an error where it breaks",
        arguments: [
            ("a: [1, 2\nb: 3\n", "2:2"), ("a: 'x\n", "2:1"), ("a:\n\tb: 1\n", "2:1"), ("a: b: c\n", "1:5"),
            ("a: 1\n  b: 2\n", "2:4"), ("}", "1:1"), ("%YAML 3.0\n---\na: 1\n", "1:1"), ("a: \"\\q\"", "1:5"),
        ]
    )
    func syntaxErrors(_ text: String, _ place: String) {
        let (tree, findings) = tree(text)
        #expect(tree == nil)
        #expect(findings.count == 1)
        #expect(findings.first?.hasPrefix(place + " not valid YAML: ") == true, "\(findings)")
    }

    @Test(
        "A path with brackets, not in quotes between brackets, is what people trip over",
        arguments: ["$.a[*]", "$.a[0]"]
    )
    func pathsInFlow(_ path: String) {
        let rules = "rules: [{ name: r, source: etl, when: { \(path): x }, reload: { model: otc, tables: all } }]"
        let (_, diagnostics) = SettingsLoader.load(text: file(rules: rules), file: "f", secrets: nil)
        let hint = "between brackets a text with any of , [ ] { } * & must be in quotes: { '$.a[*]': x }"
        #expect(diagnostics.map(\.hint) == [hint])
    }

    @Test("Bytes that are no UTF-8, and control characters, are placed too")
    func badBytes() {
        for (bytes, place) in [([0x61, 0x3a, 0x0a, 0x62, 0xff], "2:2"), ([0x61, 0x3a, 0x20, 0x01], "1:4")] {
            let bytes = bytes.map { UInt8($0) }
            let report = Report(source: SourceText(String(decoding: bytes, as: UTF8.self)), file: "f.yaml")
            #expect(YAMLTree.parse(bytes, report: report) == nil)
            #expect(report.diagnostics().map { "\($0.place)" } == [place])
        }
    }

    @Test("A second document is an error at its start")
    func secondDocument() {
        #expect(tree("a: 1\n---\nb: 2\n").findings == ["2:1 a second document; a configuration is one"])
        #expect(tree("---\na: 1\n...\n").findings == [])
    }

    @Test("An alias stands for its value, an unknown one is an error that does not repeat its name")
    func aliases() {
        #expect(tree("a: &x { k: v }\nb: *x\n").tree == "{a:{k:v@1:12} b:{k:v@1:12}}")
        #expect(tree("a: *hunter2\n").findings == ["1:4 an alias that names no value above it"])
        #expect(tree("a: &x [*x]\n").findings == ["1:8 an alias that names no value above it"])
    }

    @Test("A billion laughs stop at the bound")
    func billionLaughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(tree(text).tree == nil)
        #expect(tree(text).findings == ["6:10 aliases stand for more than 100000 values"])
    }

    @Test("Nesting stops at the bound")
    func depth() {
        #expect(tree(String(repeating: "[", count: 200)).findings == ["1:129 nested more than 128 deep"])
        #expect(tree(String(repeating: "[", count: 100_000)).findings == ["1:1 nested more than 128 deep"])
        #expect(tree(String(repeating: "- ", count: 100_000)).findings == ["1:257 nested more than 128 deep"])
        let text = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(tree(text).findings == [])
    }

    @Test("Tags are refused, without repeating them, except those that say what is so anyway")
    func tags() {
        #expect(tree("a: !env X\n").findings == ["1:4 tags are not supported"])
        #expect(tree("a: !!int 1\n").findings == ["1:4 tags are not supported"])
        #expect(tree("a: !!str 1\n").tree == "{a:'1'@1:4}")
    }

    @Test("A list cannot be a key")
    func complexKey() {
        #expect(tree("[a, b]: 1\n").findings == ["1:1 a list cannot be a key"])
    }

    @Test("An empty file is said to be empty", arguments: ["", "\n", "# nothing\n", "---\n", "\u{feff}"])
    func empty(_ text: String) {
        #expect(findings(text).count == 1)
    }

    @Test("A byte order mark is skipped")
    func byteOrderMark() throws {
        #expect(findings("\u{feff}" + file()) == [])
    }

    @Test("Windows line ends count once")
    func carriageReturns() {
        #expect(tree("a: 1\r\nb: 2\r\na: 3\r\n").findings == ["3:1 repeated key \"a\"; it stands at 1:1 too"])
    }
}

@Suite("YAML 1.2 scalars")
struct YAMLScalarTests {
    private func json(_ yaml: String) -> String? {
        let report = Report(source: SourceText(yaml), file: "f.yaml")
        return YAMLTree.parse(Array(yaml.utf8), report: report).flatMap { node in
            let json = Reader<String>.json.read(node, Reading(report: report, secrets: nil))
            return report.hasErrors ? nil : json
        }
    }

    @Test(
        "The body of a test is JSON by the core schema",
        arguments: [
            ("true", "true"), ("false", "false"), ("yes", "\"yes\""), ("NO", "\"NO\""), ("on", "\"on\""),
            ("'true'", "\"true\""), ("~", "null"), ("null", "null"), ("", ""), ("'null'", "\"null\""),
            ("0123", "123"), ("0o17", "15"), ("0x1F", "31"), ("+5", "5"), ("-5", "-5"), ("1_000", "\"1_000\""),
            ("1.5", "1.5"), (".5", "0.5"), ("1e3", "1000.0"), ("-0.0", "-0.0"), (".inf", "\".inf\""),
            ("nan", "\"nan\""), ("18446744073709551615", "18446744073709551615"), ("12:30:45", "\"12:30:45\""),
            ("2026-01-01", "\"2026-01-01\""), ("'5'", "\"5\""), ("a\"b\\", "\"a\\\"b\\\\\""),
            ("\"\\u0001\\t\\n\"", "\"\\u0001\\t\\n\""), ("é😀", "\"é😀\""), ("[]", "[]"), ("{}", "{}"),
            ("{ a: [1, { b: ~ }], 5: x }", "{\"a\":[1,{\"b\":null}],\"5\":\"x\"}"), ("|\n  x\n  y\n", "\"x\\ny\\n\""),
        ]
    )
    func scalars(_ yaml: String, _ expected: String) {
        #expect(json("- " + yaml) == (expected.isEmpty ? "[null]" : "[\(expected)]"))
    }

    @Test(
        "An integer that no delivery can hold is an error",
        arguments: ["18446744073709551616", "-9223372036854775809"]
    )
    func hugeIntegers(_ yaml: String) {
        #expect(json(yaml) == nil)
    }

    @Test(
        "Where text is expected a plain scalar is its text as written",
        arguments: ["0123", "NO", "1.0", "true", "~", "0x1F"]
    )
    func plainText(_ text: String) throws {
        let rules = "rules:\n  - { name: r, source: etl, reload: { model: otc, tables: [\(text)] } }"
        #expect(try load(file(rules: rules)).rules[0].reloads[0].tables == .fixed([.table(text)]))
    }

    @Test("Only true and false are booleans", arguments: ["yes", "True", "on", "1", "'true'"])
    func booleans(_ text: String) {
        let bare = text.replacing("'", with: "")
        expectError(
            "expected true or false, found \"\(bare)\"",
            in: file(
                celonis: """
                    celonis:
                      base_url: https://acme.celonis.cloud
                      auth: { type: api_key, key: env:KEY }
                      dry_run: ▶\(text)
                    """
            )
        )
    }
}
