/// A value of the file and where it stands.
struct YAMLNode: Sendable {
    var content: Content
    var span: Span
    /// This node and all below it: what an alias to it stands for.
    var size = 1

    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order written, repeated keys included.
        case mapping([YAMLPair])
    }

    /// What it is, for a message.
    var kind: String {
        switch content {
        case .scalar(let scalar) where scalar.isMissing: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The entries of a list; none of anything else.
    var elements: [YAMLNode] {
        if case .sequence(let nodes) = content { nodes } else { [] }
    }

    var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }
}

/// A single value, as its text. What the text means depends on what is expected of it (product.md §2.1).
struct YAMLScalar: Sendable {
    var text: String
    /// Written without quotes and not as a block, so that `true` may be a boolean and `5` a number.
    var isPlain: Bool

    /// Nothing was written: `key:` and the end of the line.
    var isMissing: Bool { isPlain && text.isEmpty }
}

/// A key of a mapping and its value.
struct YAMLPair: Sendable {
    var key: String
    var keySpan: Span
    var value: YAMLNode
}
