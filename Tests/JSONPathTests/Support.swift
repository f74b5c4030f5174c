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

/// Numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
