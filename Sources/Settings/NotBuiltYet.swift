/// What the configuration can already say and this version cannot do yet. It is read and checked like everything else;
/// then it is an error, since a promise that is passed over in silence is broken. Delete a line when it is built.
enum NotBuiltYet {
    /// `*` stands for every name.
    private static let keys: [[String]] = [
        ["record"]
    ]

    static func report(in root: YAMLNode, to report: Report) {
        for path in keys {
            for pair in pairs(path[...], in: root) {
                report.error(
                    "\(path.joined(separator: ".")) is not built yet in this version",
                    at: pair.keySpan,
                    hint: "remove it"
                )
            }
        }
    }

    private static func pairs(_ path: ArraySlice<String>, in node: YAMLNode) -> [YAMLPair] {
        guard let key = path.first, case .mapping(let pairs) = node.content else { return [] }
        let found = pairs.filter { key == "*" || $0.key == key }
        return path.count == 1 ? found : found.flatMap { Self.pairs(path.dropFirst(), in: $0.value) }
    }
}
