import Glibc
import ReloadQueue
import Vocabulary

/// One bound: printed, and kept or not.
func bound(_ name: String, _ value: Double, atMost limit: Double, unit: String) -> Bool {
    let kept = value <= limit
    print("  \(kept ? "pass" : "FAIL")  \(name): \(rounded(value)) \(unit), at most \(rounded(limit))")
    return kept
}

func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// Ends with 1 when a bound was not kept.
func exitWith(_ checks: [Bool]) -> Never { exit(checks.allSatisfy(\.self) ? 0 : 1) }

/// In MiB, as the system counts it.
func residentMemory() -> Double {
    var buffer = [UInt8](repeating: 0, count: 256)
    let file = open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    let count = read(file, &buffer, buffer.count)
    let fields = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(getpagesize()) / 1_048_576 : 0
}

/// This thread's CPU time in nanoseconds: what other processes take does not count.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// The value below which that share of a sorted list lies; 0 for an empty one.
func percentile(_ share: Double, of sorted: [Double]) -> Double {
    sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

func models(_ count: Int) -> [ModelReference] {
    (0..<count).map { ModelReference(name: "m\($0)", poolID: "p\($0 % 10)", dataModelID: "d\($0)") }
}

func settings(_ models: [ModelReference], _ policy: ModelPolicy, slots: Int = 4) -> QueueSettings {
    QueueSettings(
        models: Dictionary(uniqueKeysWithValues: models.map { ($0, policy) }),
        maxConcurrentLoads: slots
    )
}
