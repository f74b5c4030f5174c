/// What a reader accepts, for editors. It may accept more than the reader (a reference to a name that does not exist,
/// say), but never less.
indirect enum Schema {
    /// Any value at all.
    case anything
    /// Where text is expected, any single value is its text as written (product.md §2.1), so `5` and `true` too.
    case scalar(mayBeEmpty: Bool)
    /// Text of this form (a regular expression of ECMA-262), with examples of it.
    case text(pattern: String, examples: [String])
    case words([String])
    case boolean
    /// `true` and nothing else.
    case yes
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// A number, which may stand in quotes.
    case quotableNumber
    case list(Schema, atLeast: Int)
    /// A mapping whose keys people choose.
    case named(Schema, atLeast: Int)
    case object(ObjectSchema)
    /// At least one of these.
    case either([Schema])
    /// A part that stands in several places, or within itself; found by this name.
    case shared(String, () -> Schema)
}

/// A mapping with known keys.
struct ObjectSchema {
    /// How messages call it, and where its keys are described (`Descriptions`).
    var what: String
    /// Made when asked for: the keys of a mapping may hold the same mapping again.
    var properties: () -> [Property]
    /// What keys of these forms hold.
    var patterns: [(pattern: String, schema: Schema)] = []
    /// How many keys there must be.
    var atLeast = 0

    struct Property {
        var key: String
        var schema: Schema
        var isRequired: Bool
        /// What stands for an absent key, where that can be written.
        var standard: JSONValue?
    }
}
