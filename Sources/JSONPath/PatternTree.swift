/// A parsed I-Regexp.
indirect enum PatternTree: Sendable {
    /// A character of its own, or any of a class.
    case one(CharacterClass)
    case sequence([PatternTree])
    case alternatives([PatternTree])
    /// A group, counted from 1.
    case group(Int, PatternTree)
    /// At least `minimum` times; at most `maximum`, or without end where that is nil.
    case repeated(PatternTree, minimum: Int, maximum: Int?)
    case textStart
    case textEnd
}
