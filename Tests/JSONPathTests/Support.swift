import Testing

@testable import JSONPath

/// Parses `json` and looks at its root.
func read<Result>(
    _ json: String,
    _ body: (JSONNode) -> Result
) throws -> Result {
    var parser = JSONParser()
    return try parser.parse(Array(json.utf8), body)
}

/// The values that `query` selects, as compact JSON.
func select(_ query: String, in json: String) throws -> [String] {
    let path = try JSONPath(query)
    return try read(json) { root in Result { try path.nodes(in: root).map(\.json) } }.get()
}

/// Where the nodes stand that `query` selects.
func locate(_ query: String, in json: String) throws -> [String?] {
    let path = try JSONPath(query)
    return try read(json) { root in Result { try path.nodes(in: root).map(root.normalizedPath) } }.get()
}
