import JSONPath
import Rules
import Settings
import Vocabulary

/// A captured event as an entry of `tests`, ready to be pasted: what `reloader check --write-test` prints. It expects
/// what the rules give today, so that it passes, and fails when that changes.
package struct WrittenTest: Sendable {
    /// The entry; with the key above it where the file has no tests yet.
    package let text: String
    /// Headers that came more than once, of which a test can hold the first only.
    package let shortened: [String]

    /// The event cannot stand in a configuration file.
    package struct TooDeep: Error {}

    /// No rule is asked about the delivery: it is refused, or a handshake.
    package struct NotMatched: Error {}

    /// Of the headers only those that rules name are written: another may hold a secret.
    ///
    /// - Throws: `JSONError` or `StepsExceeded` where the delivery would be answered with 400, or `TooDeep`.
    package init(
        _ configuration: Configuration,
        source: String,
        headers: HeaderList,
        body: [UInt8],
        event: String
    ) throws {
        let ruleSet = configuration.ruleSet
        var kept: [(name: String, value: String)] = []
        var shortened: [String] = []
        for name in ruleSet.headerNames(source: source) {
            let values = headers.values(named: name)
            if let value = values.first { kept.append((name, value)) }
            if values.count > 1 { shortened.append(name) }
        }
        self.shortened = shortened

        var lines = configuration.tests.isEmpty ? "tests:\n" : ""
        lines += "  - name: \(YAMLText.scalar(Self.name(event, among: configuration.tests.map(\.test.name))))\n"
        lines += "    source: \(YAMLText.scalar(source))\n"
        if !kept.isEmpty { lines += "    headers:\n" }
        for (name, value) in kept { lines += "      \(YAMLText.scalar(name)): \(YAMLText.scalar(value))\n" }

        var parser = JSONParser()
        let (interception, written, matched) = try parser.parse(body) { root in
            (
                Interception(of: root, configuration.sources.first { $0.name == source }),
                YAMLText.value(root, indent: "    "),
                Result { try ruleSet.tables(source: source, root: root, headers: HeaderList(kept)) }
            )
        }
        if interception != nil { throw NotMatched() }
        guard let written else { throw TooDeep() }
        let tables = try matched.get()
        lines += "    body:" + written
        lines += tables.isEmpty ? "    expect: []\n" : "    expect:\n"
        for (model, selectors) in tables.sorted(by: { $0.key < $1.key }) {
            let names = selectors.texts.map(YAMLText.scalar).joined(separator: ", ")
            lines += "      - model: \(YAMLText.scalar(model))\n"
            lines += "        tables: \(selectors.isEverything ? "all" : "[\(names)]")\n"
        }
        text = lines
    }

    /// Names of tests are unique in a file.
    private static func name(_ event: String, among taken: [String]) -> String {
        let file = event.split(separator: "/").last.map(String.init) ?? event
        let name = event == "-" ? "captured event" : "captured \(file)"
        guard taken.contains(name) else { return name }
        let number = (2...(taken.count + 2)).first { !taken.contains("\(name) \($0)") }
        return "\(name) \(number ?? 2)"
    }
}
