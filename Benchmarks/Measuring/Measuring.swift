import Allocations
import Glibc

/// Something whose cost is measured.
public struct Candidate {
    let name: String
    let run: () -> Void

    /// `run` does the work once.
    public init(_ name: String, _ run: @escaping () -> Void) {
        self.name = name
        self.run = run
    }
}

/// What one candidate costs.
public struct Cost {
    /// As the candidate was named.
    public let name: String
    /// The median round's CPU time, in nanoseconds for one run.
    public let nanoseconds: Double
    /// Blocks of memory asked for in one run, in the long run.
    public let allocations: Double
}

/// Measures candidates side by side: every round runs each of them, so that whatever slows the machine down slows all
/// of them, and the median of the rounds is what counts.
public func measure(_ candidates: [Candidate], runs: Int, rounds: Int = 61) -> [Cost] {
    for candidate in candidates { repeatedly(runs, candidate) }
    var times = candidates.map { _ in [Double]() }
    for _ in 0..<rounds {
        for (index, candidate) in candidates.enumerated() {
            let start = processorTime()
            repeatedly(runs, candidate)
            times[index].append((processorTime() - start) / Double(runs))
        }
    }
    return zip(candidates, times).map { candidate, times in
        let before = allocations()
        repeatedly(runs, candidate)
        let blocks = Double(allocations() - before) / Double(runs)
        return Cost(name: candidate.name, nanoseconds: times.sorted()[rounds / 2], allocations: blocks)
    }
}

private func repeatedly(_ runs: Int, _ candidate: Candidate) { for _ in 0..<runs { candidate.run() } }

/// This thread's CPU time in nanoseconds: what other processes take does not count.
private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// A number with so many digits behind the point.
public func fixed(_ number: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let scaled = Int((abs(number) * scale).rounded())
    guard digits > 0 else { return (number < 0 ? "-" : "") + String(scaled) }
    let fraction = String(scaled % Int(scale))
    return (number < 0 ? "-" : "") + "\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count)
        + fraction
}

/// Prints one line: `name`, then `key=value` for each of the others.
public func report(_ name: String, _ fields: KeyValuePairs<String, String>) {
    print(name + fields.map { "  \($0.key)=\($0.value)" }.joined())
}

/// Ends the program with 1 where a bound is missed; says so.
public func require(_ holds: Bool, _ bound: String) {
    print((holds ? "ok: " : "MISSED: ") + bound)
    if !holds { isMissed = true }
}

private nonisolated(unsafe) var isMissed = false

/// To be called last: ends the program, with 1 if a bound was missed.
public func end() -> Never { exit(isMissed ? 1 : 0) }
