/// Runs a pattern over a whole text and tells what its groups caught (Pike): as `PatternMachine`, with the threads in
/// order of preference and each with its own notes.
struct CapturingMachine {
    private enum Task {
        case enter(Int)
        /// Takes back a note once the threads that were to see it are entered.
        case restore(slot: Int, Int)
    }

    private let program: PatternProgram
    private let slotCount: Int
    private var current: InstructionSet
    private var next: InstructionSet
    /// For each instruction in the set, at `instruction * slotCount`, the places its thread noted; -1 for none.
    private var currentNotes: [Int]
    private var nextNotes: [Int]
    /// The notes of the thread that is being entered.
    private var notes: [Int]
    private var stack: [Task] = []

    init(_ program: PatternProgram) {
        self.program = program
        slotCount = program.slotCount
        let size = program.instructions.count
        current = InstructionSet(size)
        next = InstructionSet(size)
        currentNotes = Array(repeating: -1, count: size * slotCount)
        nextNotes = currentNotes
        notes = Array(repeating: -1, count: slotCount)
    }

    /// Where the groups matched, the whole first; nil if the whole text does not match.
    mutating func run(
        _ text: UnsafeBufferPointer<UInt8>,
        budget: inout StepBudget
    ) throws(StepsExceeded) -> [Range<Int>?]? {
        var position = 0
        enter(0, at: position, of: text.count)
        while true {
            swap(&current, &next)
            swap(&currentNotes, &nextNotes)
            next.removeAll()
            try budget.spend(1 + current.count * (1 + slotCount / 8))
            if position == text.count || current.isEmpty { break }
            let (scalar, width) = text.scalar(at: position)
            position += width
            for index in 0..<current.count {
                let instruction = current[index]
                guard case .one(let characterClass) = program.instructions[instruction],
                    program.classes[characterClass].contains(scalar)
                else { continue }
                for slot in 0..<slotCount { notes[slot] = currentNotes[instruction * slotCount + slot] }
                enter(instruction + 1, at: position, of: text.count)
            }
        }
        let match = program.instructions.count - 1
        guard position == text.count, current.contains(match) else { return nil }
        var ranges: [Range<Int>?] = [0..<text.count]
        for slot in stride(from: 2, to: slotCount, by: 2) {
            let start = currentNotes[match * slotCount + slot]
            let end = currentNotes[match * slotCount + slot + 1]
            ranges.append(start >= 0 && end >= start ? start..<end : nil)
        }
        return ranges
    }

    /// Adds an instruction with `notes` to `next`, then all that are reached from it without a character, the
    /// preferred first: whoever comes second to an instruction is dropped.
    private mutating func enter(_ start: Int, at position: Int, of length: Int) {
        stack.append(.enter(start))
        while let task = stack.popLast() {
            switch task {
            case .restore(let slot, let note): notes[slot] = note
            case .enter(let index):
                guard next.insert(index) else { continue }
                switch program.instructions[index] {
                case .one, .match:
                    for slot in 0..<slotCount { nextNotes[index * slotCount + slot] = notes[slot] }
                case .jump(let target): stack.append(.enter(target))
                case .split(let first, let second):
                    stack.append(.enter(second))
                    stack.append(.enter(first))
                case .save(let slot):
                    if slot < slotCount {
                        stack.append(.restore(slot: slot, notes[slot]))
                        notes[slot] = position
                    }
                    stack.append(.enter(index + 1))
                case .requireStart: if position == 0 { stack.append(.enter(index + 1)) }
                case .requireEnd: if position == length { stack.append(.enter(index + 1)) }
                }
            }
        }
    }
}
