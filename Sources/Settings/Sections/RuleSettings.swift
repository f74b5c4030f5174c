import JSONPath
import Rules
import Vocabulary

/// The names that rules and tests may refer to; nil where the file does not tell them.
struct RuleNames {
    var sources: Set<String>?
    var models: Set<String>?
    /// Models with `wait_for_all`, for which every table must be named (queue.md Q27).
    var waitingModels: Set<String> = []
}

extension Reader where Value == [Rule] {
    static func rules(_ names: RuleNames) -> Self {
        .list(of: .rule(names), atLeast: 1).withUniqueNames("rule")
    }
}

extension Reader where Value == Rule {
    fileprivate static func rule(_ names: RuleNames) -> Self {
        .mapping("a rule") { keys in
            let name = keys.required("name", .text("a name"))
            let sources = keys.required(
                "source",
                .oneOrMore(.reference(to: "source", among: names.sources)).withoutRepeats("source")
            )
            let condition = keys.value("when", .when, default: .all([]))
            let reloads = keys.required("reload", .oneOrMore(.reload(names)))
            guard let name, let sources, let reloads else { return nil }
            return Rule(name: name, sources: sources, condition: condition, reloads: reloads)
        }
    }
}

extension Reader where Value == Reload {
    static func reload(_ names: RuleNames) -> Self {
        .mapping("reload") { keys in
            let model = keys.required("model", .reference(to: "model", among: names.models))
            let tables = keys.required("tables", .tables)
            guard let model, let tables else { return nil }
            keys.noteTables(under: "tables", of: model)
            if names.waitingModels.contains(model), tables.namesDataSource {
                keys.report.error(
                    "model \"\(model)\" has wait_for_all, which cannot wait for the tables of a data_source",
                    at: keys.span(of: "tables"),
                    hint: "name the tables"
                )
            }
            return Reload(model: model, tables: tables)
        }
    }
}

extension TableMapping {
    /// Whether it can give selectors of a whole connection.
    fileprivate var namesDataSource: Bool {
        switch self {
        case .all: false
        case .fixed(let selectors): selectors.contains(where: \.isDataSource)
        case .names(let names): names.map.values.contains { Selector($0).isDataSource }
        case .dataSource, .dataSourceFrom: true
        }
    }
}

extension Selector {
    fileprivate var isDataSource: Bool { if case .dataSource = self { true } else { false } }
}

extension Reader where Value == TableMapping {
    fileprivate static var tables: Self {
        let table = Reader<String>.text("a table").and { text, span, report in
            if text.lowercased() == "all" {
                report.warning("a table named \(text)", at: span, hint: "every table is tables: all, without brackets")
            }
            if text != "data_source:" { return true }
            report.error("expected a dataSourceId after data_source:", at: span)
            return false
        }
        let list = Reader<[String]>.list(of: table, atLeast: 1)
        return Self(.either([.words(["all"]), list.schema, names.schema, dataSource.schema])) { node, reading in
            switch node.content {
            case .scalar(let scalar) where scalar.text == "all": return .all
            case .scalar(let scalar):
                reading.report.error(
                    "expected a list of tables, all or a mapping, found \"\(scalar.text)\"",
                    at: node.span,
                    hint: scalar.text == "*" || scalar.text.lowercased() == "all"
                        ? "write all" : "write [\(scalar.text.isEmpty ? "EKKO, EKPO" : scalar.text)]"
                )
                return nil
            case .sequence:
                return list.read(node, reading).map { .fixed($0.map { Selector($0) }) }
            case .mapping(let pairs):
                let isDataSource = pairs.contains { $0.key == "data_source" }
                return (isDataSource ? dataSource : names).read(node, reading)
            }
        }
    }

    private static var dataSource: Self {
        .mapping("tables") { keys in
            keys.required(
                "data_source",
                .compiled("a dataSourceId or a JSONPath to one", .scalar(mayBeEmpty: false)) { written in
                    if written.text.isEmpty {
                        written.report.error("expected a dataSourceId, found an empty text", at: written.span)
                        return nil
                    }
                    return written.text.hasPrefix("$")
                        ? written.jsonPath().map(TableMapping.dataSourceFrom)
                        : .dataSource(written.text)
                }
            )
        }
    }

    private static var names: Self {
        .mapping("tables") { keys in
            let from = keys.required("from", .jsonPath)
            let stripPrefix = keys.value("strip_prefix", .anyText, default: "")
            let replace = keys.optional("replace", .replacement)
            let map = keys.value("map", .texts(.text("a table")), default: [])
            let letterCase = keys.value("case", .oneOf("case"), default: LetterCase.keep)
            let unknown = keys.value("unknown", .oneOf("policy"), default: UnknownTables.fail)
            return from.map {
                .names(
                    EventNames(
                        from: $0,
                        stripPrefix: stripPrefix,
                        replace: replace,
                        map: Dictionary(map.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
                        letterCase: letterCase,
                        unknown: unknown
                    )
                )
            }
        }
    }
}

extension Reader where Value == Replacement {
    fileprivate static var replacement: Self {
        .mapping("replace") { keys in
            let pattern = keys.required("pattern", .regexp)
            let with = keys.required("with", .anyText)
            guard let pattern, let with else { return nil }
            do throws(ReplacementError) {
                return try Replacement(pattern: pattern, with: with)
            } catch {
                keys.report.error("\(error)", at: keys.span(of: "with"))
                return nil
            }
        }
    }
}
