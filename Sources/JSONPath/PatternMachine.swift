/// Runs a pattern over a text with all its threads side by side (Thompson): every instruction is entered at most once
/// for each character, whatever pattern and text are.
struct PatternMachine {
    private let program: PatternProgram
    private var current: InstructionSet
    private var next: InstructionSet
    private var stack: [Int] = []

    init(_ program: PatternProgram) {
        self.program = program
        current = InstructionSet(program.instructions.count)
        next = InstructionSet(program.instructions.count)
    }

    /// Whether the whole text, or with `anywhere` some part of it, matches. Each instruction entered is a step,
    /// and so is some part of the room that they take.
    mutating func run(
        _ text: UnsafeBufferPointer<UInt8>,
        anywhere: Bool,
        budget: inout StepBudget
    ) throws(StepsExceeded) -> Bool {
        try budget.spend(program.instructions.count / 4)
        var position = 0
        enter(0, at: position, of: text.count)
        swap(&current, &next)
        while true {
            try budget.spend(1 + current.count)
            let isAtEnd = position == text.count
            if anywhere || isAtEnd, current.contains(program.instructions.count - 1) { return true }
            if isAtEnd || current.isEmpty { return false }
            let (scalar, width) = text.scalar(at: position)
            position += width
            for index in 0..<current.count {
                guard case .one(let characterClass) = program.instructions[current[index]] else { continue }
                if program.classes[characterClass].contains(scalar) {
                    enter(current[index] + 1, at: position, of: text.count)
                }
            }
            if anywhere { enter(0, at: position, of: text.count) }
            swap(&current, &next)
            next.removeAll()
        }
    }

    /// Adds an instruction to `next`, with all that are reached from it without a character.
    private mutating func enter(_ start: Int, at position: Int, of length: Int) {
        stack.append(start)
        while let index = stack.popLast() {
            guard next.insert(index) else { continue }
            switch program.instructions[index] {
            case .one, .match: break
            case .jump(let target): stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .save: stack.append(index + 1)
            case .requireStart: if position == 0 { stack.append(index + 1) }
            case .requireEnd: if position == length { stack.append(index + 1) }
            }
        }
    }
}

/// A set of instructions that keeps the order in which they came, and empties at no cost (Briggs and Torczon).
struct InstructionSet {
    private var members: [Int]
    private var places: [Int]
    private(set) var count = 0

    init(_ size: Int) {
        members = Array(repeating: 0, count: size)
        places = members
    }

    var isEmpty: Bool { count == 0 }

    subscript(position: Int) -> Int { members[position] }

    func contains(_ index: Int) -> Bool {
        places[index] < count && members[places[index]] == index
    }

    /// False if it was there already.
    mutating func insert(_ index: Int) -> Bool {
        if contains(index) { return false }
        members[count] = index
        places[index] = count
        count += 1
        return true
    }

    mutating func removeAll() { count = 0 }
}

extension UnsafeBufferPointer<UInt8> {
    /// The character that begins at `position` of valid UTF-8, and its length in bytes.
    func scalar(at position: Int) -> (value: UInt32, width: Int) {
        let first = UInt32(self[position])
        if first < 0x80 { return (first, 1) }
        func tail(_ offset: Int) -> UInt32 { UInt32(self[position + offset] & 0x3F) }
        if first < 0xE0 { return ((first & 0x1F) << 6 | tail(1), 2) }
        if first < 0xF0 { return ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3) }
        return ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    }
}
