/// Parses RFC 9485's grammar, rule by rule.
struct IRegexpParser {
    /// Groups inside each other: what bounds the recursion of parser and compiler.
    static let maximumNesting = 100

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var groupCount = 0
    private var nesting = 0

    init(_ pattern: String) {
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(IRegexpError) -> PatternTree {
        let tree = try alternatives()
        if position < scalars.count { throw error("this ) closes nothing; a bracket as such is written \\)") }
        return tree
    }

    /// `i-regexp = branch *( "|" branch )`
    private mutating func alternatives() throws(IRegexpError) -> PatternTree {
        var branches = [try branch()]
        while take("|") { branches.append(try branch()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    /// `branch = *piece`, `piece = atom [ quantifier ]`
    private mutating func branch() throws(IRegexpError) -> PatternTree {
        var pieces: [PatternTree] = []
        let start = position
        while let next = peek, next != "|", next != ")" {
            let isFirst = position == start
            let atom = try atom()
            let repeated = try quantified(atom)
            if let repeated {
                pieces.append(repeated)
            } else if isFirst, next == "^" {
                pieces.append(.textStart)
            } else if next == "$", peek == nil || peek == "|" || peek == ")" {
                pieces.append(.textEnd)
            } else {
                pieces.append(atom)
            }
        }
        return pieces.count == 1 ? pieces[0] : .sequence(pieces)
    }

    /// `atom = NormalChar / charClass / ( "(" i-regexp ")" )`
    private mutating func atom() throws(IRegexpError) -> PatternTree {
        let start = position
        guard let scalar = next() else { throw error("a character expected") }
        switch scalar {
        case "(":
            groupCount += 1
            let number = groupCount
            nesting += 1
            if nesting > Self.maximumNesting {
                throw error("nested too deep: at most \(Self.maximumNesting) groups inside each other", at: start)
            }
            if peek == "?" { throw error("I-Regexp has no (?…): every group is plain") }
            let inner = try alternatives()
            nesting -= 1
            guard take(")") else { throw error("this ( is never closed", at: start) }
            return .group(number, inner)
        case ".":
            return .one(.dot)
        case "[":
            return .one(try characterClass(from: start))
        case "\\":
            if let categories = try categoryEscape(from: start) {
                return .one(CharacterClass(ranges: [], categories: categories))
            }
            return .one(CharacterClass(try characterEscape(from: start)))
        case "*", "+", "?", "{":
            throw error("\(scalar) has nothing to repeat; as such it is written \\\(scalar)", at: start)
        case "]", "}":
            throw error("\(scalar) as such is written \\\(scalar)", at: start)
        default:
            return .one(CharacterClass(scalar))
        }
    }

    /// `quantifier = ( "*" / "+" / "?" ) / range-quantifier`; nil if none follows.
    private mutating func quantified(_ atom: PatternTree) throws(IRegexpError) -> PatternTree? {
        let result: PatternTree
        switch peek {
        case "*": result = .repeated(atom, minimum: 0, maximum: nil)
        case "+": result = .repeated(atom, minimum: 1, maximum: nil)
        case "?": result = .repeated(atom, minimum: 0, maximum: 1)
        case "{": return try counted(atom)
        default: return nil
        }
        position += 1
        return result
    }

    /// `range-quantifier = "{" QuantExact [ "," [ QuantExact ] ] "}"`
    private mutating func counted(_ atom: PatternTree) throws(IRegexpError) -> PatternTree {
        let start = position
        position += 1
        let minimum = try count()
        var maximum: Int? = minimum
        if take(",") { maximum = peek == "}" ? nil : try count() }
        guard take("}") else { throw error("} expected") }
        if let maximum, maximum < minimum { throw error("{\(minimum),\(maximum)} is upside down", at: start) }
        return .repeated(atom, minimum: minimum, maximum: maximum)
    }

    private mutating func count() throws(IRegexpError) -> Int {
        let start = position
        var value = 0
        while let digit = peek, ("0"..."9").contains(digit) {
            // A count beyond the bound stays beyond it; the compiler refuses it.
            value = min(value * 10 + Int(digit.value - 0x30), PatternProgram.maximumSize + 1)
            position += 1
        }
        if position == start { throw error("a number of times expected; { as such is written \\{") }
        return value
    }

    /// What follows `[`: `[ "^" ] ( "-" / CCE1 ) *CCE1 [ "-" ] "]"`
    private mutating func characterClass(from start: Int) throws(IRegexpError) -> CharacterClass {
        var ranges: [ClosedRange<UInt32>] = []
        var categories: UInt32 = 0
        let isInverted = take("^")
        let first = position
        while let scalar = peek {
            let here = position
            if scalar == "]", here > first {
                position += 1
                return CharacterClass(ranges: ranges, categories: categories, isInverted: isInverted)
            }
            if scalar == "-" {
                position += 1
                guard here == first || peek == "]" else {
                    throw error("- stands first or last in [ ], or is written \\-", at: here)
                }
                ranges.append(0x2D...0x2D)
                continue
            }
            if scalar == "\\" {
                position += 1
                if let more = try categoryEscape(from: here) {
                    categories |= more
                    continue
                }
                position = here
            }
            let low = try classCharacter()
            var high = low
            if peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                high = try classCharacter()
                if high < low { throw error("this range is upside down", at: here) }
            }
            ranges.append(low.value...high.value)
        }
        throw error("this [ is never closed", at: start)
    }

    /// `CCchar`: a character of a class or its escape.
    private mutating func classCharacter() throws(IRegexpError) -> Unicode.Scalar {
        let start = position
        guard let scalar = next() else { throw error("this class is not complete") }
        switch scalar {
        case "\\": return try characterEscape(from: start)
        case "[", "]", "-": throw error("\(scalar) as such is written \\\(scalar)", at: start)
        default: return scalar
        }
    }

    /// What follows the backslash of `SingleCharEsc`.
    private mutating func characterEscape(from start: Int) throws(IRegexpError) -> Unicode.Scalar {
        switch next() {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case .some(let scalar) where "()*+-.?[\\]^{|}".unicodeScalars.contains(scalar): return scalar
        case "d": throw error("I-Regexp has no \\d; write [0-9] or \\p{Nd}", at: start)
        case "w": throw error("I-Regexp has no \\w; write [A-Za-z0-9_]", at: start)
        case "s": throw error("I-Regexp has no \\s; write [ \\t\\n\\r]", at: start)
        case "$": throw error("I-Regexp has no \\$; write [$]", at: start)
        case .some(let scalar): throw error("I-Regexp has no \\\(scalar)", at: start)
        case nil: throw error("a backslash as such is written \\\\", at: start)
        }
    }

    /// `\p{…}` or `\P{…}` after its backslash; nil, with nothing passed over, for another escape.
    private mutating func categoryEscape(from start: Int) throws(IRegexpError) -> UInt32? {
        let isInverted = peek == "P"
        guard isInverted || peek == "p" else { return nil }
        position += 1
        guard take("{") else { throw error("\\p must go on as \\p{L}", at: start) }
        var name = ""
        while let scalar = peek, scalar != "}" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}"), let categories = CharacterClass.categories(named: name) else {
            throw error("no such category; there are \\p{L}, \\p{Lu}, \\p{Nd} and so on", at: start)
        }
        return isInverted ? ~categories : categories
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        position += 1
        return scalar
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func error(_ message: String, at index: Int? = nil) -> IRegexpError {
        let offset = scalars[..<(index ?? position)].reduce(0) { $0 + UTF8.width($1) }
        return IRegexpError(offset: offset, message: message)
    }
}
