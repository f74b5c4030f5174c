import JSONPath
import Rules
import Testing
import Vocabulary

/// The indexed rule set against each rule on its own in a set of one, with its equalities hidden from the index.
@Suite("Rule index")
struct RuleIndexTests {
    private static let scalars = ["a", "b", "1", "1.0", "01", "true", "null", "~", "", "9007199254740993"]
    private static let values = [
        #""a""#, #""b""#, #""1""#, "1", "1.0", "2", "true", "null", #""true""#, #""~""#, #""""#, "9007199254740992",
        "9007199254740993", "[]", #"["a",1]"#, "-0.0",
    ]
    private static let subjects = ["$.a", "$.b", "$.a[*]", "$.c.d", "$..d", "header:H"]

    @Test("The index finds exactly the rules that match", arguments: 0..<60)
    func equivalence(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rules = try (0..<Int.random(in: 1...60, using: &random)).map { number in
            rule("r\(number)", try Self.condition(3, &random))
        }
        let indexed = RuleSet(rules)
        // Double negation hides every equality, so that each rule is evaluated.
        let naive = RuleSet(rules.map { rule($0.name, .none([.none([$0.condition])])) })
        for _ in 0..<40 {
            let json = Self.event(&random)
            let headers: HeaderList = Bool.random(using: &random) ? ["h": Self.pick(Self.scalars, &random)] : [:]
            try withJSON(json) { root in
                let found = indexed.match(source: "s", root: root, headers: headers).changes.map(\.rule)
                let expected = naive.match(source: "s", root: root, headers: headers).changes.map(\.rule)
                #expect(found == expected, "seed \(seed), event \(json), headers \(headers.fields)")
                let verdicts = indexed.verdicts(source: "s", root: root, headers: headers)
                #expect(verdicts.filter { $0.miss == nil }.map(\.rule) == found, "seed \(seed), event \(json)")
            }
        }
    }

    private static func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private static func condition(_ depth: Int, _ random: inout SeededGenerator) throws -> Condition {
        guard depth > 0, Int.random(in: 0..<3, using: &random) > 0 else {
            return .test(try Subject(pick(subjects, &random)), try predicate(2, &random))
        }
        let children = try (0..<Int.random(in: 0...3, using: &random)).map { _ in try condition(depth - 1, &random) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .any(children)
        case 1: return .none(children)
        default: return .all(children)
        }
    }

    private static func predicate(_ depth: Int, _ random: inout SeededGenerator) throws -> Predicate {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0...2: return .value([.equals(Scalar(pick(scalars, &random)))])
        case 3:
            return .value([
                .isIn((0..<Int.random(in: 0...3, using: &random)).map { _ in Scalar(pick(scalars, &random)) })
            ])
        case 4: return .exists(Bool.random(using: &random))
        case 5: return .not(try predicate(depth - 1, &random))
        case 6: return .value([.glob(try Glob("*a*")), .equals(Scalar("a"))])
        default: return .every([try predicate(depth - 1, &random), try predicate(depth - 1, &random)])
        }
    }

    private static func event(_ random: inout SeededGenerator) -> String {
        let members = ["a", "b", "c"].compactMap { name -> String? in
            guard Int.random(in: 0..<4, using: &random) > 0 else { return nil }
            let value = pick(values, &random)
            return name == "c" ? #""c":{"d":\#(value)}"# : #""\#(name)":\#(value)"#
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
