import Rules
import Vocabulary

/// One entry of `tests`: a delivery and what the rules must make of it (product.md §2.4).
package struct TestSettings: Sendable {
    package var test: RuleTest
    /// Of the test's name.
    package var place: Place
}

extension Reader where Value == [TestSettings] {
    static func tests(_ names: RuleNames) -> Self {
        .list(of: .test(names)).withUniqueNames("test")
    }
}

extension Reader where Value == TestSettings {
    fileprivate static func test(_ names: RuleNames) -> Self {
        .mapping("a test") { keys in
            let name = keys.required("name", Reader<String>.text("a name").placed)
            let source = keys.required("source", .reference(to: "source", among: names.sources))
            let headers = keys.value("headers", .texts(.anyText), default: [])
            let body = keys.required("body", .json)
            for node in keys.nodes(under: "body") {
                guard let text = node.scalar?.text.drop(while: \.isWhitespace).first, "{[".contains(text) else {
                    continue
                }
                keys.report.warning(
                    "this body is a text, no event that a sender would send",
                    at: node.span,
                    hint: "write the JSON without quotes around it"
                )
            }
            let expect = keys.required("expect", .list(of: .expectation(names)))
            guard let name, let source, let body, let expect else { return nil }
            let test = RuleTest(
                name: name.value,
                source: source,
                headers: HeaderList(headers.map { (name: $0.key, value: $0.value) }),
                body: Array(body.utf8),
                expect: expect
            )
            return TestSettings(test: test, place: name.span.start)
        }
    }
}

extension Reader where Value == RuleTest.Expectation {
    fileprivate static func expectation(_ names: RuleNames) -> Self {
        .mapping("expect") { keys in
            let model = keys.required("model", .reference(to: "model", among: names.models))
            let tables = keys.required("tables", .selectors)
            guard let model, let tables else { return nil }
            keys.noteTables(under: "tables", of: model, isExpectation: true)
            return RuleTest.Expectation(model: model, tables: tables)
        }
    }
}

extension Reader where Value == [Selector] {
    /// Selectors as product.md renders them, so `["*"]` for everything, or `all` as a rule writes it.
    fileprivate static var selectors: Self {
        let list = Reader<[String]>.list(of: .text("a table"), atLeast: 1)
        return Self(.either([.words(["all"]), list.schema])) { node, reading in
            if node.scalar?.text == "all" { return [.everything] }
            return list.read(node, reading)
                .map { $0.map { Selector($0) } }
        }
    }
}
