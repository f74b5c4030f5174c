import Vocabulary

/// A table that the file names, and where: what `check --online` asks Celonis about.
package struct TableMention: Sendable {
    /// The model's name in the file.
    package var model: String
    package var selector: Selector
    /// What the rule says of a name that the model does not have.
    package var unknown: UnknownTables
    /// In a test's `expect`, which says nothing about unknown names.
    package var isExpectation: Bool
    package var place: Place
    /// How many characters it covers on its line.
    package var length: Int
}

extension Keys {
    /// Notes every table that is written under a key.
    func noteTables(under key: String, of model: String, isExpectation: Bool = false) {
        for node in nodes(under: key) {
            reading.noteTables(node, of: model, unknown: .fail, isExpectation: isExpectation)
        }
    }
}

extension Reading {
    /// Tables stand in lists, which may be lists of lists, under `tables` in a list of mappings, and in the two forms of
    /// a rule's mapping. A single value in place of a list is `all`.
    fileprivate func noteTables(_ node: YAMLNode, of model: String, unknown: UnknownTables, isExpectation: Bool) {
        func note(_ selector: Selector, at span: Span, _ unknown: UnknownTables) {
            guard selector != .everything else { return }
            mentions.append(
                TableMention(
                    model: model,
                    selector: selector,
                    unknown: unknown,
                    isExpectation: isExpectation,
                    place: span.start,
                    length: span.length
                )
            )
        }
        switch node.content {
        case .scalar: return
        case .sequence(let elements):
            for element in elements {
                if let scalar = element.scalar {
                    note(Selector(scalar.text), at: element.span, unknown)
                } else {
                    noteTables(element, of: model, unknown: unknown, isExpectation: isExpectation)
                }
            }
        case .mapping(let pairs):
            let ignores = pairs.contains { $0.key == "unknown" && $0.value.scalar?.text == "ignore" }
            for pair in pairs {
                switch pair.key {
                case "tables": noteTables(pair.value, of: model, unknown: unknown, isExpectation: isExpectation)
                case "data_source":
                    guard let id = pair.value.scalar?.text, !id.hasPrefix("$") else { continue }
                    note(.dataSource(id), at: pair.value.span, .fail)
                case "map":
                    guard case .mapping(let entries) = pair.value.content else { continue }
                    for entry in entries {
                        guard let scalar = entry.value.scalar else { continue }
                        note(Selector(scalar.text), at: entry.value.span, ignores ? .ignore : .fail)
                    }
                default: continue
                }
            }
        }
    }
}
