/// An I-Regexp as instructions for Thompson's and Pike's machines.
struct PatternProgram: Sendable {
    /// Instructions at most: what a text's every character may cost. Repetitions are written out, so `a{1000}` has
    /// a thousand.
    static let maximumSize = 5000
    /// Groups that `captures` reports; more may stand in a pattern.
    static let maximumCaptures = 99

    enum Instruction: Sendable {
        /// Takes a character of that class, then goes on with the next instruction.
        case one(Int)
        /// Goes on at both places, rather at the first.
        case split(Int, Int)
        case jump(Int)
        /// Notes the place in the text in that slot.
        case save(Int)
        case requireStart
        case requireEnd
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var classes: [CharacterClass] = []
    private(set) var groupCount = 0

    init(_ tree: PatternTree) throws(IRegexpError) {
        try emit(tree)
        try emit(.match)
    }

    /// Slots of the whole and of the groups that are captured: two each, start and end.
    var slotCount: Int { 2 * (min(groupCount, Self.maximumCaptures) + 1) }

    private mutating func emit(_ tree: PatternTree) throws(IRegexpError) {
        switch tree {
        case .one(let characterClass):
            classes.append(characterClass)
            try emit(.one(classes.count - 1))
        case .sequence(let parts):
            for part in parts { try emit(part) }
        case .alternatives(let branches):
            try emitAlternatives(branches)
        case .group(let number, let inner):
            // A group always costs instructions, even an empty one, so that the size bounds the compiler's work too.
            groupCount = max(groupCount, number)
            try emit(.save(2 * number))
            try emit(inner)
            try emit(.save(2 * number + 1))
        case .repeated(let inner, let minimum, let maximum):
            try emitRepeated(inner, minimum, maximum)
        case .textStart:
            try emit(.requireStart)
        case .textEnd:
            try emit(.requireEnd)
        }
    }

    private mutating func emitAlternatives(_ branches: [PatternTree]) throws(IRegexpError) {
        var jumps: [Int] = []
        for (position, branch) in branches.enumerated() {
            guard position < branches.count - 1 else {
                try emit(branch)
                break
            }
            let split = instructions.count
            try emit(.split(split + 1, 0))
            try emit(branch)
            jumps.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emitRepeated(
        _ inner: PatternTree,
        _ minimum: Int,
        _ maximum: Int?
    ) throws(IRegexpError) {
        for _ in 0..<minimum { try emit(inner) }
        guard let maximum else {
            let split = instructions.count
            try emit(.split(split + 1, 0))
            try emit(inner)
            try emit(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(instructions.count)
            try emit(.split(0, 0))
            try emit(inner)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }

    private mutating func emit(_ instruction: Instruction) throws(IRegexpError) {
        guard instructions.count < Self.maximumSize else {
            throw IRegexpError(
                offset: 0,
                message: "the pattern is too large: its repetitions written out, it has over \(Self.maximumSize) steps",
                isTooLarge: true
            )
        }
        instructions.append(instruction)
    }
}
